//! The counted build of the runner of the control runtimes.

use runtime_control::{Floor, SameA, SameB, Sequential, Slower};

runner::counted_main!(Floor, Sequential, SameA, SameB, Slower<1>, Slower<2>, Slower<5>);

//! The counted build of the runner of the control runtimes.

use runtime_control::{Floor, Same, Sequential, Slower, TwoModes};

runner::counted_main!(Floor, Sequential, Same<'a'>, Same<'b'>, Slower<1>, Slower<2>, Slower<5>, TwoModes);

//! The runner of the control runtimes.

use runtime_control::{Floor, Sequential};

runner::main!(Floor, Sequential);

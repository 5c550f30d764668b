//! The runner of the control runtimes.

use runtime_control::{Floor, Same, Sequential, Slower, TwoModes};

runner::main!(Floor, Sequential, Same<'a'>, Same<'b'>, Slower<1>, Slower<2>, Slower<5>, TwoModes);

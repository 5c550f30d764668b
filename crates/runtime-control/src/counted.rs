//! The counted twin of the runner of the control runtimes.

use runtime_control::{Floor, Sequential};

runner::counted_main!(Floor, Sequential);

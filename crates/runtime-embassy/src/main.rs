//! The runner of embassy.

use runtime_embassy::Embassy;

runner::main!(Embassy);

//! The counted build of the runner of embassy.

use runtime_embassy::Embassy;

runner::counted_main!(Embassy);

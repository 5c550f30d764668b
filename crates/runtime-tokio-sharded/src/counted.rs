//! The counted build of the runner of a current-thread runtime of tokio on each thread.

use runtime_tokio_sharded::TokioSharded;

runner::counted_main!(TokioSharded);

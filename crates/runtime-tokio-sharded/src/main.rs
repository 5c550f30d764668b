//! The runner of a current-thread runtime of tokio on each thread.

use runtime_tokio_sharded::TokioSharded;

runner::main!(TokioSharded);

//! The counted build of the runner of tokio's two schedulers.

#[cfg(tokio_unstable)]
use runtime_tokio::{AltTimer, EagerDriver, ShardedBlocking};
use runtime_tokio::{CurrentThread, MultiThread};

#[cfg(not(tokio_unstable))]
runner::counted_main!(MultiThread, CurrentThread);
#[cfg(tokio_unstable)]
runner::counted_main!(MultiThread, CurrentThread, AltTimer, EagerDriver, ShardedBlocking);

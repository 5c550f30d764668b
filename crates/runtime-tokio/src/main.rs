//! The runner of tokio's two schedulers, in the build `unstable` with its switches.

#[cfg(tokio_unstable)]
use runtime_tokio::{AltTimer, EagerDriver, ShardedBlocking};
use runtime_tokio::{CurrentThread, MultiThread};

#[cfg(not(tokio_unstable))]
runner::main!(MultiThread, CurrentThread);
#[cfg(tokio_unstable)]
runner::main!(MultiThread, CurrentThread, AltTimer, EagerDriver, ShardedBlocking);

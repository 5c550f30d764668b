//! The runner of the two executors of futures.

use runtime_futures::{LocalPool, ThreadPool};

runner::main!(LocalPool, ThreadPool);

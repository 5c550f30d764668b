//! The counted build of the runner of the two executors of futures.

use runtime_futures::{LocalPool, ThreadPool};

runner::counted_main!(LocalPool, ThreadPool);

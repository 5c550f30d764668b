//! The runner of the OS threads.

use runtime_threads::{ThreadPool, Threads};

runner::main!(Threads, ThreadPool);

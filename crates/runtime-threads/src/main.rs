//! The runner of the OS threads.

use runtime_threads::{ThreadPool, Threads, ThreadsCondvar, ThreadsStdChannel};

runner::main!(Threads, ThreadPool, ThreadsCondvar, ThreadsStdChannel);

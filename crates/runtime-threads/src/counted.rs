//! The counted build of the runner of the OS threads.

use runtime_threads::{ThreadPool, Threads, ThreadsCondvar, ThreadsStdChannel};

runner::counted_main!(Threads, ThreadPool, ThreadsCondvar, ThreadsStdChannel);

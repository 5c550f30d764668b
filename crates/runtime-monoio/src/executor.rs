//! One executor.

use std::io;

use monoio::time::TimeDriver;
use monoio::utils::detect_uring;
use monoio::{IoUringDriver, Runtime, RuntimeBuilder};
use runner::Tally;
use runner::executors::LocalExecutor;

/// An executor of monoio's with a ring and a timer.
pub struct Executor(Runtime<TimeDriver<IoUringDriver>>);

/// One unless more are asked for.
pub type Executors = runner::executors::Executors<Executor>;

impl LocalExecutor for Executor {
    const NAME: &str = "monoio";

    fn build() -> io::Result<Self> {
        let executor = RuntimeBuilder::<IoUringDriver>::new().enable_timer().build()?;
        // Asked after a ring could be had, as monoio gives the same answer where there is none at all.
        if !detect_uring() {
            return Err(io::Error::other(
                "this kernel's lacks operations that monoio needs, which takes Linux 5.7",
            ));
        }
        Ok(Self(executor))
    }

    fn block_on<F: Future<Output = Tally>>(&mut self, root: F) -> Tally {
        self.0.block_on(root)
    }
}

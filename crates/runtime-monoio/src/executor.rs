//! One executor.

use std::io;

use monoio::time::TimeDriver;
use monoio::utils::detect_uring;
use monoio::{IoUringDriver, Runtime, RuntimeBuilder};
use runner::executors::LocalExecutor;
use runner::{Job, Refusal, Tally, io_uring};

/// An executor of monoio's with a ring and a timer.
pub struct Executor(Runtime<TimeDriver<IoUringDriver>>);

/// One unless more are asked for.
pub type Executors = runner::executors::Executors<Executor>;

impl LocalExecutor for Executor {
    fn build(_: &Job) -> Result<Self, Refusal> {
        let refuse = |error| io_uring::refuse("monoio", &error);
        let executor = RuntimeBuilder::<IoUringDriver>::new().enable_timer().build().map_err(refuse)?;
        // Checked after a ring has been set up, as monoio gives the same answer where none can be.
        if !detect_uring() {
            return Err(refuse(io::Error::other(
                "this kernel's lacks operations that monoio needs, which takes Linux 5.7",
            )));
        }
        Ok(Self(executor))
    }

    fn block_on<F: Future<Output = Tally>>(&mut self, root: F) -> Tally {
        self.0.block_on(root)
    }
}

//! One executor.

use compio::runtime::Runtime;
use runner::executors::LocalExecutor;
use runner::{Job, Refusal, Tally, io_uring};

/// A runtime of compio's with all at its defaults.
pub struct Executor(Runtime);

/// One unless more are asked for.
pub type Executors = runner::executors::Executors<Executor>;

impl LocalExecutor for Executor {
    fn build(_: &Job) -> Result<Self, Refusal> {
        Runtime::new().map(Self).map_err(|error| io_uring::refuse("compio", &error))
    }

    fn block_on<F: Future<Output = Tally>>(&mut self, root: F) -> Tally {
        self.0.block_on(root)
    }
}

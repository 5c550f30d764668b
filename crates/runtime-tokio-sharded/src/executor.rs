//! One runtime.

use runner::executors::LocalExecutor;
use runner::{Job, Refusal, Tally};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

/// A runtime of one thread with all at its defaults and `enable_all`.
pub struct Executor(LocalRuntime);

/// One a core unless another number is asked for.
pub type Executors = runner::executors::Executors<Executor>;

impl LocalExecutor for Executor {
    fn build(_: &Job) -> Result<Self, Refusal> {
        Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).map(Self).map_err(
            |error| Refusal::unavailable(format!("tokio cannot build a current-thread runtime: {error}")),
        )
    }

    fn block_on<F: Future<Output = Tally>>(&mut self, root: F) -> Tally {
        self.0.block_on(root)
    }
}

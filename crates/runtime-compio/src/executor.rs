//! One executor.

use std::io;

use compio::runtime::Runtime;
use runner::Tally;
use runner::executors::LocalExecutor;

/// A runtime of compio's with all at its defaults.
pub struct Executor(Runtime);

/// One unless more are asked for.
pub type Executors = runner::executors::Executors<Executor>;

impl LocalExecutor for Executor {
    const NAME: &str = "compio";

    fn build() -> io::Result<Self> {
        Runtime::new().map(Self)
    }

    fn block_on<F: Future<Output = Tally>>(&mut self, root: F) -> Tally {
        self.0.block_on(root)
    }
}

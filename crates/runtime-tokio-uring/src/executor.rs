//! One runtime.

use std::io;

use runner::Tally;
use runner::executors::LocalExecutor;
use tokio_uring::Runtime;

/// A runtime of tokio-uring's with all at its defaults.
pub struct Executor(Runtime);

/// One unless more are asked for.
pub type Executors = runner::executors::Executors<Executor>;

impl LocalExecutor for Executor {
    const NAME: &str = "tokio-uring";

    fn build() -> io::Result<Self> {
        Runtime::new(&tokio_uring::builder()).map(Self)
    }

    fn block_on<F: Future<Output = Tally>>(&mut self, root: F) -> Tally {
        self.0.block_on(root)
    }
}

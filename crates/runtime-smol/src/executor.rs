//! The executor of all tasks: smol's own, and the one for statics of the crate that smol takes it
//! from.

use smol::Task;

/// An executor in a static. Making one costs nothing, so that it can be one, and tasks can reach it
/// without counting references.
pub trait Executor: 'static {
    /// Spawns a task.
    fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Task<T>;

    /// Runs a future to its end on this thread, and meanwhile the tasks that have been spawned.
    fn run<T: Send>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send;
}

/// [`smol::Executor`].
pub struct Plain;

static PLAIN: smol::Executor<'static> = smol::Executor::new();

impl Executor for Plain {
    #[inline]
    fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Task<T> {
        PLAIN.spawn(future)
    }

    #[inline]
    fn run<T: Send>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
        PLAIN.run(future)
    }
}

/// [`async_executor::StaticExecutor`]: it can never be dropped, and so keeps no list of its tasks.
pub struct Static;

static STATIC: async_executor::StaticExecutor = async_executor::StaticExecutor::new();

impl Executor for Static {
    #[inline]
    fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Task<T> {
        STATIC.spawn(future)
    }

    #[inline]
    fn run<T: Send>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
        STATIC.run(future)
    }
}

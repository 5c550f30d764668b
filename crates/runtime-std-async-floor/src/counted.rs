//! The counted build of the runner of the executor of one thread.

use runtime_std_async_floor::StdAsyncFloor;

runner::counted_main!(StdAsyncFloor);

//! The runner of the executor of one thread.

use runtime_std_async_floor::StdAsyncFloor;

runner::main!(StdAsyncFloor);

//! The runner of the libraries for fork and join.

use runtime_fork_join::{BevyTasks, Chili};

runner::main!(Chili, BevyTasks);

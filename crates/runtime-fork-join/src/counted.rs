//! The counted build of the runner of the libraries for fork and join.

use runtime_fork_join::{BevyTasks, Chili};

runner::counted_main!(Chili, BevyTasks);

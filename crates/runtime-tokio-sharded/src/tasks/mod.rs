//! The root future of each workload on one executor, and the tasks that it spawns and joins.

pub mod files;
mod join;
pub mod net;
pub mod switching;
pub mod tree;
pub mod waiting;
pub mod work;

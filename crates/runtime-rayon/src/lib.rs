//! rayon: fork and join on a thread per core.
//!
//! It is here for tasks that compute, for which it was made. A task of rayon runs to its end on the
//! worker that took it. So it has no timers, channels or sockets, and none is imitated: most
//! workloads are unsupported, each with its reason.
//!
//! Settings: a worker for each core unless asked otherwise, not pinned, stacks of 2 MiB, all of
//! them defaults; a pool of its own and not the global one, so that its size can be a parameter.
//!
//! # What could mislead
//!
//! - `cpu` is a parallel iterator, the usual way to use rayon. rayon halves the range as long as a
//!   worker is idle, and runs what is left as a plain loop: there are far fewer jobs than tasks. In
//!   `spawn` and `skynet` each task is a job, as they measure what a task costs.
//! - A worker takes what it spawned last first, and others steal what it spawned first. A worker
//!   that waits for its children runs other jobs meanwhile, on top of its own stack. So `skynet` is
//!   walked depth first, and hardly any of its tree is alive at once.
//! - Results come back through slots that the spawner made, not through handles.
//! - An idle worker searches for work for a while before it sleeps, which costs CPU time beyond the
//!   work.

mod pool;
mod work;

pub use pool::Rayon;

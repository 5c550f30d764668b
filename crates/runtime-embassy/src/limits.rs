//! What embassy wants to know when it is compiled.

/// Tasks of each kind that there can be at once. The attribute of a task wants it when it is compiled: a number that
/// the usual experiments stay below, and that takes a few megabytes of addresses.
pub const TASKS_MOST: usize = 10_000;

/// Messages that fit into the channel of `fan-in`: the default of the workload, as the type of a channel has it.
pub const CAPACITY: usize = 1024;

//! Which CPUs the process may run on: the meaning of `workers` where tasks are threads.

use protocol::Refusal;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Restricts a process of one thread to `count` of its CPUs. Threads that it starts later inherit
/// this. For runtimes whose tasks are threads, so that the CPUs limit their parallelism, and not a
/// pool.
///
/// # Errors
/// When there are not so many.
pub fn restrict_to_cpus(count: u32) -> Result<(), Refusal> {
    let refuse = |error| Refusal::unavailable(format!("CPU affinity cannot be read or set: {error}"));
    let allowed = sched_getaffinity(None).map_err(refuse)?;
    if count > allowed.count() {
        return Err(Refusal::unsupported(format!(
            "{count} workers: its tasks are threads, which run on the {} CPUs there are",
            allowed.count()
        )));
    }
    let mut chosen = CpuSet::new();
    let ours = (0..CpuSet::MAX_CPU).filter(|&cpu| allowed.is_set(cpu));
    ours.take(count as usize).for_each(|cpu| chosen.set(cpu));
    sched_setaffinity(None, &chosen).map_err(refuse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_cpus_than_there_are() {
        // On a thread of its own: affinity is a thread's, and the tests share a process.
        std::thread::spawn(|| {
            assert!(restrict_to_cpus(1).is_ok());
            assert_eq!(sched_getaffinity(None).unwrap().count(), 1);
            assert!(restrict_to_cpus(2).unwrap_err().reason.contains("the 1 CPUs there are"));
        })
        .join()
        .unwrap();
    }
}

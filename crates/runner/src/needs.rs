//! What a runtime needs of the machine. The runner checks it before a job starts: a job that ran
//! into a limit midway would hang, abort, or measure something else.

use protocol::workload::{CALL, call};
use protocol::{Job, Refusal, Workload};

use crate::limits::{require_files, require_mappings, require_threads};

/// How many of something a runtime takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So many, whatever the job.
    InAll(u64),
    /// So many for each worker.
    PerWorker(u64),
    /// So many for each task that is alive.
    PerTask(u64),
}

use Amount::{InAll, PerWorker};

/// What a runtime takes of the things that have a limit.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    /// The most tasks of a job that can be alive at once, each with its file or connection.
    pub alive: fn(&Job, Workload) -> u64,
    /// Files that the runtime opens for itself.
    pub files: Amount,
    /// Files that the server of `echo` has open to listen.
    pub listeners: Amount,
    /// Threads that run tasks.
    pub threads: Amount,
    /// Threads for blocking calls at most. No more start than there are tasks.
    pub blocking_threads: Amount,
    /// Whether `file-read` reads on threads for blocking calls.
    pub reads_block: bool,
    /// Memory mappings.
    pub mappings: Amount,
}

impl Needs {
    /// Of a runtime that has all tasks alive at once, a thread for each worker, and no file of its
    /// own.
    pub const DEFAULT: Self = Self {
        alive: |job, _| job.tasks,
        files: InAll(0),
        listeners: InAll(1),
        threads: PerWorker(1),
        blocking_threads: InAll(0),
        reads_block: false,
        mappings: InAll(0),
    };

    /// Refuses a job that the limits of this machine do not allow.
    pub(crate) fn require(&self, job: &Job, workload: Workload) -> Result<(), Refusal> {
        let alive = (self.alive)(job, workload);
        let (count, mappings) = self.mappings.parts(job, alive);
        require_mappings(count, mappings)?;
        let threads = self.threads.total(job, alive);
        require_threads(threads.saturating_add(self.blocking_threads(job, workload)))?;
        let files = self.files.total(job, alive);
        require_files(files.saturating_add(self.task_files(job, workload, alive)))
    }

    fn blocking_threads(&self, job: &Job, workload: Workload) -> u64 {
        let used = match workload {
            Workload::FileRead => self.reads_block,
            Workload::Blocking => workload.param(&job.params, CALL) == call::ESCAPE,
            _ => false,
        };
        if used { self.blocking_threads.total(job, job.tasks).min(job.tasks) } else { 0 }
    }

    /// How many files the tasks have open at once.
    fn task_files(&self, job: &Job, workload: Workload, alive: u64) -> u64 {
        match workload {
            // Both ends of every pipe.
            Workload::Brigade => job.tasks.saturating_add(1).saturating_mul(2),
            Workload::Request | Workload::FileRead => alive,
            Workload::Echo => job.tasks.saturating_add(self.listeners.total(job, alive)),
            _ => 0,
        }
    }
}

impl Amount {
    /// For how many things, and how many for each.
    fn parts(self, job: &Job, alive: u64) -> (u64, u64) {
        match self {
            InAll(amount) => (1, amount),
            PerWorker(amount) => (job.workers.into(), amount),
            Self::PerTask(amount) => (alive, amount),
        }
    }

    fn total(self, job: &Job, alive: u64) -> u64 {
        let (count, amount) = self.parts(job, alive);
        count.saturating_mul(amount)
    }
}

#[cfg(test)]
mod tests {
    use protocol::Params;

    use super::*;

    const POOLED: Needs = Needs { blocking_threads: PerWorker(100), ..Needs::DEFAULT };

    fn job(workload: Workload, tasks: u64) -> Job {
        Job { workers: 3, ..Job::new("x", workload, tasks) }
    }

    #[test]
    fn the_files_of_tasks_are_those_of_their_workload() {
        let files = |workload| POOLED.task_files(&job(workload, 10), workload, 10);
        assert_eq!(files(Workload::Brigade), 22, "the ends of eleven pipes");
        assert_eq!(files(Workload::Request), 10);
        assert_eq!(files(Workload::Echo), 11);
        assert_eq!(files(Workload::Sleep), 0);
        let listening = Needs { listeners: PerWorker(2), ..POOLED };
        assert_eq!(listening.task_files(&job(Workload::Echo, 10), Workload::Echo, 10), 16);
    }

    #[test]
    fn threads_for_blocking_calls_start_where_calls_block_and_no_more_than_there_are_tasks() {
        let threads = |needs: Needs, tasks, call| {
            let params = Params::from([(CALL.into(), call)]);
            needs.blocking_threads(&Job { params, ..job(Workload::Blocking, tasks) }, Workload::Blocking)
        };
        assert_eq!(threads(POOLED, 1000, call::ESCAPE), 300);
        assert_eq!(threads(POOLED, 10, call::ESCAPE), 10);
        assert_eq!(threads(POOLED, 10, call::NAIVE), 0);
        let read = |needs: Needs| needs.blocking_threads(&job(Workload::FileRead, 10), Workload::FileRead);
        assert_eq!((read(POOLED), read(Needs { reads_block: true, ..POOLED })), (0, 10));
    }

    #[test]
    fn what_is_needed_for_each_task_that_is_alive_is_refused_with_the_limit() {
        let needs = Needs { mappings: Amount::PerTask(4), threads: Amount::PerTask(1), ..Needs::DEFAULT };
        let refusal = |tasks| needs.require(&job(Workload::Hold, tasks), Workload::Hold);
        assert_eq!(refusal(10), Ok(()));
        assert!(refusal(1 << 40).unwrap_err().reason.contains("vm.max_map_count"));
        let alone = Needs { alive: |_, _| 1, ..needs };
        assert_eq!(alone.require(&job(Workload::Hold, 1 << 40), Workload::Hold), Ok(()));
    }
}

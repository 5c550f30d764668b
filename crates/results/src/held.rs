//! Whether the tasks of a `hold` left a trace while all were alive. That they exist is otherwise a runner's own word: one
//! that says `holding` and holds nothing would take no memory at all, and be the best.

use protocol::Workload;

use crate::metric::Metric;
use crate::rows::TrialRow;

/// Of fewer tasks than this, what they add may fit into pages that are there already.
const FEWEST: u64 = 1000;

/// Bytes of a task at least: half a pointer. The floor, which keeps one pointer for each, comes to 7.2 and more.
const A_TASK: u64 = 4;

/// What a process may touch in passing: less than two pages.
const IN_PASSING: u64 = 2 * 4096;

/// What is said of tasks that left none.
pub const NO_TRACE: &str = "while all tasks were alive they took no memory and no threads: that there were any is the runner's own word";

/// Whether so many tasks added next to nothing to the memory of the process and to that of the kernel, and fewer threads
/// than there are tasks. `of` gives the growth of either memory, and the number of threads, where they are known: a
/// trial's, or the median of a cell's.
pub fn left_no_trace(workload: &str, tasks: u64, of: impl Fn(Metric) -> Option<f64>) -> bool {
    let least = tasks.saturating_mul(A_TASK).max(IN_PASSING);
    let is_below = |metric, bound: u64| of(metric).map(|value| value < bound as f64);
    workload == Workload::Hold.name()
        && tasks >= FEWEST
        && is_below(Metric::RssGrowth, least) == Some(true)
        && is_below(Metric::KernelGrowth, least) != Some(false)
        && is_below(Metric::ThreadsPeak, tasks) != Some(false)
}

impl TrialRow {
    /// The same of a single trial.
    pub fn left_no_trace(&self) -> bool {
        left_no_trace(&self.workload, self.tasks, |metric| metric.value(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_that_add_neither_memory_nor_threads_are_told_from_those_that_do() {
        let held = |change: fn(&mut TrialRow)| {
            let mut row = TrialRow {
                workload: "hold".into(),
                tasks: 1000,
                rss_ready_bytes: Some(1 << 20),
                rss_holding_bytes: Some((1 << 20) + 4096),
                kernel_ready_bytes: Some(1 << 30),
                kernel_holding_bytes: Some(1 << 30),
                threads_peak: Some(1),
                ..TrialRow::default()
            };
            change(&mut row);
            row.left_no_trace()
        };
        assert!(held(|_| ()));
        assert!(held(|row| row.rss_holding_bytes = Some(1 << 19)), "it may even give memory back");
        assert!(
            held(|row| (row.kernel_ready_bytes, row.threads_peak) = (None, None)),
            "what else is known says so"
        );
        assert!(
            !held(|row| row.rss_holding_bytes = Some((1 << 20) + 8192)),
            "eight bytes each, as of the floor"
        );
        assert!(!held(|row| row.kernel_holding_bytes = Some((1 << 30) + 237_000)), "requests of io_uring");
        assert!(!held(|row| row.threads_peak = Some(1001)));
        assert!(!held(|row| row.rss_ready_bytes = None), "nothing is known");
        assert!(!held(|row| row.tasks = 999));
        assert!(!held(|row| row.workload = "sleep".into()));
    }
}

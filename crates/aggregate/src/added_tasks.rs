//! `memory_per_added_task_bytes`: what one more task takes once there are many, from two cells of one block.
//!
//! The memory of a `hold` over its tasks holds what a runtime takes once, whatever their number: at 1000 tasks that can
//! be most of it. So the growth of a tenth of the tasks is subtracted, and the rest divided by the tasks that were added:
//! (hold-10000 − hold-1000) ÷ 9000. Resident memory and the kernel's are counted, as a task that lies in the kernel is
//! not free.

use std::collections::HashMap;

use protocol::Workload;
use results::Metric;
use results::metric::ADDED_TASKS_FACTOR;

use crate::measured_cell::MeasuredCell;

/// Fills in the metric, where the cell with a tenth of the tasks was measured as well.
pub(crate) fn fill_in(cells: &mut [MeasuredCell]) {
    let holds: Vec<usize> =
        (0..cells.len()).filter(|place| cells[*place].identity.workload == Workload::Hold.name()).collect();
    let pairs = holds.iter().filter_map(|large| {
        let is_tenth = |small: &&usize| are_alike(&cells[**small], &cells[*large]);
        Some((*large, *holds.iter().find(is_tenth)?))
    });
    for (large, small) in pairs.collect::<Vec<_>>() {
        let [of_all, undisturbed] = {
            let (large, small) = (&cells[large], &cells[small]);
            [
                of_blocks(large, &large.outcomes(FOOTPRINT), &small.outcomes(FOOTPRINT)),
                of_blocks(
                    large,
                    &large.undisturbed_outcomes(FOOTPRINT),
                    &small.undisturbed_outcomes(FOOTPRINT),
                ),
            ]
        };
        cells[large].set(Metric::MemoryPerAddedTask, of_all, &undisturbed);
    }
}

const FOOTPRINT: Metric = Metric::FootprintGrowth;

/// Whether the first is the second with a tenth of its tasks.
fn are_alike(small: &MeasuredCell, large: &MeasuredCell) -> bool {
    let (small, large) = (&small.identity, &large.identity);
    small.tasks * ADDED_TASKS_FACTOR == large.tasks
        && (&small.experiment, &small.runtime, small.workers, &small.params)
            == (&large.experiment, &large.runtime, large.workers, &large.params)
}

/// For each block of the larger cell: NaN where the difference is not known. The smaller cell may have run in other
/// blocks; then its nearest block stands for it, whose noise comes in as it would have.
fn of_blocks(cell: &MeasuredCell, large: &[(u32, f64)], small: &[(u32, f64)]) -> Vec<f64> {
    let added = (cell.identity.tasks - cell.identity.tasks / ADDED_TASKS_FACTOR) as f64;
    let large: HashMap<u32, f64> = large.iter().copied().collect();
    let nearest = |block: u32| {
        let known = small.iter().filter(|(_, small)| small.is_finite());
        known.min_by_key(|(of, _)| of.abs_diff(block)).map(|(_, small)| small)
    };
    let difference = |block: u32| Some((large.get(&block)? - nearest(block)?) / added);
    cell.timed_trials().iter().map(|trial| difference(trial.block).unwrap_or(f64::NAN)).collect()
}

#[cfg(test)]
mod tests {
    use results::TrialRow;

    use super::*;
    use crate::fixture::{timed, trials};

    fn hold(runtime: &str, tasks: u64, block: u32, resident: u64, kernel: u64) -> TrialRow {
        TrialRow {
            cell: format!("hold-{tasks}_{runtime}"),
            group: format!("hold-{tasks}"),
            runtime: runtime.into(),
            workload: "hold".into(),
            tasks,
            rss_ready_bytes: Some(50),
            rss_holding_bytes: Some(50 + resident),
            kernel_ready_bytes: Some(7),
            kernel_holding_bytes: Some(7 + kernel),
            ..timed("a", block, 10)
        }
    }

    #[test]
    fn what_is_taken_once_is_in_no_memory_per_added_task_and_the_kernels_is() {
        let once = 1_000_000;
        let of = |tasks, block| hold("x", tasks, block, once + 200 * tasks, 100 * tasks);
        let twice = hold("x", 10_000, 5, once + 400 * 10_000, 0);
        let rows = [of(1000, 1), of(10_000, 1), of(1000, 2), of(10_000, 2), twice, hold("y", 1000, 1, 1, 1)];
        let trials = trials(&rows);
        let values = |cell: &str| {
            let cell = trials.cells.iter().find(|one| one.identity.cell == cell).unwrap();
            cell.outcomes(Metric::MemoryPerAddedTask)
        };
        assert_eq!(
            values("hold-10000_x"),
            [(1, 300.0), (2, 300.0), (5, (once as f64 + 4e6 - (once as f64 + 3e5)) / 9000.0)]
        );
        assert!(values("hold-1000_x").is_empty() && values("hold-1000_y").is_empty());
    }
}

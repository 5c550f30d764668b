//! What of the tables of a run its report shows: of a large run a fifth, and nothing else is kept.

use std::collections::{HashMap, HashSet};

use protocol::Workload;
use results::overview::overview_groups;
use results::{Against, Cell, Fitted, Metric, Plan, RatioRow, ScalingRow, SummaryRow, Workers};

/// Metrics of `summary.csv` that no table and no figure shows: a third of its rows.
const UNSEEN: [Metric; 16] = [
    Metric::OverheadPerTask,
    Metric::CpuPerOperation,
    Metric::ProcessLifetime,
    Metric::GoToDone,
    Metric::FinishSpread,
    Metric::RssReady,
    Metric::VirtualPeak,
    Metric::FootprintGrowth,
    Metric::VirtualPerTask,
    Metric::DeallocationsPerTask,
    Metric::ReallocationsPerTask,
    Metric::AllocatedBytesPerTask,
    Metric::Steal,
    Metric::OtherProcessesCpu,
    Metric::CpuKhz,
    Metric::SwitchesInvoluntary,
];

/// Metrics that are shown of a few groups alone: of the overview groups, of the thousand tasks, and where they are the
/// measure of the workload or its tail.
const SELDOM_SEEN: [Metric; 21] = [
    Metric::Startup,
    Metric::LaterMakespan,
    Metric::Operation,
    Metric::LaterOperation,
    Metric::OperationsPerSecond,
    Metric::LaterOperationsPerSecond,
    Metric::PeakInFlight,
    Metric::LatencyP50,
    Metric::LatencyP90,
    Metric::LatencyP99,
    Metric::LaterLatencyP99,
    Metric::LatencyP999,
    Metric::LatencyMax,
    Metric::LatenessP50,
    Metric::LatenessP99,
    Metric::LaterLatenessP99,
    Metric::LatenessMax,
    Metric::CpuPerTask,
    Metric::SwitchesPerTask,
    Metric::FaultsMinorPerTask,
    Metric::RssPeak,
];

/// Workloads of which a figure shows the tail.
const TAILED: [Workload; 2] = [Workload::Echo, Workload::Mixed];

/// The workload and the tasks of the thousand tasks, of which there is a table that shows all.
const THOUSAND: (&str, u64) = ("sleep", 1000);

/// Metrics whose crossovers are worth a word beside two runtimes.
const CROSSING: [Metric; 3] = [Metric::Makespan, Metric::Total, Metric::LaterMakespan];

/// Which rows of `summary.csv` and `ratios.csv` the report shows: of a large run a fifth.
pub struct Shown<'a> {
    cells: HashMap<&'a str, &'a Cell>,
    /// The overview groups.
    groups: HashSet<&'a str>,
}

impl<'a> Shown<'a> {
    /// What of this plan is shown.
    pub fn of(plan: &'a Plan) -> Self {
        let cells = plan.cells.iter().map(|planned| (planned.cell.id.as_str(), &planned.cell));
        Self { cells: cells.collect(), groups: overview_groups(plan).into_iter().collect() }
    }

    /// Whether a row of `summary.csv` is shown.
    pub fn has(&self, row: &SummaryRow) -> bool {
        if UNSEEN.contains(&row.metric) {
            return false;
        }
        if row.metric == Metric::CpusBusy {
            // It is told where one worker was asked for.
            let cell = self.cells.get(&*row.cell);
            return cell.is_some_and(|cell| cell.workers_asked == Some(Workers::Count(1)));
        }
        let has_tail = || TAILED.iter().any(|workload| workload.name() == row.workload);
        let measure = || self.cells.get(&*row.cell).and_then(|cell| cell.headline());
        !SELDOM_SEEN.contains(&row.metric)
            || self.is_of_shown(&row.group, &row.workload, row.tasks)
            || has_tail()
            || measure().is_some_and(|measure| measure.summary.contains(&row.metric))
    }

    /// Pairs there are of the overview groups alone; of other ratios makespans are shown.
    pub fn has_ratio(&self, row: &RatioRow) -> bool {
        row.against == Against::Pair
            || row.metric == Metric::Makespan && self.is_of_shown(&row.group, &row.workload, row.tasks)
    }

    /// Whether all is shown of a group: of an overview group, and of the thousand tasks.
    fn is_of_shown(&self, group: &str, workload: &str, tasks: u64) -> bool {
        self.groups.contains(group) || (workload, tasks) == THOUSAND
    }
}

/// Whether a row of `scaling.csv` says where one of two runtimes begins to cost less than the other, in time.
pub fn is_break_even(row: &ScalingRow) -> bool {
    let is_timed = row.workload != Workload::Hold.name() && CROSSING.contains(&row.metric);
    is_timed && row.quantity == Fitted::Crossover && row.ci_high.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture::reference;

    #[test]
    fn what_is_kept_of_the_thousand_tasks_is_what_their_table_shows() {
        assert_eq!(THOUSAND, crate::content::headline::HEADLINE);
        let run = reference();
        let tokio =
            run.cells().find(|cell| (&*cell.workload, cell.tasks, &*cell.label) == ("sleep", 1000, "tokio"));
        assert!(run.summary_of(&tokio.unwrap().id, Metric::PeakInFlight).is_some());
        let other =
            run.cells().find(|cell| (&*cell.workload, cell.tasks, &*cell.label) == ("sleep", 100, "tokio"));
        assert!(run.summary_of(&other.unwrap().id, Metric::Makespan).is_some());
        assert!(run.summary_of(&other.unwrap().id, Metric::PeakInFlight).is_none());
    }
}

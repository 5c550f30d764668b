//! The *overview group* of each workload: the one group that an overview shows for it, and in which any two runtimes are
//! compared.
//!
//! An experiment asks for a workload with several numbers of tasks, workers and parameters. Whoever puts two runtimes side
//! by side needs one group for each workload. It is chosen by the plan alone, so that no result can decide it, and all who
//! read the plan choose the same. Experiments about the lab itself do not count, nor do rungs of a ladder, whose failure is
//! the result.

use std::collections::HashSet;

use protocol::workload::{ACROSS, across};
use protocol::{Params, Workload};

use crate::cell::{Cell, Workers};
use crate::grouping::{distinct, grouped_by, heaviest};
use crate::measure::Measure;
use crate::metric::{ADDED_TASKS_FACTOR, Metric};
use crate::plan::{Plan, PlannedCell};

/// The experiment in which the lab measures itself: the truth about its runtimes is known, and they do not compete.
pub const CALIBRATION: &str = "calibration";

/// The experiment with which every run shows what it can see: the ratios of its programs are known.
pub const KNOWN_TRUTH: &str = "known-truth";

/// Whether an experiment is about the lab itself, so that its programs are no runtimes that anybody could choose.
pub fn is_about_the_lab(experiment: &str) -> bool {
    [CALIBRATION, KNOWN_TRUTH].contains(&experiment)
}

/// The tasks of the group that is shown for `sleep`, where there is one.
const SLEEPING_TASKS: u64 = 1000;

/// The names of the overview groups, one for each workload, in the order in which the plan first has each workload.
///
/// It is the group with most ranked runtimes; of several the one with most planned blocks, then with most tasks, then the
/// first of the plan. For `sleep` a group of 1000 tasks goes before all others, for `cpu` one that asks for all cores, and for
/// `mutex` one whose lock is held across a yield. For `hold` it is the group with most tasks of those that have [`Metric::MemoryPerAddedTask`], or with most tasks where none
/// has it.
pub fn overview_groups(plan: &Plan) -> Vec<&str> {
    let left_out: HashSet<(&str, &str)> =
        plan.left_out.iter().filter_map(|out| Some((&*out.experiment, out.cell.as_deref()?))).collect();
    let is_shown = |planned: &&PlannedCell| {
        let cell = &planned.cell;
        let is_run = !left_out.contains(&(&*cell.experiment, &*cell.id));
        is_run && !planned.ceiling && !is_about_the_lab(&cell.experiment)
    };
    let shown: Vec<&PlannedCell> = plan.cells.iter().filter(is_shown).collect();
    let holds: HashSet<Hold> = shown.iter().map(|planned| Hold::of(&planned.cell)).collect();
    let groups = grouped_by(shown, |planned| (&*planned.cell.experiment, &*planned.cell.group));
    let best = heaviest(groups, |group| &*group[0].cell.workload, |group| weight(plan, group, &holds));
    best.into_iter().map(|group| &*group[0].cell.group).collect()
}

/// What decides between groups of one workload, what counts most first.
type Weight = (bool, u64, usize, u32, u64);

fn weight(plan: &Plan, group: &[&PlannedCell], holds: &HashSet<Hold>) -> Weight {
    let (workload, tasks) = (&*group[0].cell.workload, group[0].cell.tasks);
    let (is_preferred, first) = match Workload::from_name(workload) {
        Some(Workload::Sleep) => (tasks == SLEEPING_TASKS, 0),
        // What computes is asked of all cores.
        Some(Workload::Cpu) => (group[0].cell.workers_asked == Some(Workers::All), 0),
        // Of a free lock nobody waits: whoever asks how tasks take turns asks for one that is held across a yield.
        Some(Workload::Mutex) => (is_contended(&group[0].cell.params), 0),
        Some(Workload::Hold) => (group.iter().any(|planned| has_a_tenth(&planned.cell, holds)), tasks),
        _ => (false, 0),
    };
    let ranked = group.iter().filter(|planned| plan.description(&planned.cell.runtime).is_ranked());
    let labels = distinct(ranked.map(|planned| &*planned.cell.label)).len();
    let blocks = group.iter().map(|planned| planned.timed).max().unwrap_or(0);
    (is_preferred, first, labels, blocks, tasks)
}

/// Whether the tasks of `mutex` have to wait for each other.
fn is_contended(params: &Params) -> bool {
    Workload::Mutex.param(params, ACROSS) == across::YIELD
}

/// What two cells of `hold` have in common that differ in their tasks alone, and the tasks.
#[derive(PartialEq, Eq, Hash)]
struct Hold<'a> {
    experiment: &'a str,
    label: &'a str,
    workload: &'a str,
    workers: u32,
    params: &'a Params,
    tasks: u64,
}

impl<'a> Hold<'a> {
    fn of(cell: &'a Cell) -> Self {
        let Cell { experiment, label, workload, workers, params, tasks, .. } = cell;
        Self { experiment, label, workload, workers: *workers, params, tasks: *tasks }
    }
}

/// Whether the same is planned with a tenth of the tasks, from which the memory of an added task follows.
fn has_a_tenth(cell: &Cell, holds: &HashSet<Hold>) -> bool {
    let tasks = cell.tasks / ADDED_TASKS_FACTOR;
    tasks * ADDED_TASKS_FACTOR == cell.tasks && holds.contains(&Hold { tasks, ..Hold::of(cell) })
}

/// By what runtimes are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aspect {
    /// What a program pays that runs the workload once.
    Cold,
    /// What it pays in the rounds after the first.
    Later,
    /// Memory.
    Memory,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cold, Self::Later, Self::Memory];

    /// Its name in an address.
    pub fn id(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Later => "later",
            Self::Memory => "memory",
        }
    }

    /// What a ratio of this metric is about.
    pub fn of(metric: Metric) -> Self {
        match metric.unit() {
            "bytes" => Self::Memory,
            _ if metric.is_of_later_rounds() => Self::Later,
            _ => Self::Cold,
        }
    }
}

/// The metrics by which any two runtimes of an overview group are compared: the measure of its workload in the cold round
/// and in the later ones; of `sleep` also the time with the start of the program, and how late the tasks wake; of `hold`
/// memory per task.
pub fn pair_metrics(workload: Workload, params: &Params) -> Vec<Metric> {
    let mut metrics = Measure::of(workload, params).cold_and_later().to_vec();
    match workload {
        Workload::Sleep => metrics.extend([Metric::Total, Metric::LatenessP99]),
        Workload::Hold => metrics.extend([Metric::RssPerTask, Metric::MemoryPerAddedTask]),
        _ => {}
    }
    metrics
}

#[cfg(test)]
mod tests {
    use crate::described::Described;
    use crate::fixture::planned;
    use crate::{LeftOut, PresetName};

    use super::*;

    /// A cell of each of these runtimes, with so many tasks and blocks.
    fn group(
        experiment: &str,
        workload: &str,
        (tasks, timed): (u64, u32),
        labels: &[&str],
    ) -> Vec<PlannedCell> {
        let group = format!("{experiment}_{workload}-{tasks}");
        let cell = |label: &&str| {
            let mut planned = planned(label, timed);
            let cell = Cell { id: format!("{group}_{label}"), tasks, group: group.clone(), ..planned.cell };
            planned.cell = Cell { experiment: experiment.into(), workload: workload.into(), ..cell };
            planned
        };
        labels.iter().map(cell).collect()
    }

    fn plan(groups: &[Vec<PlannedCell>]) -> Plan {
        Plan { cells: groups.concat(), ..Plan::empty(PresetName::Default, 7) }
    }

    fn chosen(groups: &[Vec<PlannedCell>]) -> Vec<String> {
        overview_groups(&plan(groups)).into_iter().map(String::from).collect()
    }

    const TWO: [&str; 2] = ["a", "b"];
    const THREE: [&str; 3] = ["a", "b", "c"];

    #[test]
    fn most_ranked_runtimes_go_before_most_blocks_and_these_before_most_tasks() {
        let yields = |at, labels: &[&str]| group("y", "yield", at, labels);
        assert_eq!(chosen(&[yields((10, 7), &THREE), yields((1000, 21), &TWO)]), ["y_yield-10"]);
        assert_eq!(chosen(&[yields((10, 21), &TWO), yields((1000, 7), &TWO)]), ["y_yield-10"]);
        assert_eq!(chosen(&[yields((10, 7), &TWO), yields((1000, 7), &TWO)]), ["y_yield-1000"]);
        let first = [group("z", "yield", (10, 7), &TWO), yields((10, 7), &TWO)];
        assert_eq!(chosen(&first), ["z_yield-10"], "else the first of the plan");
    }

    #[test]
    fn references_and_variants_are_no_ranked_runtimes() {
        let with_references =
            group("y", "yield", (10, 7), &["a", "floor", "tokio@1.41.1", "python-sequential"]);
        assert_eq!(chosen(&[with_references, group("y", "yield", (5, 7), &TWO)]), ["y_yield-5"]);
        let others = group("y", "yield", (5, 7), &["d", "e"]);
        let mut plan = plan(&[group("y", "yield", (10, 7), &THREE), others]);
        assert_eq!(overview_groups(&plan), ["y_yield-10"]);
        let reference = Described { reference: true, ..Described::default() };
        let variant = Described { variant_of: Some("a".into()), ..Described::default() };
        plan.described = [("b".to_string(), reference), ("c".to_string(), variant)].into();
        assert_eq!(overview_groups(&plan), ["y_yield-5"], "what its runner said goes before the name");
    }

    #[test]
    fn for_sleep_a_thousand_tasks_go_before_all_others() {
        let sleeps = |at, labels: &[&str]| group("s", "sleep", at, labels);
        let groups = [sleeps((10, 21), &THREE), sleeps((1000, 7), &TWO), sleeps((10_000, 21), &THREE)];
        assert_eq!(chosen(&groups), ["s_sleep-1000"]);
        let more = [sleeps((1000, 7), &TWO), group("t", "sleep", (1000, 7), &THREE)];
        assert_eq!(chosen(&more), ["t_sleep-1000"]);
        assert_eq!(
            chosen(&groups[..1]),
            ["s_sleep-10"],
            "where there are none, the rule is that of the others"
        );
    }

    #[test]
    fn for_cpu_all_cores_go_before_most_runtimes() {
        let one = group("c", "cpu", (100, 7), &THREE);
        let mut all = group("d", "cpu", (100, 7), &TWO);
        for planned in &mut all {
            planned.cell.workers_asked = Some(Workers::All);
        }
        assert_eq!(chosen(&[one.clone(), all]), ["d_cpu-100"]);
        assert_eq!(chosen(&[one]), ["c_cpu-100"]);
    }

    #[test]
    fn for_mutex_a_contended_lock_goes_before_a_free_one_of_more_runtimes() {
        let free = group("m", "mutex", (2, 7), &THREE);
        let mut contended = group("n", "mutex", (2, 7), &TWO);
        for planned in &mut contended {
            planned.cell.params.insert(ACROSS.into(), across::YIELD);
        }
        assert_eq!(chosen(&[free.clone(), contended]), ["n_mutex-2"]);
        assert_eq!(chosen(&[free]), ["m_mutex-2"]);
    }

    #[test]
    fn for_hold_it_is_the_largest_group_with_the_memory_of_an_added_task() {
        let holds = |experiment, tasks, labels: &[&str]| group(experiment, "hold", (tasks, 7), labels);
        let (small, large) = (holds("h", 1000, &THREE), holds("h", 10_000, &TWO));
        let million = holds("m", 1_000_000, &THREE);
        assert_eq!(chosen(&[small.clone(), large.clone(), million.clone()]), ["h_hold-10000"]);
        assert_eq!(chosen(&[small.clone(), million.clone()]), ["m_hold-1000000"], "none has it");
        let others = holds("h", 10_000, &["d", "e"]);
        assert_eq!(
            chosen(&[others, small.clone(), million.clone()]),
            ["m_hold-1000000"],
            "of other runtimes"
        );
        let mut rungs = holds("m", 100_000, &THREE);
        for rung in &mut rungs {
            rung.ceiling = true;
        }
        assert_eq!(chosen(&[small, large, rungs, million]), ["h_hold-10000"], "a rung of a ladder is none");
    }

    #[test]
    fn what_is_about_the_lab_and_what_is_left_out_counts_nowhere() {
        let lab = ["calibration", "known-truth"].map(|name| group(name, "cpu", (10, 41), &THREE));
        assert_eq!(chosen(&lab), [""; 0]);
        let mut plan = plan(&[group("y", "yield", (10, 7), &THREE), group("y", "yield", (5, 7), &TWO)]);
        plan.left_out = plan.cells[..2].iter().map(|planned| out(&planned.cell)).collect();
        assert_eq!(overview_groups(&plan), ["y_yield-5"]);
    }

    fn out(cell: &Cell) -> LeftOut {
        LeftOut {
            experiment: cell.experiment.clone(),
            workload: cell.workload.clone(),
            tasks: cell.tasks,
            runtime: cell.label.clone(),
            reason: "slow".into(),
            cell: Some(cell.id.clone()),
        }
    }

    #[test]
    fn each_workload_has_one_in_the_order_of_the_plan_whatever_the_version() {
        let groups =
            ["yield", "of-another-version", "cpu"].map(|workload| group("e", workload, (10, 7), &TWO));
        let again = group("f", "yield", (20, 7), &TWO);
        let all = [groups.to_vec(), vec![again]].concat();
        assert_eq!(chosen(&all), ["f_yield-20", "e_of-another-version-10", "e_cpu-10"]);
    }

    #[test]
    fn the_metrics_of_pairs_are_cold_and_later_ones_of_the_measure_and_memory_of_hold() {
        use Metric::{LatenessP99, LaterMakespan, LaterOperation, Makespan, Operation};
        let of = |workload| pair_metrics(workload, &Params::new());
        assert_eq!(of(Workload::Cpu), [Makespan, LaterMakespan]);
        assert_eq!(of(Workload::Yield), [Operation, LaterOperation]);
        assert_eq!(of(Workload::Sleep), [Makespan, LaterMakespan, Metric::Total, LatenessP99]);
        let aspects: Vec<Aspect> = of(Workload::Hold).into_iter().map(Aspect::of).collect();
        assert_eq!(aspects, [Aspect::Cold, Aspect::Later, Aspect::Memory, Aspect::Memory]);
        for workload in Workload::ALL {
            let metrics = of(workload);
            let headline = Measure::of(workload, &Params::new()).summary;
            assert!(headline.iter().all(|metric| metrics.contains(metric)), "{workload:?}: {metrics:?}");
            assert_eq!(distinct(&metrics).len(), metrics.len());
            let aspects: Vec<Aspect> = metrics.iter().map(|metric| Aspect::of(*metric)).collect();
            assert_eq!(aspects[..2], [Aspect::Cold, Aspect::Later], "{workload:?}: {metrics:?}");
        }
    }
}

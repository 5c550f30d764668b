//! How a plan is dealt to several machines: by blocks, or, where one block of it is too long for any machine, by groups.
//!
//! By groups, a machine has all blocks of some of the groups. Groups of which something is worked out together stay
//! together, in one *lot*: those that one claim is about; those in which a runtime does the same with other tasks (its cost
//! per task, its ceiling, its crossovers) or with other workers (its speed-up); and those of a program that has fewer
//! parameters (the speed-up over one that does one task after another). So nothing that a run can say is lost, and every
//! ratio is of one machine.
//!
//! The lots go to the shards from the longest to the shortest, each to the shard that has least until then. That follows
//! from the plan alone, so that every machine that deals it knows the hands of all.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use crate::cell::Cell;
use crate::claims::Claim;
use crate::grouping::grouped;
use crate::plan::{Plan, PlannedCell};
use crate::value::named;

named! {
    /// What of a plan goes to one machine.
    #[derive(Default)]
    pub enum Deal {
        /// Whole blocks, of all groups.
        #[default]
        Blocks = "blocks",
        /// Whole groups, in all blocks.
        Groups = "groups",
    }
}

impl Deal {
    /// Whether whole blocks go to a machine.
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
    pub fn is_blocks(&self) -> bool {
        *self == Self::Blocks
    }
}

/// What the lab itself takes to start and to verify a process, microseconds.
const OF_THE_LAB_US: u64 = 1000;

/// The names of the groups of each shard, where a plan is dealt by groups to so many. There are no more of them than lots:
/// a shard that is not among them has nothing.
pub fn hands(plan: &Plan, of: u32) -> Vec<BTreeSet<String>> {
    let mut lots = lots(plan);
    // Of two that take as long, that which the plan has first.
    lots.sort_by_key(|lot| std::cmp::Reverse(lot.microseconds));
    let shards = lots.len().min(of as usize);
    let mut hands = vec![(0_u128, BTreeSet::new()); shards];
    for lot in lots {
        let least = hands.iter_mut().min_by_key(|(microseconds, _)| *microseconds);
        let Some((microseconds, groups)) = least else { continue };
        *microseconds += lot.microseconds;
        groups.extend(lot.cells.iter().map(|place| plan.cells[*place].cell.group.clone()));
    }
    hands.into_iter().map(|(_, groups)| groups).collect()
}

/// How many lots a plan has: to more shards than these it cannot be dealt by groups.
pub fn lots_of(plan: &Plan) -> usize {
    lots(plan).len()
}

/// Groups that stay together.
struct Lot {
    /// The places of their cells in the plan.
    cells: Vec<usize>,
    /// How long all of their trials take.
    microseconds: u128,
}

/// The lots, in the order of their first cells.
fn lots(plan: &Plan) -> Vec<Lot> {
    let mut together = Together((0..plan.cells.len()).collect());
    let cells = || plan.cells.iter().map(|planned| &planned.cell).enumerate();
    together.join_by(cells().map(|(place, cell)| (&cell.group, place)));
    let series = |cell: &'_ Cell| {
        let Cell { experiment, workload, label, params, .. } = cell;
        (experiment.clone(), workload.clone(), label.clone(), params.clone())
    };
    together.join_by(cells().map(|(place, cell)| (series(cell), place)));
    let places: HashMap<&str, usize> = cells().map(|(place, cell)| (&*cell.id, place)).collect();
    for claim in &plan.claims {
        let mut own = claim.quantity.cells().filter_map(|cell| places.get(&*cell.cell));
        let Some(first) = own.next() else { continue };
        own.for_each(|place| together.join(*first, *place));
    }
    together.join_fewer_parameters(plan);
    let times = Times::of(plan);
    let mut lots: Vec<Lot> = Vec::new();
    let mut by_root: HashMap<usize, usize> = HashMap::new();
    for (place, planned) in plan.cells.iter().enumerate() {
        let lot = *by_root.entry(together.root(place)).or_insert(lots.len());
        if lot == lots.len() {
            lots.push(Lot { cells: Vec::new(), microseconds: 0 });
        }
        lots[lot].cells.push(place);
        lots[lot].microseconds += times.of_all_trials(planned);
    }
    lots
}

/// How long trials take where the plan does not know it: as long as the others of the group in the mean, or as all others.
struct Times<'a> {
    by_group: HashMap<&'a str, u64>,
    all: u64,
}

impl<'a> Times<'a> {
    fn of(plan: &'a Plan) -> Self {
        let known =
            plan.cells.iter().filter_map(|planned| Some((&*planned.cell.group, planned.expected_us?)));
        let known: Vec<(&str, u64)> = known.collect();
        let all = mean(known.iter().map(|(_, time)| *time));
        let by_group = grouped(known).into_iter().map(|(group, times)| (group, mean(times.into_iter())));
        Self { by_group: by_group.collect(), all }
    }

    /// How long all trials of a cell take, microseconds.
    fn of_all_trials(&self, planned: &PlannedCell) -> u128 {
        let of_group = || self.by_group.get(&*planned.cell.group).copied();
        let of_one = planned.expected_us.or_else(of_group).unwrap_or(self.all).saturating_add(OF_THE_LAB_US);
        u128::from(of_one) * u128::from(planned.trials())
    }
}

fn mean(values: impl Iterator<Item = u64>) -> u64 {
    let (count, sum) =
        values.fold((0_u64, 0_u64), |(count, sum), value| (count + 1, sum.saturating_add(value)));
    sum / count.max(1)
}

/// Which cells stay together: each leads to one before it, or to itself where it is the first of its lot.
struct Together(Vec<usize>);

impl Together {
    fn root(&mut self, mut place: usize) -> usize {
        while self.0[place] != place {
            self.0[place] = self.0[self.0[place]];
            place = self.0[place];
        }
        place
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (first, other) = (a.min(b), a.max(b));
        self.0[other] = first;
    }

    /// Joins the cells with the same key.
    fn join_by<K: Hash + Eq>(&mut self, keys: impl Iterator<Item = (K, usize)>) {
        let mut firsts = HashMap::new();
        for (key, place) in keys {
            let first = *firsts.entry(key).or_insert(place);
            self.join(first, place);
        }
    }

    /// Joins the cells of one workload and size that have the same parameters, those aside that only one of them has.
    fn join_fewer_parameters(&mut self, plan: &Plan) {
        let mut by_work: HashMap<(&str, &str, u64), Vec<usize>> = HashMap::new();
        for (place, PlannedCell { cell, .. }) in plan.cells.iter().enumerate() {
            let alike = by_work.entry((&*cell.experiment, &*cell.workload, cell.tasks)).or_default();
            let params = |place: usize| &plan.cells[place].cell.params;
            if let Some(same) = alike.iter().find(|other| params(**other) == &cell.params) {
                self.join(*same, place);
                continue;
            }
            for other in alike.iter().copied() {
                let (fewer, more) = if params(other).len() < cell.params.len() {
                    (params(other), &cell.params)
                } else {
                    (&cell.params, params(other))
                };
                if fewer.iter().all(|(name, value)| more.get(name) == Some(value)) {
                    self.join(other, place);
                }
            }
            alike.push(place);
        }
    }
}

impl Plan {
    /// What of it some groups are: their cells, in the same blocks, and the claims about them. Claims about no cell at all
    /// stay, as they are untestable on every machine.
    #[must_use]
    pub fn of_groups(&self, groups: &BTreeSet<String>) -> Self {
        let (own, others): (Vec<&PlannedCell>, Vec<&PlannedCell>) =
            self.cells.iter().partition(|planned| groups.contains(&planned.cell.group));
        let elsewhere: BTreeSet<&str> = others.iter().map(|planned| &*planned.cell.id).collect();
        let is_elsewhere = |claim: &Claim| claim.quantity.cells().any(|cell| elsewhere.contains(&*cell.cell));
        let claims: Vec<_> = self.claims.iter().filter(|claim| !is_elsewhere(claim)).cloned().collect();
        let is_asked = |name: &str| {
            own.iter().any(|planned| planned.cell.experiment == name)
                || claims.iter().any(|claim| claim.experiment == name)
        };
        let experiments = self.experiments.iter().filter(|one| is_asked(&one.name)).cloned().collect();
        let cells = own.into_iter().cloned().collect();
        Self { cells, experiments, claims, blocks_of_whole: Some(self.blocks()), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::fixture::planned;
    use crate::{CellRef, Expectation, Metric, PresetName, Quantity, Source};

    use super::*;

    /// A cell of a workload, tasks, a runtime and a duration, in the group of the three that are not the runtime.
    fn cell(workload: &str, tasks: u64, label: &str, duration: u64) -> PlannedCell {
        let group = format!("{workload}-{tasks}-{duration}");
        let id = format!("{group}_{label}");
        let planned = planned(&id, 9);
        let cell = Cell {
            group,
            label: label.into(),
            workload: workload.into(),
            tasks,
            params: [("duration_ns".to_string(), duration)].into(),
            ..planned.cell
        };
        PlannedCell { cell, ..planned }
    }

    /// Two runtimes on these: a workload, its tasks, a duration, and how long a trial takes.
    fn plan(groups: &[(&str, u64, u64, Option<u64>)]) -> Plan {
        let of_group = |(workload, tasks, duration, expected_us): &(&str, u64, u64, Option<u64>)| {
            ["a", "b"].map(|label| PlannedCell {
                expected_us: *expected_us,
                ..cell(workload, *tasks, label, *duration)
            })
        };
        let cells = groups.iter().flat_map(of_group).collect();
        Plan { cells, ..Plan::empty(PresetName::Default, 7) }
    }

    fn claim(of: &str, over: &str) -> Claim {
        let cell =
            |id: &str| CellRef { cell: id.into(), runtime: String::new(), group: String::new(), tasks: 1 };
        Claim {
            experiment: "x".into(),
            id: "c".into(),
            says: String::new(),
            variant: false,
            source: Source {
                title: String::new(),
                author: String::new(),
                date: String::new(),
                address: None,
            },
            metric: Metric::Makespan,
            quantity: Quantity::Ratio { of: cell(of), over: cell(over) },
            expect: Expectation::parse(">= 1", "ratio").unwrap(),
            untestable: None,
        }
    }

    fn shown(plan: &Plan, of: u32) -> Vec<Vec<String>> {
        hands(plan, of).into_iter().map(|groups| groups.into_iter().collect()).collect()
    }

    #[test]
    fn the_longest_lots_are_dealt_first_each_to_the_shard_that_has_least() {
        let ms = |ms: u64| Some(ms * 1000);
        let plan = plan(&[("p", 1, 1, ms(9)), ("q", 1, 1, ms(79)), ("r", 1, 1, ms(29)), ("s", 1, 1, ms(39))]);
        assert_eq!(shown(&plan, 2), [vec!["q-1-1"], vec!["p-1-1", "r-1-1", "s-1-1"]]);
        assert_eq!(shown(&plan, 1)[0].len(), 4);
        // There are four lots, whatever the shards.
        assert_eq!((shown(&plan, 100).len(), lots_of(&plan)), (4, 4));
        assert!(hands(&Plan { cells: Vec::new(), ..plan }, 3).is_empty());
    }

    #[test]
    fn where_no_time_is_known_trials_are_balanced_and_an_unknown_one_is_as_long_as_the_others() {
        let mut unknown = plan(&[("p", 1, 1, None), ("q", 1, 1, None), ("r", 1, 1, None)]);
        unknown.cells[4].processes = 9;
        assert_eq!(shown(&unknown, 2), [vec!["r-1-1"], vec!["p-1-1", "q-1-1"]]);
        let some = plan(&[("p", 1, 1, Some(9000)), ("q", 1, 1, None), ("r", 1, 1, Some(15_000))]);
        assert_eq!(shown(&some, 2), [vec!["r-1-1"], vec!["p-1-1", "q-1-1"]]);
        // One of a group is as long as the other.
        let mut one = plan(&[("p", 1, 1, Some(1000)), ("q", 1, 1, Some(9000)), ("r", 1, 1, Some(3000))]);
        one.cells[2].expected_us = None;
        assert_eq!(shown(&one, 2), [vec!["q-1-1"], vec!["p-1-1", "r-1-1"]]);
    }

    #[test]
    fn sizes_and_workers_of_one_series_and_what_a_claim_compares_stay_together() {
        let mut together =
            plan(&[("p", 1, 1, None), ("p", 10, 1, None), ("p", 1, 2, None), ("q", 1, 1, None)]);
        assert_eq!(lots_of(&together), 3);
        together.claims = vec![claim("p-1-2_a", "q-1-1_b")];
        assert_eq!(shown(&together, 9), [vec!["p-1-1", "p-10-1"], vec!["p-1-2", "q-1-1"]]);
        for planned in &mut together.cells[6..] {
            planned.cell.experiment = "y".into();
            planned.cell.group = "p-10-1".into();
        }
        assert_eq!(lots_of(&together), 1, "a group is one, whoever asks for it");
    }

    #[test]
    fn a_program_with_fewer_parameters_stays_with_those_that_have_the_same_and_more() {
        let mut plan = plan(&[("p", 1, 1, None), ("p", 1, 2, None)]);
        let more: BTreeMap<String, u64> = [("duration_ns".into(), 2), ("stack_bytes".into(), 9)].into();
        plan.cells[3].cell.group = "p-1-2-stack".into();
        plan.cells[3].cell.params = more;
        assert_eq!(shown(&plan, 9), [vec!["p-1-1"], vec!["p-1-2", "p-1-2-stack"]]);
    }

    #[test]
    fn a_machine_is_asked_only_the_claims_whose_groups_it_has() {
        let mut plan = plan(&[("p", 1, 1, None), ("q", 1, 1, None)]);
        let untestable = Claim { untestable: Some("gone".into()), ..claim("gone", "gone") };
        plan.claims = vec![claim("p-1-1_a", "p-1-1_b"), claim("q-1-1_a", "q-1-1_b"), untestable];
        plan.cells[0].timed = 20;
        let own = plan.of_groups(&["q-1-1".to_string()].into());
        assert_eq!(own.blocks(), 20, "its blocks are those of the plan");
        assert_eq!(own.cells.iter().map(|cell| &*cell.cell.id).collect::<Vec<_>>(), ["q-1-1_a", "q-1-1_b"]);
        assert_eq!(own.claims, plan.claims[1..]);
    }
}

//! In which order the trials of a plan run.
//!
//! Cells run interleaved: each block has everything that is still to be done in it once, in an order that the seed
//! decides, so that whatever drifts while the run lasts drifts through every cell alike. Within a block, cells that
//! are compared run next to each other, because noise that lasts for seconds cancels only between neighbours: first
//! all of one workload, of these all of one group, in random order on each level. Where a cell has several processes in
//! a block, the group is gone through as often. What is not timed runs after that.

use std::collections::{BTreeMap, BTreeSet};

use protocol::proof::splitmix64;
use protocol::wire::SEEDS;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use results::plan::{Ladder, Plan};
use results::{Cell, Pass, Share};

use crate::trial::Place;

/// A trial of a block: the index of its cell, its pass, and which of the processes.
type Trial = (usize, Pass, u32);

/// One trial to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Index of its cell.
    pub cell: usize,
    /// Where it stands.
    pub place: Place,
}

/// The trials of one block in their order.
pub fn slots(plan: &Plan, block: u32) -> Vec<Slot> {
    let mut trials: Vec<Trial> = Vec::new();
    let blocks = plan.blocks();
    for (index, cell) in plan.cells.iter().enumerate() {
        for pass in Pass::ALL {
            let processes = 0..plan.trials_in(cell, pass, block, blocks);
            trials.extend(processes.map(|process| (index, pass, process)));
        }
    }
    shuffle(plan, block, &mut trials);
    order_ladders(plan, &mut trials);
    (0..).zip(trials).map(|(position, trial)| slot(plan, block, position, trial)).collect()
}

/// Those of them that are of a share of the plan, in the same order and with the same seeds.
pub fn slots_of(share: Share, block: u32) -> Vec<Slot> {
    let plan = share.plan();
    let own = slots(plan, block).into_iter().filter(|slot| share.has_cell(&plan.cells[slot.cell]));
    let at = |(position, slot): (u32, Slot)| Slot { place: Place { position, ..slot.place }, ..slot };
    (0..).zip(own).map(at).collect()
}

/// The timed trial of a cell that stands for those of the block that were disturbed: one process more, at its end.
pub fn extra_slot(plan: &Plan, block: u32, position: u32, cell: usize) -> Slot {
    slot(plan, block, position, (cell, Pass::Timed, plan.cells[cell].processes))
}

fn slot(plan: &Plan, block: u32, position: u32, (cell, pass, process): Trial) -> Slot {
    let seed = job_seed(plan, cell, block, pass, process);
    Slot { cell, place: Place { block, position, pass, process, seed } }
}

/// Brings the trials of a block into random order: workloads, groups within them, and cells within these.
fn shuffle(plan: &Plan, block: u32, trials: &mut [Trial]) {
    fn workload(cell: &Cell) -> (&str, &str) {
        (&cell.experiment, &cell.workload)
    }
    fn group(cell: &Cell) -> (&str, &str) {
        (&cell.experiment, &cell.group)
    }
    let mut random = ChaCha8Rng::seed_from_u64(splitmix64(plan.seed ^ splitmix64(block.into())));
    let cells = || plan.cells.iter().map(|planned| &planned.cell);
    let (workloads, groups) =
        (ranks(cells().map(workload), &mut random), ranks(cells().map(group), &mut random));
    trials.shuffle(&mut random);
    trials.sort_by_key(|&(index, pass, process)| {
        let cell = &plan.cells[index].cell;
        // What is not timed comes last (`Err` does, in order), as nothing is compared within its block.
        (pass == Pass::Timed).then(|| (workloads[&workload(cell)], groups[&group(cell)], process)).ok_or(())
    });
}

/// The distinct keys, each with its place in a random order.
fn ranks<K: Ord>(keys: impl Iterator<Item = K>, random: &mut ChaCha8Rng) -> BTreeMap<K, usize> {
    let mut distinct: Vec<K> = keys.collect::<BTreeSet<K>>().into_iter().collect();
    distinct.shuffle(random);
    distinct.into_iter().zip(0..).collect()
}

/// Leaves each ladder the places that fell to it, and puts its rungs into them from the lowest up.
fn order_ladders(plan: &Plan, trials: &mut [Trial]) {
    let mut ladders: BTreeMap<Ladder, Vec<usize>> = BTreeMap::new();
    for (place, (cell, ..)) in trials.iter().enumerate() {
        if let Some(ladder) = plan.cells[*cell].ladder() {
            ladders.entry(ladder).or_default().push(place);
        }
    }
    for places in ladders.into_values() {
        let mut rungs: Vec<Trial> = places.iter().map(|place| trials[*place]).collect();
        rungs.sort_by_key(|(cell, ..)| plan.cells[*cell].cell.tasks);
        places.into_iter().zip(rungs).for_each(|(place, rung)| trials[place] = rung);
    }
}

/// A seed of its own for each trial of a cell, so that no checksum serves it twice. Cells of one group have the same work
/// to do in a block, and so the same seed. Below `SEEDS`, so that it survives a JSON reader that has floating-point numbers
/// only.
fn job_seed(plan: &Plan, cell: usize, block: u32, pass: Pass, process: u32) -> u64 {
    let group = plan.cells[cell].cell.group.bytes().map(u64::from);
    let parts = group.chain([block.into(), pass as u64, process.into()]);
    parts.fold(plan.seed, |seed, part| splitmix64(seed ^ part)) % SEEDS
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use results::{Deal, Part, PlannedCell, PresetName};

    use super::*;
    use crate::fixture::planned;

    fn plan(seed: u64) -> Plan {
        let cells = (0..20).map(|id| PlannedCell { counted: 1, ..planned(&id.to_string(), 3) }).collect();
        Plan { cells, ..Plan::empty(PresetName::Quick, seed) }
    }

    #[test]
    fn a_block_runs_every_cell_once_and_counts_after_the_burn_in() {
        let plan = plan(7);
        assert_eq!((plan.blocks(), plan.trials()), (3, 80));
        for block in 0..3 {
            let slots = super::slots(&plan, block);
            let timed: HashSet<usize> =
                slots.iter().filter(|slot| slot.place.pass == Pass::Timed).map(|slot| slot.cell).collect();
            assert_eq!(timed.len(), 20);
            let counted = slots.iter().filter(|slot| slot.place.pass == Pass::Counted).count();
            assert_eq!(counted, if block == 1 { 20 } else { 0 });
        }
    }

    #[test]
    fn the_seed_decides_the_order_and_blocks_differ() {
        let order = |seed, block| slots(&plan(seed), block).iter().map(|slot| slot.cell).collect::<Vec<_>>();
        assert_eq!(order(7, 0), order(7, 0));
        assert_ne!(order(7, 0), order(8, 0));
        assert_ne!(order(7, 0), order(7, 2));
    }

    #[test]
    fn cells_of_one_workload_and_of_one_group_run_next_to_each_other_and_what_is_not_timed_runs_last() {
        let mut plan = plan(7);
        for (place, planned) in plan.cells.iter_mut().enumerate() {
            planned.cell.workload = ["sleep", "spawn"][place % 2].into();
            planned.cell.group = format!("group-{}", place % 4);
        }
        let runs = |block, of: fn(&Cell) -> &str| -> Vec<String> {
            let slots = slots(&plan, block);
            let timed = slots.iter().filter(|slot| slot.place.pass == Pass::Timed);
            let mut names: Vec<String> = timed.map(|slot| of(&plan.cells[slot.cell].cell).into()).collect();
            names.dedup();
            names
        };
        for block in 0..3 {
            assert_eq!(runs(block, |cell| &cell.workload).len(), 2);
            assert_eq!(runs(block, |cell| &cell.group).len(), 4);
        }
        let orders: HashSet<Vec<String>> = (0..3).map(|block| runs(block, |cell| &cell.group)).collect();
        assert!(orders.len() > 1, "{orders:?}");
        let passes: Vec<Pass> = slots(&plan, 1).iter().map(|slot| slot.place.pass).collect();
        assert!(passes[..20].iter().all(|pass| *pass == Pass::Timed), "{passes:?}");
    }

    #[test]
    fn a_share_of_some_groups_has_their_trials_in_the_order_and_with_the_seeds_of_the_plan() {
        let mut plan = plan(7);
        for (place, planned) in plan.cells.iter_mut().enumerate() {
            let tasks = place as u64 % 4;
            planned.cell.group = format!("group-{tasks}");
            planned.cell.tasks = tasks + 1;
        }
        let part = |shard: &str| Part::whole(&plan, shard.parse().unwrap(), Deal::Groups);
        let shown = |slots: Vec<Slot>| -> Vec<(usize, u64)> {
            assert!((0..).zip(&slots).all(|(position, slot)| slot.place.position == position));
            slots.into_iter().map(|slot| (slot.cell, slot.place.seed)).collect()
        };
        let all = shown(slots(&plan, 1));
        let both = ["0/2", "1/2"].map(part);
        let hands = both.each_ref().map(|part| shown(slots_of(Share::of(&plan, Some(part)), 1)));
        assert_eq!(hands.each_ref().map(Vec::len), [all.len() / 2, all.len() / 2]);
        for hand in hands {
            let own: Vec<_> = all.iter().filter(|one| hand.contains(one)).copied().collect();
            assert_eq!(own, hand);
        }
    }

    #[test]
    fn the_rungs_of_a_ladder_run_from_the_lowest_up() {
        let mut plan = plan(7);
        for (tasks, planned) in (1..).zip(&mut plan.cells) {
            planned.ceiling = true;
            planned.cell.label = format!("runtime-{}", tasks % 2);
            planned.cell.tasks = tasks;
        }
        let block = slots(&plan, 0);
        for label in ["runtime-0", "runtime-1"] {
            let cells = block.iter().map(|slot| &plan.cells[slot.cell].cell);
            let tasks: Vec<u64> = cells.filter(|cell| cell.label == label).map(|cell| cell.tasks).collect();
            assert!(tasks.is_sorted() && tasks.len() == 10, "{tasks:?}");
        }
        let labels = block.iter().map(|slot| plan.cells[slot.cell].cell.label.clone()).collect::<Vec<_>>();
        assert!(!labels.is_sorted(), "the ladders are still mixed");
    }

    #[test]
    fn no_two_jobs_of_a_cell_share_a_seed_and_cells_of_a_group_do() {
        let mut plan = plan(7);
        plan.cells[3].processes = 4;
        let slots: Vec<Slot> = (0..3).flat_map(|block| slots(&plan, block)).collect();
        let seeds = |cell| -> HashSet<u64> {
            slots.iter().filter(|slot| slot.cell == cell).map(|slot| slot.place.seed).collect()
        };
        // One of the burn-in, two blocks of four, and the counted one.
        assert_eq!((seeds(3).len(), seeds(4).len()), (1 + 2 * 4 + 1, 4));
        assert!(seeds(4).is_subset(&seeds(3)));
    }

    #[test]
    fn a_group_is_gone_through_as_often_as_its_cells_have_processes() {
        let mut plan = plan(7);
        plan.cells[3].processes = 3;
        let times = |block| -> Vec<(usize, u32)> {
            let all = slots(&plan, block).into_iter().map(|slot| (slot.cell, slot.place.process));
            all.skip_while(|(_, process)| *process == 0).take(2).collect()
        };
        assert_eq!((times(0), times(2)), (vec![], vec![(3, 1), (3, 2)]));
        assert_eq!(extra_slot(&plan, 2, 22, 3).place.process, 3);
        assert_eq!(plan.trials(), 80 + 2 * 2);
    }
}

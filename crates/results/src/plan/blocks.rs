//! Which cell runs in which block: stages up to each look at the claims, and the sittings that they are divided among.

use std::ops::Range;

use super::{BURN_IN_BLOCKS, Plan, PlannedCell};
use crate::rows::Pass;

/// A plan that comes from a stranger has no more sittings than this in a stage, and no more looks.
pub(super) const MOST_SITTINGS: u32 = 1000;
pub(super) const MOST_LOOKS: usize = 10;

impl PlannedCell {
    /// How many trials it has up to the first look, in all passes.
    pub fn trials(&self) -> u64 {
        let burn_in = if self.burn_in { self.timed.min(BURN_IN_BLOCKS) } else { 0 };
        self.timed_after_burn_in() + u64::from(burn_in) + self.trials_not_timed()
    }

    /// How many trials it has in all passes but the timed one.
    pub(crate) fn trials_not_timed(&self) -> u64 {
        Pass::ALL.map(|pass| u64::from(self.blocks_of(pass))).iter().sum()
    }

    /// In how many blocks it has a trial of a pass that is not timed.
    pub(crate) fn blocks_of(&self, pass: Pass) -> u32 {
        match pass {
            Pass::Timed => 0,
            Pass::Counted => self.counted,
            Pass::Traced => self.traced,
            Pass::Instructions => self.instructions,
        }
    }

    fn timed_after_burn_in(&self) -> u64 {
        u64::from(self.timed.saturating_sub(BURN_IN_BLOCKS)) * u64::from(self.processes)
    }
}

impl Plan {
    /// How many blocks there are up to the first look.
    pub fn blocks(&self) -> u32 {
        let blocks = |cell: &PlannedCell| {
            let most = Pass::ALL.map(|pass| cell.blocks_of(pass)).into_iter().max().unwrap_or(0);
            cell.timed.max(most.saturating_add(BURN_IN_BLOCKS))
        };
        let own = self.cells.iter().map(blocks).max().unwrap_or(0);
        own.max(self.blocks_of_whole.unwrap_or(0))
    }

    /// The blocks up to each look, as far as it is known which cells run in them.
    pub fn stages(&self) -> Vec<Range<u32>> {
        let blocks = self.blocks();
        (0..=self.going_on.len().min(MOST_LOOKS)).map(|stage| stage_blocks(stage, blocks)).collect()
    }

    /// The blocks of each sitting: as many in each, as far as they can be, the burn-in aside. Each look begins a new one.
    pub fn blocks_by_sitting(&self) -> Vec<Range<u32>> {
        let stages = self.stages().into_iter().enumerate();
        stages
            .flat_map(|(stage, blocks)| divided(&blocks, self.sittings.saturating_mul(growth(stage))))
            .collect()
    }

    /// Whether a cell has a timed trial in a block, of as many as the plan has up to the first look. Where there are several
    /// sittings, a cell that runs less often than others has trials in all of them, and in blocks in which all that run
    /// more often have one, too: only within a block can two be compared. The rows of a run are held against this, so that
    /// another rule needs another version of the files.
    pub fn is_timed(&self, planned: &PlannedCell, block: u32, blocks: u32) -> bool {
        if block < BURN_IN_BLOCKS && !planned.burn_in {
            return false;
        }
        if block < BURN_IN_BLOCKS || blocks <= BURN_IN_BLOCKS || (self.sittings <= 1 && block < blocks) {
            return block < planned.timed;
        }
        let Some(stage) =
            (0..=self.going_on.len().min(MOST_LOOKS)).find(|stage| block < stage_blocks(*stage, blocks).end)
        else {
            return false;
        };
        if stage > 0 && !self.going_on[stage - 1].contains(&planned.cell.id) {
            return false;
        }
        let first = stage_blocks(stage, blocks).start.max(BURN_IN_BLOCKS);
        let (times, of) = (planned.timed.saturating_sub(BURN_IN_BLOCKS), blocks - BURN_IN_BLOCKS);
        // Each that runs at all has one in the first block after the burn-in, of which the spans are kept.
        turn((block - first) % of, of) < u64::from(times)
    }

    /// How many trials of a pass a cell has in a block, of as many blocks as the plan has up to the first look.
    pub fn trials_in(&self, planned: &PlannedCell, pass: Pass, block: u32, blocks: u32) -> u32 {
        let times = planned.blocks_of(pass);
        match pass {
            Pass::Timed if !self.is_timed(planned, block, blocks) => 0,
            Pass::Timed => {
                if block < BURN_IN_BLOCKS {
                    1
                } else {
                    planned.processes
                }
            }
            Pass::Counted | Pass::Traced => u32::from((1..=times).contains(&block)),
            // Two runs are compared by their sittings: each is to have some.
            Pass::Instructions => u32::from(is_one_of(times, block, blocks)),
        }
    }

    /// Whether claims are to be looked at once more after the blocks that are known.
    pub fn has_looks_left(&self) -> bool {
        self.going_on.len() + 1 < (self.looks as usize).min(MOST_LOOKS)
    }

    /// How many trials a cell has in all stages.
    pub fn trials_of(&self, planned: &PlannedCell) -> u64 {
        let later = self.going_on.iter().enumerate().filter(|(_, cells)| cells.contains(&planned.cell.id));
        let later = later.map(|(stage, _)| planned.timed_after_burn_in() * u64::from(growth(stage + 1)));
        planned.trials() + later.sum::<u64>()
    }

    /// How many trials there are in all stages.
    pub fn trials(&self) -> u64 {
        self.cells.iter().map(|planned| self.trials_of(planned)).sum()
    }
}

/// Whether a block is one of so many that are spread over all blocks after the burn-in.
fn is_one_of(times: u32, block: u32, blocks: u32) -> bool {
    (BURN_IN_BLOCKS..blocks).contains(&block)
        && turn(block - BURN_IN_BLOCKS, blocks - BURN_IN_BLOCKS) < u64::from(times)
}

/// The turn of a block among so many, counted from 0, in an order whose every beginning is spread over all of them: of 20,
/// first 0, 16, 8, 4, 12 (van der Corput's sequence: numbers are sorted by their bits in reverse).
fn turn(block: u32, of: u32) -> u64 {
    let bits = (0..u32::BITS).filter(|bit| block >> bit & 1 == 1);
    // Before it come, for each of its bits, the numbers that share the bits below that one and lack that one.
    let lower = |bit: u32| u64::from(block & ((1 << bit) - 1));
    bits.map(|bit| ((u64::from(of) - 1 - lower(bit)) >> (bit + 1)) + 1).sum()
}

/// How many times the blocks of the first stage a stage has: 1, 1, 2, 4, …, so that each look sees twice as many.
fn growth(stage: usize) -> u32 {
    1 << u32::try_from(stage.saturating_sub(1).min(MOST_LOOKS)).unwrap_or(0)
}

/// The blocks of a stage, where the first has so many.
fn stage_blocks(stage: usize, blocks: u32) -> Range<u32> {
    let after_burn_in = blocks.saturating_sub(BURN_IN_BLOCKS);
    if stage == 0 {
        return 0..blocks;
    }
    let before = BURN_IN_BLOCKS.saturating_add(after_burn_in.saturating_mul(growth(stage)));
    before..before.saturating_add(after_burn_in.saturating_mul(growth(stage)))
}

/// These blocks in as many parts; block 0 is part of the first.
fn divided(blocks: &Range<u32>, parts: u32) -> Vec<Range<u32>> {
    let first = blocks.start.max(BURN_IN_BLOCKS);
    let count = blocks.end.saturating_sub(first);
    let parts = parts.clamp(1, count.clamp(1, MOST_SITTINGS));
    let end = |part: u32| {
        let share = u64::from(part) * u64::from(count) / u64::from(parts);
        first + u32::try_from(share).unwrap_or(u32::MAX)
    };
    (0..parts)
        .map(|part| if part == 0 { blocks.start } else { end(part) }..end(part + 1).min(blocks.end))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::PresetName;
    use crate::fixture::planned;

    use super::*;

    fn plan(sittings: u32, going_on: &[&[&str]]) -> Plan {
        let going_on = going_on.iter().map(|cells| cells.iter().map(ToString::to_string).collect()).collect();
        let cells = vec![planned("often", 7), planned("seldom", 3)];
        Plan { sittings, going_on, cells, ..Plan::empty(PresetName::Default, 7) }
    }

    fn timed(plan: &Plan, cell: usize) -> Vec<u32> {
        let end = plan.stages().last().map_or(0, |blocks| blocks.end);
        (0..end + 3).filter(|block| plan.is_timed(&plan.cells[cell], *block, plan.blocks())).collect()
    }

    #[test]
    fn each_look_sees_twice_as_many_blocks_of_the_cells_that_go_on_as_the_one_before() {
        let plan = plan(2, &[&["often", "seldom"], &["seldom"]]);
        assert_eq!(plan.stages(), [0..7, 7..13, 13..25]);
        assert_eq!(timed(&plan, 0), (0..13).collect::<Vec<_>>());
        assert_eq!(timed(&plan, 1), [0, 1, 5, 7, 11, 13, 17, 19, 23]);
        assert_eq!(plan.trials(), 7 + 6 + 3 + 2 + 4);
        assert_eq!(plan.blocks_by_sitting(), [0..4, 4..7, 7..10, 10..13, 13..16, 16..19, 19..22, 22..25]);
    }

    #[test]
    fn blocks_of_a_cell_that_runs_less_often_are_spread_and_are_among_those_of_one_that_runs_more_often() {
        for of in 1..50 {
            let mut order: Vec<u32> = (0..of).collect();
            order.sort_by_key(|block| block.reverse_bits());
            let turns: Vec<u64> = order.iter().map(|block| turn(*block, of)).collect();
            assert_eq!(turns, (0..u64::from(of)).collect::<Vec<_>>(), "of {of}");
        }
        let plan = Plan { cells: [21, 15, 7, 4].map(|timed| planned("x", timed)).into(), ..plan(3, &[]) };
        let blocks: Vec<Vec<u32>> = (0..4).map(|cell| timed(&plan, cell)).collect();
        assert_eq!(blocks.iter().map(Vec::len).collect::<Vec<_>>(), [21, 15, 7, 4]);
        for pair in blocks.windows(2) {
            assert!(pair[1].iter().all(|block| pair[0].contains(block)), "{blocks:?}");
        }
        for sitting in plan.blocks_by_sitting() {
            assert!(blocks[3].iter().any(|block| sitting.contains(block)), "{sitting:?}: {blocks:?}");
        }
    }

    #[test]
    fn a_cell_without_burn_in_has_all_its_other_trials() {
        let long = PlannedCell { burn_in: false, ..planned("often", 7) };
        let plan = Plan { cells: vec![long], ..plan(2, &[]) };
        assert_eq!(timed(&plan, 0), (1..7).collect::<Vec<_>>());
        assert_eq!((plan.trials(), plan.blocks()), (6, 7));
    }

    #[test]
    fn instructions_are_counted_as_often_as_planned_and_in_every_sitting() {
        for times in [0, 1, 3, 6, 20] {
            let cell = PlannedCell { instructions: times, ..planned("x", 21) };
            let plan = Plan { cells: vec![cell], ..plan(3, &[&["x"]]) };
            let has =
                |block: &u32| plan.trials_in(&plan.cells[0], Pass::Instructions, *block, plan.blocks()) == 1;
            let counted: Vec<u32> = (0..100).filter(has).collect();
            assert_eq!(counted.len(), times as usize, "{counted:?}");
            assert!(counted.iter().all(|block| (1..21).contains(block)), "{counted:?}");
            let sittings = plan.blocks_by_sitting();
            let in_first_stage = sittings.iter().filter(|blocks| blocks.end <= 21);
            let with_some =
                in_first_stage.filter(|blocks| counted.iter().any(|block| blocks.contains(block)));
            assert_eq!(with_some.count(), times.min(3) as usize, "{counted:?} in {sittings:?}");
        }
    }

    #[test]
    fn in_a_single_sitting_what_runs_less_often_runs_first_and_a_look_begins_another() {
        let plan = plan(1, &[&["often"]]);
        assert_eq!((timed(&plan, 1), plan.blocks_by_sitting()), (vec![0, 1, 2], vec![0..7, 7..13]));
    }
}

//! Which trials of a plan were seen. PERF: a million of them are a bit each.

use std::collections::HashMap;

use crate::plan::PlannedCell;
use crate::rows::Pass;

/// The trials that were ticked off.
#[derive(Debug, Default)]
pub(crate) struct Ticks {
    /// By place of the cell, pass, and 64 trials of these: which of them. As sparse as what a file names.
    bits: HashMap<(usize, Pass, u64), u64>,
}

impl Ticks {
    /// Ticks off a trial of the cell in this place, one of those that the plan has.
    pub fn add(&mut self, place: usize, cell: &PlannedCell, pass: Pass, block: u32, process: u32) {
        let trial = u64::from(block) * processes(cell) + u64::from(process);
        *self.bits.entry((place, pass, trial / 64)).or_default() |= 1 << (trial % 64);
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.bits.values().map(|bits| u64::from(bits.count_ones())).sum()
    }

    /// The block of each, given the cells in their places.
    pub fn blocks<'a>(&'a self, cells: &'a [PlannedCell]) -> impl Iterator<Item = u32> {
        self.bits.iter().flat_map(|(&(place, _, chunk), &bits)| {
            let trials = (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| chunk * 64 + bit);
            let processes = processes(&cells[place]);
            trials.map(move |trial| u32::try_from(trial / processes).unwrap_or(u32::MAX))
        })
    }
}

fn processes(cell: &PlannedCell) -> u64 {
    cell.processes.max(1).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::planned;

    #[test]
    fn each_trial_counts_once_and_knows_its_block() {
        let cells = [planned("a", 99), PlannedCell { processes: 3, ..planned("b", 99) }];
        let mut ticks = Ticks::default();
        let trials = [(0, 0, 0), (0, 70, 0), (1, 0, 0), (1, 21, 0), (1, 21, 2), (1, 21, 2)];
        for (place, block, process) in trials {
            ticks.add(place, &cells[place], Pass::Timed, block, process);
        }
        ticks.add(1, &cells[1], Pass::Counted, 21, 0);
        let mut blocks: Vec<u32> = ticks.blocks(&cells).collect();
        blocks.sort_unstable();
        assert_eq!((ticks.count(), blocks), (6, vec![0, 0, 21, 21, 21, 70]));
    }
}

//! A cell and its trials that count: of each trial only its block and the values of its metrics are
//! kept, so that a million of them fit into memory.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use results::described::is_ranked_by_name;
use results::metric::Better;
use results::{Metric, Pass, Problem, TrialRow};

use crate::stats::median::sorted;

/// More trials of one cell in one pass than this are not a run.
const MAX_TRIALS: usize = 100_000;

/// A cell, and its trials with status `ok` that were not timed during burn-in: first trial by trial, and once it is
/// known which were disturbed, block by block ([`reduce`](Self::reduce)).
#[derive(Debug)]
pub(crate) struct MeasuredCell {
    /// Its first `ok` row, for what all its rows have in common.
    pub identity: TrialRow,
    /// The line of that row.
    pub line: u64,
    /// Whether its runtime takes part in rankings.
    pub is_ranked: bool,
    /// By pass: where each trial stands, in the order of blocks.
    trials: [Vec<Origin>; Pass::ALL.len()],
    /// By metric: the value of each trial of the metric's pass, in the same order, and NaN where it
    /// has none; of timed ones later that of each block. PERF: empty where no trial has one, as with most metrics.
    values: [Vec<f64>; Metric::ALL.len()],
    /// The places of the blocks in which a trial was disturbed. PERF: they are few, and to hold all others twice would take
    /// as much memory as everything else.
    affected: Vec<usize>,
    /// By metric of timed trials: the values of these blocks without what was disturbed, NaN where nothing is left.
    undisturbed: [Vec<f64>; Metric::ALL.len()],
    /// The timed trials after the burn-in that failed, ascending.
    failed: Vec<Origin>,
    /// Timed trials that gave values, and how many of these were disturbed.
    timed: usize,
    disturbed: usize,
}

/// Where a trial comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub block: u32,
    pub process: u32,
    /// Line of its row.
    line: u32,
}

impl Origin {
    pub fn of(line: u64, row: &TrialRow) -> Self {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        Self { block: row.block, process: row.process, line }
    }

    /// Which trial of its cell and pass it is.
    fn place(self) -> (u32, u32) {
        (self.block, self.process)
    }
}

impl MeasuredCell {
    /// A cell without trials yet, given its first `ok` row.
    pub fn new(line: u64, row: &TrialRow) -> Self {
        Self {
            identity: row.clone(),
            line,
            is_ranked: is_ranked_by_name(&row.runtime),
            trials: Default::default(),
            values: [const { Vec::new() }; Metric::ALL.len()],
            affected: Vec::new(),
            undisturbed: [const { Vec::new() }; Metric::ALL.len()],
            failed: Vec::new(),
            timed: 0,
            disturbed: 0,
        }
    }

    /// Adds a trial.
    pub fn push(&mut self, line: u64, row: &TrialRow) -> Result<(), Problem> {
        let trials = &mut self.trials[row.pass as usize];
        if trials.len() == MAX_TRIALS {
            let problem = format!("cell `{}` has more than {MAX_TRIALS} trials", row.cell);
            return Err(Problem::new(line, problem, "aggregate a run with fewer blocks"));
        }
        for (metric, values) in Metric::ALL.into_iter().zip(&mut self.values) {
            if metric.pass() == row.pass
                && let Some(value) = metric.value(row)
            {
                values.resize(trials.len(), f64::NAN);
                values.push(value);
            }
        }
        trials.push(Origin::of(line, row));
        Ok(())
    }

    /// Notes the timed trials after the burn-in that failed.
    pub fn set_failed(&mut self, failed: Vec<Origin>) {
        self.failed = failed;
    }

    /// Refuses a row that says something else about the cell: its trials are summarised together.
    pub fn check(&self, line: u64, row: &TrialRow) -> Result<(), Problem> {
        let this = &self.identity;
        let same = [
            ("group", this.group == row.group),
            ("runtime", this.runtime == row.runtime),
            ("runtime_version", this.runtime_version == row.runtime_version),
            ("workload", this.workload == row.workload),
            ("tasks", this.tasks == row.tasks),
            ("workers", this.workers == row.workers),
            ("params", this.params == row.params),
        ];
        let Some((column, _)) = same.into_iter().find(|(_, same)| !same) else { return Ok(()) };
        let problem = format!(
            "cell `{}` has another {column} here than in line {}, so that its trials are not of one thing",
            row.cell, self.line
        );
        Err(Problem::new(line, problem, "run again into a new folder, and do not join runs by hand"))
    }

    /// Brings the trials into the order of blocks. Two timed trials of one place are refused: which of
    /// them would be compared?
    pub fn sort_by_block(&mut self) -> Result<(), Problem> {
        for pass in Pass::ALL {
            let trials = &mut self.trials[pass as usize];
            let of_pass = Metric::ALL.into_iter().filter(|metric| metric.pass() == pass);
            let known: Vec<usize> = of_pass
                .map(|metric| metric as usize)
                .filter(|metric| !self.values[*metric].is_empty())
                .collect();
            for metric in &known {
                self.values[*metric].resize(trials.len(), f64::NAN);
            }
            if trials.is_sorted() {
                continue;
            }
            let mut order: Vec<usize> = (0..trials.len()).collect();
            order.sort_by_key(|trial| trials[*trial]);
            *trials = order.iter().map(|trial| trials[*trial]).collect();
            for metric in known {
                let values = &mut self.values[metric];
                *values = order.iter().map(|trial| values[*trial]).collect();
            }
        }
        let timed = &self.trials[Pass::Timed as usize];
        let Some(pair) = timed.windows(2).find(|pair| pair[0].place() == pair[1].place()) else {
            return Ok(());
        };
        let problem = format!(
            "block {} has a second timed trial of cell `{}` with status ok; the first is in line {}",
            pair[1].block, self.identity.cell, pair[0].line
        );
        Err(Problem::new(pair[1].line.into(), problem, "remove one of the two rows"))
    }

    /// Makes of all processes of a block one value of each metric: their median, in which what failed is worse than all
    /// else, and +∞ where that is half of them or more. Given is of each timed trial, in the order of blocks, whether
    /// nothing outside disturbed it.
    pub fn reduce(&mut self, is_undisturbed: &[bool]) {
        let timed = std::mem::take(&mut self.trials[Pass::Timed as usize]);
        self.timed = timed.len();
        self.disturbed = is_undisturbed.iter().filter(|undisturbed| !**undisturbed).count();
        // What was repeated and succeeded did not fail.
        let succeeded: HashSet<_> = timed.iter().map(|trial| trial.place()).collect();
        self.failed.retain(|trial| !succeeded.contains(&trial.place()));
        self.failed.sort_unstable();
        self.failed.dedup_by_key(|trial| trial.place());

        let mut blocks: BTreeMap<u32, Block> = BTreeMap::new();
        for (place, trial) in timed.iter().enumerate() {
            blocks.entry(trial.block).or_insert_with(|| Block::of(*trial)).trials.push(place);
        }
        for trial in &self.failed {
            blocks.entry(trial.block).or_insert_with(|| Block::of(*trial)).failed += 1;
        }
        let is_affected = |block: &Block| block.trials.iter().any(|trial| !is_undisturbed[*trial]);
        let places = blocks.values().enumerate().filter(|(_, block)| is_affected(block));
        let (places, affected): (Vec<usize>, Vec<&Block>) = places.unzip();
        for metric in Metric::ALL.into_iter().filter(|metric| metric.pass() == Pass::Timed) {
            let mut values = std::mem::take(&mut self.values[metric as usize]);
            if values.is_empty() && self.failed.is_empty() {
                continue;
            }
            values.resize(timed.len(), f64::NAN);
            let of_block = |block: &Block, counts: &dyn Fn(usize) -> bool| {
                let counting =
                    block.trials.iter().filter(|trial| counts(**trial)).map(|trial| values[*trial]);
                value_of_block(counting, block.failed, metric.better())
            };
            let undisturbed = affected.iter().map(|block| of_block(block, &|trial| is_undisturbed[trial]));
            self.undisturbed[metric as usize] = undisturbed.collect();
            self.values[metric as usize] = blocks.values().map(|block| of_block(block, &|_| true)).collect();
        }
        self.affected = places;
        self.trials[Pass::Timed as usize] = blocks.into_values().map(|block| block.first).collect();
    }

    /// Sets what a metric was in each block, and in each without what was disturbed: NaN where it is not known.
    pub fn set(&mut self, metric: Metric, of_blocks: Vec<f64>, undisturbed: &[f64]) {
        self.undisturbed[metric as usize] = self.affected.iter().map(|place| undisturbed[*place]).collect();
        self.values[metric as usize] = of_blocks;
    }

    /// The timed trials that gave values, in the order of blocks; once they are reduced, the first of each block.
    pub fn timed_trials(&self) -> &[Origin] {
        &self.trials[Pass::Timed as usize]
    }

    /// How many timed trials were disturbed, of how many that gave values.
    pub fn disturbed_of_timed(&self) -> (usize, usize) {
        (self.disturbed, self.timed)
    }

    /// The block after the burn-in of each timed trial that failed, ascending.
    pub fn failed(&self) -> impl Iterator<Item = u32> {
        self.failed.iter().map(|trial| trial.block)
    }

    /// What a metric was in each block in which it was measured or its trials failed, ascending. Where half of the trials or
    /// more failed, it is +∞ if the metric is a cost, and NaN, which is not known, if it is not.
    pub fn outcomes(&self, metric: Metric) -> Vec<(u32, f64)> {
        self.outcomes_of(metric, self.values(metric))
    }

    /// The same without the trials that something outside disturbed.
    pub fn undisturbed_outcomes(&self, metric: Metric) -> Vec<(u32, f64)> {
        self.outcomes_of(metric, &self.undisturbed(metric))
    }

    fn outcomes_of(&self, metric: Metric, values: &[f64]) -> Vec<(u32, f64)> {
        let is_cost = metric.better() == Better::Less;
        let measured = self.trials[metric.pass() as usize].iter().zip(values);
        measured
            .filter(|(_, value)| !value.is_nan())
            .map(|(trial, value)| {
                let value = if value.is_finite() || is_cost { *value } else { f64::NAN };
                (trial.block, value)
            })
            .collect()
    }

    /// Whether any trial of the metric's pass was disturbed.
    pub fn has_flags(&self, metric: Metric) -> bool {
        metric.pass() == Pass::Timed && self.disturbed > 0
    }

    /// The values of a metric in the order of blocks, NaN where it was not measured, and +∞ where trials failed; none
    /// where it never was.
    pub fn values(&self, metric: Metric) -> &[f64] {
        &self.values[metric as usize]
    }

    fn undisturbed(&self, metric: Metric) -> Cow<'_, [f64]> {
        let mut values = Cow::Borrowed(self.values(metric));
        if self.has_flags(metric) {
            let affected = self.affected.iter().zip(&self.undisturbed[metric as usize]);
            affected.for_each(|(place, value)| values.to_mut()[*place] = *value);
        }
        values
    }

    /// The values of a metric with the block of each, in ascending order of blocks.
    pub fn values_by_block(&self, metric: Metric) -> impl Iterator<Item = (u32, f64)> {
        let trials = &self.trials[metric.pass() as usize];
        trials.iter().map(|trial| trial.block).zip(self.values(metric).iter().copied())
    }

    /// The values of a metric in ascending order, blocks without one left out.
    pub fn sorted_values(&self, metric: Metric) -> Vec<f64> {
        sorted(self.values(metric).iter().copied().filter(|value| value.is_finite()))
    }
}

/// The timed trials of a block.
struct Block {
    first: Origin,
    /// The places of those that gave values.
    trials: Vec<usize>,
    failed: usize,
}

impl Block {
    fn of(first: Origin) -> Self {
        Self { first, trials: Vec::new(), failed: 0 }
    }
}

/// The median of the processes of a block, where so many more failed: NaN of nothing, +∞ where half of all or more failed.
fn value_of_block(values: impl Iterator<Item = f64>, failed: usize, better: Better) -> f64 {
    let known = sorted(values.filter(|value| !value.is_nan()));
    if failed >= known.len() {
        return if failed == 0 { f64::NAN } else { f64::INFINITY };
    }
    let all = known.len() + if better == Better::Neither { 0 } else { failed };
    // From the better end on; what failed comes after it.
    let at =
        |place: usize| if better == Better::More { known[known.len() - 1 - place] } else { known[place] };
    at((all - 1) / 2).midpoint(at(all / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_block_is_the_median_of_its_processes_and_a_failure_is_worse_than_any() {
        let of = |values: &[f64], failed, better| value_of_block(values.iter().copied(), failed, better);
        let values = [30.0, 10.0, f64::NAN, 40.0];
        assert_eq!(of(&values, 0, Better::Less), 30.0);
        assert_eq!((of(&values, 1, Better::Less), of(&values, 1, Better::More)), (35.0, 20.0));
        assert_eq!((of(&values, 2, Better::Less), of(&values, 2, Better::Neither)), (40.0, 30.0));
        assert_eq!(of(&values, 3, Better::Less), f64::INFINITY);
        assert!(of(&[], 0, Better::Less).is_nan());
    }
}

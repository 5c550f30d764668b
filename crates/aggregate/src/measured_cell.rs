//! A cell and its trials that count: of each trial only its block and the values of its metrics are
//! kept, so that a million of them fit into memory.

use results::metric::Better;
use results::{Metric, Pass, Problem, TrialRow};

use crate::stats::median::sorted;

/// More trials of one cell in one pass than this are not a run.
const MAX_TRIALS: usize = 100_000;

/// A cell, and its trials with status `ok` that were not timed during burn-in.
#[derive(Debug)]
pub(crate) struct MeasuredCell {
    /// Its first `ok` row, for what all its rows have in common.
    pub identity: TrialRow,
    /// The line of that row.
    pub line: u64,
    /// By pass: where each trial stands, in the order of blocks.
    trials: [Vec<Origin>; Pass::ALL.len()],
    /// By metric: the value of each trial of the metric's pass, in the same order, and NaN where it
    /// has none.
    values: [Vec<f64>; Metric::ALL.len()],
    /// Whether each timed trial was undisturbed; empty until flags are known, and then as if all were.
    undisturbed: Vec<bool>,
    /// The blocks after the burn-in whose timed trial failed, ascending.
    failed: Vec<u32>,
}

/// What a metric was in one block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Outcome {
    pub block: u32,
    /// Of a trial that failed, +∞ where the metric is a cost, and NaN, which is not known, where it is not.
    pub value: f64,
    pub is_undisturbed: bool,
}

/// Where a trial comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    block: u32,
    /// Line of its row.
    line: u32,
}

impl MeasuredCell {
    /// A cell without trials yet, given its first `ok` row.
    pub fn new(line: u64, row: &TrialRow) -> Self {
        Self {
            identity: row.clone(),
            line,
            trials: Default::default(),
            values: [const { Vec::new() }; Metric::ALL.len()],
            undisturbed: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Adds a trial.
    pub fn push(&mut self, line: u64, row: &TrialRow) -> Result<(), Problem> {
        let trials = &mut self.trials[row.pass as usize];
        if trials.len() == MAX_TRIALS {
            let problem = format!("cell `{}` has more than {MAX_TRIALS} trials", row.cell);
            return Err(Problem::new(line, problem, "aggregate a run with fewer blocks"));
        }
        trials.push(Origin { block: row.block, line: u32::try_from(line).unwrap_or(u32::MAX) });
        for (metric, values) in Metric::ALL.into_iter().zip(&mut self.values) {
            if metric.pass() == row.pass {
                values.push(metric.value(row).unwrap_or(f64::NAN));
            }
        }
        Ok(())
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

    /// Brings the trials into the order of blocks. Two timed trials of one block are refused: which of
    /// them would be compared?
    pub fn sort_by_block(&mut self) -> Result<(), Problem> {
        for pass in Pass::ALL {
            let trials = &mut self.trials[pass as usize];
            if trials.is_sorted() {
                continue;
            }
            let mut order: Vec<usize> = (0..trials.len()).collect();
            order.sort_by_key(|trial| trials[*trial]);
            *trials = order.iter().map(|trial| trials[*trial]).collect();
            for metric in Metric::ALL.into_iter().filter(|metric| metric.pass() == pass) {
                let values = &mut self.values[metric as usize];
                *values = order.iter().map(|trial| values[*trial]).collect();
            }
        }
        let timed = &self.trials[Pass::Timed as usize];
        let Some(pair) = timed.windows(2).find(|pair| pair[0].block == pair[1].block) else {
            return Ok(());
        };
        let problem = format!(
            "block {} has a second timed trial of cell `{}` with status ok; the first is in line {}",
            pair[1].block, self.identity.cell, pair[0].line
        );
        Err(Problem::new(pair[1].line.into(), problem, "remove one of the two rows"))
    }

    /// The blocks of the timed trials, ascending.
    pub fn timed_blocks(&self) -> impl ExactSizeIterator<Item = u32> {
        self.trials[Pass::Timed as usize].iter().map(|trial| trial.block)
    }

    /// Notes in which blocks the timed trial failed, once the trials are in the order of blocks; what was
    /// repeated and succeeded did not fail.
    pub fn set_failed(&mut self, mut blocks: Vec<u32>) {
        blocks.sort_unstable();
        blocks.dedup();
        let timed = &self.trials[Pass::Timed as usize];
        blocks.retain(|block| timed.binary_search_by_key(block, |trial| trial.block).is_err());
        self.failed = blocks;
    }

    /// The blocks after the burn-in whose timed trial failed, ascending.
    pub fn failed(&self) -> &[u32] {
        &self.failed
    }

    /// What a metric was in each block in which it was measured or its trial failed, ascending.
    pub fn outcomes(&self, metric: Metric) -> Vec<Outcome> {
        let measured = self.values_by_block(metric).zip(self.undisturbed(metric.pass()));
        let measured = measured.filter(|((_, value), _)| value.is_finite());
        let mut outcomes: Vec<Outcome> = measured
            .map(|((block, value), is_undisturbed)| Outcome { block, value, is_undisturbed })
            .collect();
        if metric.pass() == Pass::Timed {
            let value = if metric.better() == Better::Less { f64::INFINITY } else { f64::NAN };
            outcomes.extend(self.failed.iter().map(|&block| Outcome { block, value, is_undisturbed: true }));
            outcomes.sort_by_key(|outcome| outcome.block);
        }
        outcomes
    }

    /// Notes of each timed trial whether nothing outside disturbed it.
    pub fn set_undisturbed(&mut self, undisturbed: Vec<bool>) {
        self.undisturbed = undisturbed;
    }

    /// Whether each trial of a pass was undisturbed; only timed ones can have been disturbed.
    pub fn undisturbed(&self, pass: Pass) -> impl Iterator<Item = bool> {
        let known = if pass == Pass::Timed { self.undisturbed.as_slice() } else { &[] };
        known.iter().copied().chain(std::iter::repeat(true))
    }

    /// Whether any trial of the metric's pass was disturbed.
    pub fn has_flags(&self, metric: Metric) -> bool {
        metric.pass() == Pass::Timed && self.undisturbed.contains(&false)
    }

    /// The values of a metric in the order of blocks, NaN where a trial has none.
    pub fn values(&self, metric: Metric) -> &[f64] {
        &self.values[metric as usize]
    }

    /// The values of a metric with the block of each, in ascending order of blocks.
    pub fn values_by_block(&self, metric: Metric) -> impl Iterator<Item = (u32, f64)> {
        let trials = &self.trials[metric.pass() as usize];
        trials.iter().map(|trial| trial.block).zip(self.values(metric).iter().copied())
    }

    /// The values of a metric in ascending order, trials without one left out.
    pub fn sorted_values(&self, metric: Metric) -> Vec<f64> {
        sorted(self.values(metric).iter().copied().filter(|value| !value.is_nan()))
    }

    /// As [`sorted_values`](Self::sorted_values), of the undisturbed trials alone.
    pub fn sorted_undisturbed_values(&self, metric: Metric) -> Vec<f64> {
        let all = self.values(metric).iter().copied().zip(self.undisturbed(metric.pass()));
        sorted(all.filter(|(value, undisturbed)| *undisturbed && !value.is_nan()).map(|(value, _)| value))
    }
}

//! `flags.csv`: timed trials that something outside them disturbed.
//!
//! A trial is flagged by what was seen around it, not by its makespan or its runner's word, and by a rule
//! that is fixed before any trial: see "Flags" in `docs/statistics.md`. Summaries and verdicts come with flagged
//! trials and without them. (What was seen is not quite independent of the trial: threads of the kernel that work for it
//! count as other processes.)
//!
//! The score of a frequency needs a margin, since among values that are mostly equal any other one is a far outlier.

use std::iter::repeat;

use results::disturbance::limit;
use results::{FlagRow, Metric};

use crate::measured_cell::MeasuredCell;
use crate::stats::median::{median, sorted};
use crate::stats::modified_z::{self, OUTLYING};

/// Share of the median by which a frequency must lie under it.
const FREQUENCY_SHARE: f64 = 0.05;

/// Finds out of each trial whether it was disturbed, makes one value of all processes of a block, and gives the flags.
pub(crate) fn flag_and_reduce(cells: &mut [MeasuredCell]) -> Vec<FlagRow> {
    let mut rows = Vec::new();
    for cell in cells {
        let trials = cell.timed_trials();
        let mut undisturbed = vec![true; trials.len()];
        for (signal, limits) in limits(cell) {
            for (trial, (value, limit)) in limits.into_iter().enumerate() {
                let Some(limit) = limit else { continue };
                undisturbed[trial] = false;
                rows.push(FlagRow {
                    experiment: cell.identity.experiment.clone(),
                    cell: cell.identity.cell.clone(),
                    block: trials[trial].block,
                    process: trials[trial].process,
                    signal: signal.name().into(),
                    value,
                    limit,
                });
            }
        }
        cell.reduce(&undisturbed);
    }
    rows
}

/// The value of a trial, and the limit where it is beyond it.
type Checked = (f64, Option<f64>);

/// By signal: each trial compared with the limit.
fn limits(cell: &MeasuredCell) -> Vec<(Metric, Vec<Checked>)> {
    let walls = || cell.values(Metric::ProcessLifetime).iter().chain(repeat(&f64::NAN));
    let checked = |signal: Metric| {
        let beyond = cell.values(signal).iter().zip(walls()).map(|(&value, &wall)| {
            let limit = limit(signal, wall);
            (value, limit.filter(|limit| value > *limit))
        });
        (signal, beyond.collect())
    };
    vec![
        checked(Metric::Steal),
        checked(Metric::OtherProcessesCpu),
        checked(Metric::Throttled),
        (Metric::CpuKhz, slower_clocks(cell.values(Metric::CpuKhz))),
    ]
}

/// Each frequency, with the limit where it is below it; where any is missing, nothing is flagged.
fn slower_clocks(khz: &[f64]) -> Vec<Checked> {
    if khz.is_empty() || khz.iter().any(|khz| khz.is_nan()) {
        return khz.iter().map(|&khz| (khz, None)).collect();
    }
    let limit = median(&sorted(khz)) * (1.0 - FREQUENCY_SHARE);
    let scored = khz.iter().zip(modified_z::scores(khz));
    scored.map(|(&khz, z)| (khz, (z < -OUTLYING && khz < limit).then_some(limit))).collect()
}

#[cfg(test)]
mod tests {
    use results::TrialRow;

    use crate::fixture::{timed, trials};

    const MS: u64 = 1_000_000;

    /// Ten undisturbed trials of 100 ms, the last of them changed.
    fn flags(change: impl Fn(&mut TrialRow)) -> Vec<(String, u32)> {
        let mut samples: Vec<TrialRow> = (1..=10)
            .map(|block| TrialRow {
                process_lifetime_ns: Some(100 * MS),
                steal_ns: Some(0),
                other_processes_cpu_ns: Some(0),
                throttled_periods: Some(0),
                cpu_khz: Some(2_000_000 + u64::from(block)),
                switches_involuntary: Some(u64::from(block % 3)),
                ..timed("a", block, 50 * MS)
            })
            .collect();
        change(&mut samples[9]);
        trials(&samples).flags.into_iter().map(|row| (row.signal, row.block)).collect()
    }

    #[test]
    fn an_undisturbed_run_has_no_flags_whatever_its_results() {
        assert_eq!(flags(|sample| sample.makespan_ns = Some(5_000 * MS)), []);
        // What the runner reports of itself is a result.
        assert_eq!(flags(|sample| sample.switches_involuntary = Some(500)), []);
    }

    #[test]
    fn each_signal_flags_the_trial_that_it_was_seen_around() {
        let one = |signal: &str| [(signal.to_string(), 10)];
        assert_eq!(flags(|s| s.steal_ns = Some(20 * MS)), one("steal_ns"));
        assert_eq!(flags(|s| s.other_processes_cpu_ns = Some(40 * MS)), one("other_processes_cpu_ns"));
        assert_eq!(flags(|s| s.cpu_khz = Some(1_000_000)), one("cpu_khz"));
        assert_eq!(flags(|s| s.throttled_periods = Some(1)), one("throttled_periods"));
    }

    #[test]
    fn what_is_within_the_margins_flags_nothing() {
        // A tick that was nearly full before.
        assert_eq!(flags(|s| s.steal_ns = Some(10 * MS)), []);
        assert_eq!(flags(|s| s.other_processes_cpu_ns = Some(20 * MS)), []);
        assert_eq!(flags(|s| s.cpu_khz = Some(1_950_000)), []);
    }

    #[test]
    fn a_signal_that_was_not_seen_flags_nothing() {
        assert_eq!(
            flags(|s| (s.steal_ns, s.other_processes_cpu_ns, s.cpu_khz, s.throttled_periods) =
                (None, None, None, None)),
            []
        );
    }
}

//! `flags.csv`: timed trials that something outside them disturbed.
//!
//! A trial is flagged by what was seen around it, never by its own result or its runner's word, and by a rule
//! that is fixed before any trial: see "Flags" in `docs/statistics.md`. Summaries and verdicts come with flagged
//! trials and without them.
//!
//! The kernel counts stolen time and that of other processes in ticks of 10 ms, and a tick at either end
//! may belong to the trial or not: hence 20 ms of slack. The score of a frequency needs a margin as well, since
//! among values that are mostly equal any other one is a far outlier.

use results::{FlagRow, Metric};

use crate::measured_cell::MeasuredCell;
use crate::stats::median::{median, sorted};
use crate::stats::modified_z::{self, OUTLYING};

/// Share of the wall time that may be stolen.
const STEAL_SHARE: f64 = 0.02;
/// Share of the wall time that others may use, and what ticks make uncertain, nanoseconds.
const OTHERS_SHARE: f64 = 0.10;
const OTHERS_SLACK_NS: f64 = 20e6;
/// Share of the median by which a frequency must lie under it.
const FREQUENCY_SHARE: f64 = 0.05;

/// Marks the trials of each cell as undisturbed or not, and gives the flags.
pub(crate) fn flag(cells: &mut [MeasuredCell]) -> Vec<FlagRow> {
    let mut rows = Vec::new();
    for cell in cells {
        let mut undisturbed = vec![true; cell.timed_blocks().len()];
        for (signal, limits) in limits(cell) {
            for (trial, (block, (value, limit))) in cell.timed_blocks().zip(limits).enumerate() {
                let Some(limit) = limit else { continue };
                undisturbed[trial] = false;
                let (experiment, name) = (cell.identity.experiment.clone(), cell.identity.cell.clone());
                rows.push(FlagRow {
                    experiment,
                    cell: name,
                    block,
                    signal: signal.name().into(),
                    value,
                    limit,
                });
            }
        }
        cell.set_undisturbed(undisturbed);
    }
    rows
}

/// The value of a trial, and the limit where it is beyond it.
type Checked = (f64, Option<f64>);

/// By signal: each trial compared with the limit.
fn limits(cell: &MeasuredCell) -> Vec<(Metric, Vec<Checked>)> {
    let wall = cell.values(Metric::ProcessLifetime);
    let share = |signal: Metric, share: f64, slack: f64| {
        let beyond = cell.values(signal).iter().zip(wall).map(|(&value, &wall)| {
            let limit = share * wall + slack;
            (value, (value > limit).then_some(limit))
        });
        (signal, beyond.collect())
    };
    vec![
        share(Metric::Steal, STEAL_SHARE, 0.0),
        share(Metric::OtherProcessesCpu, OTHERS_SHARE, OTHERS_SLACK_NS),
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

    use super::*;
    use crate::fixture::{timed, trials};

    const MS: u64 = 1_000_000;

    /// Ten undisturbed trials of 100 ms, the last of them changed.
    fn flags(change: impl Fn(&mut TrialRow)) -> Vec<(String, u32)> {
        let mut samples: Vec<TrialRow> = (1..=10)
            .map(|block| TrialRow {
                process_lifetime_ns: Some(100 * MS),
                steal_ns: Some(0),
                other_processes_cpu_ns: Some(0),
                cpu_khz: Some(2_000_000 + u64::from(block)),
                switches_involuntary: Some(u64::from(block % 3)),
                ..timed("a", block, 50 * MS)
            })
            .collect();
        change(&mut samples[9]);
        flag(&mut trials(&samples).cells).into_iter().map(|row| (row.signal, row.block)).collect()
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
        assert_eq!(flags(|s| s.steal_ns = Some(10 * MS)), one("steal_ns"));
        assert_eq!(flags(|s| s.other_processes_cpu_ns = Some(40 * MS)), one("other_processes_cpu_ns"));
        assert_eq!(flags(|s| s.cpu_khz = Some(1_000_000)), one("cpu_khz"));
    }

    #[test]
    fn what_is_within_the_margins_flags_nothing() {
        assert_eq!(flags(|s| s.other_processes_cpu_ns = Some(20 * MS)), []);
        assert_eq!(flags(|s| s.cpu_khz = Some(1_950_000)), []);
    }

    #[test]
    fn a_signal_that_was_not_seen_flags_nothing() {
        assert_eq!(
            flags(|s| (s.steal_ns, s.other_processes_cpu_ns, s.cpu_khz, s.switches_involuntary) =
                (None, None, None, None)),
            []
        );
    }
}

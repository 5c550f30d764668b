//! `flags.csv`: timed trials that something outside them disturbed.
//!
//! A trial is flagged by what was seen around it, never by its own result, and by a rule that is fixed
//! before any trial: see "Flags" in `docs/statistics.md`. Summaries and verdicts come with flagged trials
//! and without them.
//!
//! The kernel counts stolen time and that of other processes in ticks of 10 ms, and a tick at either end
//! may belong to the trial or not: hence 20 ms of slack. The scores of frequencies and switches need a
//! margin as well, since among values that are mostly equal any other one is a far outlier.

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
/// Switches by which a count must exceed the median.
const SWITCHES: f64 = 10.0;

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
    let mut signals = vec![
        share(Metric::Steal, STEAL_SHARE, 0.0),
        share(Metric::OtherProcessesCpu, OTHERS_SHARE, OTHERS_SLACK_NS),
    ];
    let khz = outlying(cell.values(Metric::CpuKhz), |value, median, z| {
        let limit = median * (1.0 - FREQUENCY_SHARE);
        (z < -OUTLYING && value < limit).then_some(limit)
    });
    signals.push((Metric::CpuKhz, khz));
    let switches = outlying(cell.values(Metric::SwitchesInvoluntary), |value, median, z| {
        let limit = median + SWITCHES;
        (z > OUTLYING && value > limit).then_some(limit)
    });
    signals.push((Metric::SwitchesInvoluntary, switches));
    signals
}

/// Each value with its limit by its modified z score; where any is missing, nothing is flagged.
fn outlying(values: &[f64], rule: impl Fn(f64, f64, f64) -> Option<f64>) -> Vec<Checked> {
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return values.iter().map(|&value| (value, None)).collect();
    }
    let median = median(&sorted(values));
    let scored = values.iter().zip(modified_z::scores(values));
    scored.map(|(&value, z)| (value, rule(value, median, z))).collect()
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
    }

    #[test]
    fn each_signal_flags_the_trial_that_it_was_seen_around() {
        let one = |signal: &str| [(signal.to_string(), 10)];
        assert_eq!(flags(|s| s.steal_ns = Some(10 * MS)), one("steal_ns"));
        assert_eq!(flags(|s| s.other_processes_cpu_ns = Some(40 * MS)), one("other_processes_cpu_ns"));
        assert_eq!(flags(|s| s.cpu_khz = Some(1_000_000)), one("cpu_khz"));
        assert_eq!(flags(|s| s.switches_involuntary = Some(500)), one("switches_involuntary"));
    }

    #[test]
    fn what_is_within_the_margins_flags_nothing() {
        assert_eq!(flags(|s| s.other_processes_cpu_ns = Some(20 * MS)), []);
        assert_eq!(flags(|s| s.cpu_khz = Some(1_950_000)), []);
        assert_eq!(flags(|s| s.switches_involuntary = Some(9)), []);
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

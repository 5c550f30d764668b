//! The lab's own errors, from trials whose truth is known.

use std::collections::BTreeMap;

use results::{CalibrationRow, Metric};

use super::figure::{Nominal, row, share};
use crate::measured_cell::MeasuredCell;
use crate::stats::median::{median, sorted};
use crate::stats::{CONFIDENCE, Interval, SIGNIFICANCE, sign, student};

/// Blocks of a comparison. So many counted in a default run of `article.toml` when the committed calibration was made; 17
/// count now. Another number would cut the blocks of a calibration that exists into other comparisons.
pub const BLOCKS: u32 = 13;

/// Blocks of a longer one, as `--sensitivity 1%` may ask for: five times as many.
const MANY_BLOCKS: u32 = 5 * BLOCKS;

/// The programs that are the same.
pub(super) const SAME: [&str; 2] = ["same-a", "same-b"];

/// Programs that are slower than the same by a known share.
const SLOWER: [(&str, f64); 3] = [("slower-1", 1.01), ("slower-2", 1.02), ("slower-5", 1.05)];
/// The one that shows the bias, as it has the most work more, and the share of it.
const SLOWEST: (&str, f64) = ("slower-5", 0.05);

/// The trials of known truth.
pub(super) struct KnownTruth<'a> {
    pub cells: &'a [MeasuredCell],
    /// The first block that counts.
    pub first_block: u32,
}

/// What a comparison finds, of logarithms of ratios.
struct Comparison {
    median: Interval,
    mean: student::Paired,
    /// Of the sign test, by which claims are judged.
    p_value: f64,
}

impl Comparison {
    fn by_test(&self) -> bool {
        self.mean.p_value <= SIGNIFICANCE
    }

    fn by_verdict(&self) -> bool {
        self.p_value <= SIGNIFICANCE
    }
}

/// One number a block.
type ByBlock = BTreeMap<u32, f64>;

impl KnownTruth<'_> {
    /// All figures; or what is missing.
    pub fn rows(&self) -> Result<Vec<CalibrationRow>, String> {
        let mut rows = self.false_alarms()?;
        for (runtime, truth) in SLOWER {
            rows.push(self.ratio(runtime, truth)?);
            rows.extend(self.coverage_and_power(runtime, truth)?);
        }
        rows.extend(self.delay()?);
        rows.extend(self.bias()?);
        Ok(rows)
    }

    fn false_alarms(&self) -> Result<Vec<CalibrationRow>, String> {
        let same = self.comparisons(SAME[1], SAME[0], BLOCKS)?;
        let row = |by: &str, is_seen: fn(&Comparison) -> bool, nominal| {
            counted(&format!("false alarms by {by}"), &same, is_seen, nominal)
        };
        let longer = self.comparisons(SAME[1], SAME[0], MANY_BLOCKS).ok().map(|same| {
            let figure = format!("false alarms by verdict in {MANY_BLOCKS} blocks");
            counted(&figure, &same, Comparison::by_verdict, Nominal::AtMost(SIGNIFICANCE))
        });
        let mut rows = vec![
            row("interval", |one| !one.median.contains(0.0), Nominal::Is(1.0 - CONFIDENCE)),
            row("test", Comparison::by_test, Nominal::Is(SIGNIFICANCE)),
            row("verdict", Comparison::by_verdict, Nominal::AtMost(SIGNIFICANCE)),
        ];
        rows.extend(longer);
        Ok(rows)
    }

    fn coverage_and_power(&self, runtime: &str, truth: f64) -> Result<Vec<CalibrationRow>, String> {
        let found = self.comparisons(runtime, SAME[0], BLOCKS)?;
        let is_found = |one: &Comparison| one.by_verdict() && one.median.low > 0.0;
        let longer = self.comparisons(runtime, SAME[0], MANY_BLOCKS).ok().map(|found| {
            counted(
                &format!("power by verdict in {MANY_BLOCKS} blocks of {runtime}"),
                &found,
                is_found,
                Nominal::Open,
            )
        });
        let row = |what: &str, is_so: &dyn Fn(&Comparison) -> bool, nominal| {
            counted(&format!("{what} of {runtime}"), &found, is_so, nominal)
        };
        let (truth, nominal) = (truth.ln(), Nominal::Is(CONFIDENCE));
        let mut rows = vec![
            row("coverage of the median's interval", &|one| one.median.contains(truth), nominal),
            row("coverage of the mean's interval", &|one| one.mean.interval.contains(truth), nominal),
            row("power by interval", &|one| one.median.low > 0.0, Nominal::Open),
            row("power by test", &|one| one.by_test() && one.mean.mean > 0.0, Nominal::Open),
            row("power by verdict", &is_found, Nominal::Open),
        ];
        rows.extend(longer);
        Ok(rows)
    }

    /// All comparisons that have their blocks whole; they are cut where the plan has them, whatever failed.
    fn comparisons(&self, a: &str, b: &str, blocks: u32) -> Result<Vec<Comparison>, String> {
        let mut cut: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (block, d) in self.log_ratios(a, b)? {
            cut.entry((block - self.first_block) / blocks).or_default().push(d);
        }
        cut.retain(|_, values| values.len() == blocks as usize);
        if cut.is_empty() {
            return Err(format!("no {blocks} blocks in a row have both {a} and {b}"));
        }
        Ok(cut.into_values().filter_map(compared).collect())
    }

    /// The known ratio, as all blocks together have it.
    fn ratio(&self, runtime: &str, truth: f64) -> Result<CalibrationRow, String> {
        let d: Vec<f64> = self.log_ratios(runtime, SAME[0])?.into_values().collect();
        let n = d.len() as u64;
        let (value, interval) = summarised(d).ok_or_else(|| format!("{runtime} has no makespan"))?;
        let interval = interval.map(Interval::exp);
        Ok(row(&format!("ratio of {runtime}"), "ratio", n, value.exp(), interval, Some(truth)))
    }

    /// What the harness saw pass beyond the makespan: the wire, and waking up.
    fn delay(&self) -> Result<Option<CalibrationRow>, String> {
        let beyond: Vec<f64> = self.beyond(SAME[0])?.into_values().collect();
        let n = beyond.len() as u64;
        let row =
            |(value, interval)| row("seen from outside beyond the makespan", "ns", n, value, interval, None);
        Ok(summarised(beyond).map(row))
    }

    /// Which share of the work that one program has more was seen from outside alone.
    fn bias(&self) -> Result<Option<CalibrationRow>, String> {
        let (runtime, more) = SLOWEST;
        let (slower, same) = (self.beyond(runtime)?, self.beyond(SAME[0])?);
        let makespans = self.by_block(SAME[0], Metric::Makespan)?;
        let share = |(block, beyond): (&u32, &f64)| {
            Some((beyond - same.get(block)?) / (more * makespans.get(block)?))
        };
        let shares: Vec<f64> = slower.iter().filter_map(share).collect();
        let (n, figure) = (shares.len() as u64, format!("bias of {runtime} against a timing from outside"));
        let row = |(value, interval)| row(&figure, "share", n, value, interval, Some(0.0));
        Ok(summarised(shares).map(row))
    }

    /// Nanoseconds that the harness saw pass beyond the makespan.
    fn beyond(&self, runtime: &str) -> Result<ByBlock, String> {
        let inside = self.by_block(runtime, Metric::Makespan)?;
        let outside = self.by_block(runtime, Metric::GoToDone)?.into_iter();
        Ok(outside.filter_map(|(block, seen)| Some((block, seen - inside.get(&block)?))).collect())
    }

    /// ln(a/b) of the makespans of each block that has both.
    fn log_ratios(&self, a: &str, b: &str) -> Result<ByBlock, String> {
        let baseline = self.by_block(b, Metric::Makespan)?;
        let both = self.by_block(a, Metric::Makespan)?.into_iter();
        Ok(both.filter_map(|(block, a)| Some((block, (a / baseline.get(&block)?).ln()))).collect())
    }

    fn by_block(&self, runtime: &str, metric: Metric) -> Result<ByBlock, String> {
        let is_it = |cell: &&MeasuredCell| cell.identity.runtime == runtime;
        let cell = self.cells.iter().find(is_it).ok_or_else(|| format!("no trial of {runtime} is ok"))?;
        Ok(cell.values_by_block(metric).filter(|(_, value)| *value > 0.0 && value.is_finite()).collect())
    }
}

/// Two programs compared by ln of their ratio in each block.
fn compared(d: Vec<f64>) -> Option<Comparison> {
    let d = sorted(d);
    Some(Comparison {
        median: sign::interval(&d)?,
        mean: student::paired(&d),
        p_value: sign::two_sided(&d, 0.0, 0.0),
    })
}

/// The median and its interval; none of no values.
fn summarised(values: Vec<f64>) -> Option<(f64, Option<Interval>)> {
    let values = sorted(values);
    let median = (!values.is_empty()).then(|| median(&values))?;
    Some((median, sign::interval(&values)))
}

/// The share of comparisons in which something is so.
fn counted(
    figure: &str,
    comparisons: &[Comparison],
    is_so: impl Fn(&Comparison) -> bool,
    nominal: Nominal,
) -> CalibrationRow {
    let count = comparisons.iter().filter(|one| is_so(one)).count();
    share(figure, count as u64, comparisons.len() as u64, nominal)
}

#[cfg(test)]
mod tests {
    use protocol::Status;
    use results::TrialRow;

    use super::*;
    use crate::calibration::calibrate;
    use crate::fixture::noise::Random;
    use crate::fixture::{run, timed};

    /// What the harness sees beyond a makespan, nanoseconds.
    const DELAY: u64 = 50_000;
    const COMPARISONS: u32 = 200;

    /// So many comparisons of all runtimes, from block 1, with 1 % of noise; changed.
    fn calibrated(change: impl Fn(&mut TrialRow)) -> Vec<CalibrationRow> {
        let mut random = Random::new(7);
        let mut trials = Vec::new();
        for block in 1..=COMPARISONS * BLOCKS {
            for (runtime, truth) in SAME.map(|runtime| (runtime, 1.0)).into_iter().chain(SLOWER) {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small and positive
                let makespan = (1e7 * truth * (0.01 * random.normal()).exp()) as u64;
                let go_to_done_ns = Some(makespan + DELAY);
                trials.push(TrialRow { go_to_done_ns, ..timed(runtime, block, makespan) });
            }
        }
        trials.iter_mut().for_each(change);
        calibrate(run(&trials).path()).unwrap()
    }

    fn found<'a>(rows: &'a [CalibrationRow], figure: &str) -> &'a CalibrationRow {
        rows.iter().find(|row| row.figure == figure).unwrap_or_else(|| panic!("{figure}: {rows:?}"))
    }

    #[test]
    fn a_lab_whose_errors_are_as_they_ought_to_be_is_found_to_be_so() {
        let rows = calibrated(|_| ());
        let alarms = found(&rows, "false alarms by test");
        assert_eq!((alarms.n, alarms.holds, alarms.nominal), (200, Some(true), Some(SIGNIFICANCE)));
        for figure in [
            "false alarms by verdict",
            "coverage of the median's interval of slower-5",
            "coverage of the mean's interval of slower-5",
            "ratio of slower-5",
            "bias of slower-5 against a timing from outside",
        ] {
            assert_eq!(found(&rows, figure).holds, Some(true), "{:?}", found(&rows, figure));
        }
        assert!((found(&rows, "ratio of slower-5").value - 1.05).abs() < 0.002);
        assert_eq!(found(&rows, "seen from outside beyond the makespan").value, 50_000.0);
        // A delay that is the same for both programs is no bias.
        assert_eq!(found(&rows, "bias of slower-5 against a timing from outside").value, 0.0);
    }

    #[test]
    fn a_larger_difference_is_seen_more_often_and_no_verdict_without_the_test_and_the_interval() {
        let rows = calibrated(|_| ());
        let power = |by: &str, of: &str| found(&rows, &format!("power by {by} of {of}")).value;
        assert!(power("test", "slower-5") > 0.99);
        assert!(power("test", "slower-1") < power("test", "slower-2"));
        for of in ["slower-1", "slower-2"] {
            let least = power("test", of).min(power("interval", of));
            assert!(power("verdict", of) <= least && power("verdict", of) > 0.0);
        }
    }

    #[test]
    fn a_name_that_makes_a_difference_is_found_to_be_a_false_alarm() {
        let rows = calibrated(|trial| {
            let percent = if trial.runtime == "same-b" { 103 } else { 100 };
            trial.makespan_ns = trial.makespan_ns.map(|ns| ns * percent / 100);
            trial.go_to_done_ns = trial.makespan_ns.map(|ns| ns + DELAY);
        });
        for by in ["interval", "test", "verdict"] {
            let row = found(&rows, &format!("false alarms by {by}"));
            assert!(row.value > 0.5 && row.holds == Some(false), "{row:?}");
        }
    }

    #[test]
    fn work_outside_the_makespan_is_a_bias() {
        // A clock in the runner that loses 1 %.
        let rows = calibrated(|trial| trial.makespan_ns = trial.makespan_ns.map(|ns| ns * 99 / 100));
        let row = found(&rows, "bias of slower-5 against a timing from outside");
        assert!((row.value - 0.01).abs() < 0.002 && row.holds == Some(false), "{row:?}");
    }

    #[test]
    fn a_comparison_that_lacks_a_block_is_left_out_and_moves_no_other() {
        // The first block of all and one of the third comparison.
        let rows = calibrated(|trial| {
            if [1, 2 * BLOCKS + 3].contains(&trial.block) && trial.runtime == "same-b" {
                trial.status = Status::Timeout;
            }
        });
        assert_eq!(found(&rows, "false alarms by test").n, 198);
        assert_eq!(found(&rows, "power by test of slower-5").n, 200);
    }

    #[test]
    fn what_was_not_timed_from_outside_has_no_row() {
        let rows = calibrated(|trial| trial.go_to_done_ns = None);
        assert!(rows.iter().all(|row| !row.figure.contains("outside") && row.value.is_finite()), "{rows:?}");
    }
}

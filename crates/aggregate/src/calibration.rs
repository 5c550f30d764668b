//! `calibration.csv`: how often the lab itself is wrong, from trials whose truth is known.
//!
//! The blocks of one long run are cut into comparisons of [`BLOCKS`] blocks each, as many as a run by
//! the default preset has of what it claims about, and each is judged as if it were a run of its own:
//!
//! - *false alarms*: comparisons of one program with itself in which a difference is seen. The nominal
//!   rate is 5 %; it holds where an exact binomial test does not speak against it;
//! - *coverage*: comparisons whose 95 % interval holds the known ratio;
//! - *power*: comparisons in which a known difference is seen, in the right direction;
//! - *bias*: makespans as the runner tells them against what the harness saw pass from outside.
//!
//! A difference is seen *by interval* where the `BCa` interval of the median ratio leaves out 1, *by
//! test* where the paired t test has p ≤ 0.05, and *by verdict* where both do, as a claim is judged.
//!
//! Of the order of trials: what the same number of trials, with the same load coming and going, errs by
//! when they are interleaved and when one runtime runs after the other. The truth is 1, so that
//! |ln ratio| is the error; told is its root mean square.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use claims::METRICS;
use protocol::{Order, OrderSample};
use serde::{Deserialize, Serialize};

use crate::cells::{self, Cell};
use crate::error::{Error, Problem};
use crate::number;
use crate::plan::Plan;
use crate::stats::median::median;
use crate::stats::{Bootstrap, FEWEST, Interval, bca, binomial, student};
use crate::{CALIBRATION, ORDERS, PLAN, TRIALS, write};

/// Blocks of a comparison: those that count of the default preset of `article.toml`.
pub const BLOCKS: u32 = 10;

/// A difference is seen by test where p is at most this.
const SIGNIFICANCE: f64 = 0.05;
/// Of the interval and the test.
const CONFIDENCE: f64 = 0.95;

/// The programs that are the same.
const SAME: [&str; 2] = ["same-a", "same-b"];
/// Programs that are slower than the same by a known share.
const SLOWER: [(&str, f64); 3] = [("slower-1", 1.01), ("slower-2", 1.02), ("slower-5", 1.05)];

/// The largest `orders.csv` that is read, bytes.
const MAX_ORDERS_BYTES: u64 = 64 << 20;

pub(crate) const COLUMNS: [&str; 8] =
    ["figure", "n", "value", "ci_low", "ci_high", "unit", "nominal", "holds"];

/// One figure of the lab's own errors: a row of `calibration.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CalibrationRow {
    /// What it is.
    pub figure: String,
    /// Comparisons, blocks or repetitions that it is from.
    pub n: u64,
    /// The figure.
    #[serde(serialize_with = "number::serialize")]
    pub value: f64,
    /// Lower end of its 95 % interval.
    #[serde(serialize_with = "number::serialize_option")]
    pub ci_low: Option<f64>,
    /// Upper end.
    #[serde(serialize_with = "number::serialize_option")]
    pub ci_high: Option<f64>,
    /// `share`, `ratio`, or `ns`.
    pub unit: String,
    /// What it ought to be, where that is known.
    #[serde(serialize_with = "number::serialize_option")]
    pub nominal: Option<f64>,
    /// Whether what was found is compatible with that: of a share, by an exact binomial test at 5 %;
    /// else by its interval.
    pub holds: Option<bool>,
}

/// Tells the lab's own errors from the run in the folder, whose trials are those of `calibration.toml`,
/// and writes them there.
///
/// # Errors
///
/// As [`aggregate`](crate::aggregate()), and when there are too few blocks for a single comparison.
pub fn calibrate(dir: &Path) -> Result<Vec<CalibrationRow>, Error> {
    let plan = Plan::read(&dir.join(PLAN))?;
    let path = dir.join(TRIALS);
    let trials = cells::read(&path, plan.burn_in_blocks)?;
    let bootstrap = Bootstrap::new(plan.seed, cells::most_trials(&trials.cells));
    let known = Known { cells: &trials.cells, bootstrap: &bootstrap };
    let mut rows = known.rows().map_err(|what| {
        let mend = "give the folder of a run that `kilotask calibrate` made";
        Problem::new(1, what, mend).at(&path)
    })?;
    let orders = dir.join(ORDERS);
    if orders.exists() {
        rows.extend(order_rows(&read_orders(&orders)?, plan.seed));
    }
    write::stage(dir, CALIBRATION, &COLUMNS, &rows)?.publish()?;
    Ok(rows)
}

/// The trials of known truth.
struct Known<'a> {
    cells: &'a [Cell],
    bootstrap: &'a Bootstrap,
}

/// What a comparison finds: values are logarithms of ratios, in ascending order.
struct Comparison {
    median: Interval,
    mean: student::Paired,
}

impl Comparison {
    fn by_interval(&self) -> bool {
        self.median.low > 0.0 || self.median.high < 0.0
    }

    fn by_test(&self) -> bool {
        self.mean.p_value <= SIGNIFICANCE
    }

    fn by_verdict(&self) -> bool {
        self.by_interval() && self.by_test()
    }
}

impl Known<'_> {
    fn rows(&self) -> Result<Vec<CalibrationRow>, String> {
        let same = self.comparisons(SAME[1], SAME[0])?;
        let mut rows = vec![
            judged("false alarms by interval", &same, Comparison::by_interval, Some(1.0 - CONFIDENCE)),
            judged("false alarms by test", &same, Comparison::by_test, Some(SIGNIFICANCE)),
            judged("false alarms by verdict", &same, Comparison::by_verdict, None),
        ];
        for (runtime, truth) in SLOWER {
            let found = self.comparisons(runtime, SAME[0])?;
            let truth_on_log_scale = truth.ln();
            let holds = |interval: Interval| {
                interval.low <= truth_on_log_scale && truth_on_log_scale <= interval.high
            };
            let of = |what: &str| format!("{what} of {runtime}");
            rows.extend([
                self.ratio(runtime, truth)?,
                judged(
                    &of("coverage of the median's interval"),
                    &found,
                    |one| holds(one.median),
                    Some(CONFIDENCE),
                ),
                judged(
                    &of("coverage of the mean's interval"),
                    &found,
                    |one| holds(one.mean.interval),
                    Some(CONFIDENCE),
                ),
                judged(&of("power by interval"), &found, |one| one.median.low > 0.0, None),
                judged(&of("power by test"), &found, |one| one.by_test() && one.mean.mean > 0.0, None),
                judged(&of("power by verdict"), &found, |one| one.by_verdict() && one.median.low > 0.0, None),
            ]);
        }
        rows.push(self.delay()?);
        rows.push(self.bias()?);
        Ok(rows)
    }

    fn cell(&self, runtime: &str) -> Result<&Cell, String> {
        let is_it = |cell: &&Cell| cell.identity.runtime == runtime;
        self.cells.iter().find(is_it).ok_or_else(|| format!("no trial of {runtime} is ok"))
    }

    fn by_block(&self, runtime: &str, metric: &str) -> Result<BTreeMap<u32, f64>, String> {
        let metric = index(metric);
        let values = self.cell(runtime)?.values_by_block(metric);
        Ok(values.filter(|(_, value)| *value > 0.0).collect())
    }

    /// ln(a/b) of each block that has both.
    fn log_ratios(&self, a: &str, b: &str, metric: &str) -> Result<BTreeMap<u32, f64>, String> {
        let baseline = self.by_block(b, metric)?;
        let both = self.by_block(a, metric)?.into_iter();
        Ok(both.filter_map(|(block, a)| Some((block, (a / baseline.get(&block)?).ln()))).collect())
    }

    /// All comparisons that have their blocks whole.
    fn comparisons(&self, a: &str, b: &str) -> Result<Vec<Comparison>, String> {
        let found = self.log_ratios(a, b, "makespan_ns")?;
        let first = found.keys().next().copied().unwrap_or(0);
        let mut cut: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (block, d) in found {
            cut.entry((block - first) / BLOCKS).or_default().push(d);
        }
        cut.retain(|_, values| values.len() == BLOCKS as usize);
        if cut.is_empty() {
            return Err(format!("fewer than {BLOCKS} blocks have both {a} and {b}"));
        }
        let compared = cut.into_values().map(|mut values| {
            values.sort_unstable_by(f64::total_cmp);
            let mean = student::paired(&values);
            Comparison { median: bca::interval(&values, &mut self.bootstrap.medians(&values)), mean }
        });
        Ok(compared.collect())
    }

    /// The known ratio, as all blocks together have it.
    fn ratio(&self, runtime: &str, truth: f64) -> Result<CalibrationRow, String> {
        let values = self.log_ratios(runtime, SAME[0], "makespan_ns")?.into_values().collect();
        let (value, interval) = self.summarised(values);
        let interval = interval.map(Interval::exp);
        Ok(row(&format!("ratio of {runtime}"), "ratio", self.n(runtime)?, value.exp(), interval, Some(truth)))
    }

    /// What the harness saw pass beyond the makespan: the wire, and waking up.
    fn delay(&self) -> Result<CalibrationRow, String> {
        let inside = self.by_block(SAME[0], "makespan_ns")?;
        let outside = self.by_block(SAME[0], "observed_ns")?;
        let beyond = outside.iter().filter_map(|(block, seen)| Some(seen - inside.get(block)?)).collect();
        let (value, interval) = self.summarised(beyond);
        Ok(row("seen from outside beyond the makespan", "ns", self.n(SAME[0])?, value, interval, None))
    }

    /// The ratio of 1.05 by the makespans over the same as timed from outside.
    fn bias(&self) -> Result<CalibrationRow, String> {
        let (runtime, _) = SLOWER[SLOWER.len() - 1];
        let inside = self.log_ratios(runtime, SAME[0], "makespan_ns")?;
        let outside = self.log_ratios(runtime, SAME[0], "observed_ns")?;
        let differences = inside.iter().filter_map(|(block, d)| Some(d - outside.get(block)?)).collect();
        let (value, interval) = self.summarised(differences);
        let name = format!("bias of the ratio of {runtime} against a timing from outside");
        let interval = interval.map(Interval::exp);
        Ok(row(&name, "ratio", self.n(runtime)?, value.exp(), interval, Some(1.0)))
    }

    fn n(&self, runtime: &str) -> Result<u64, String> {
        Ok(self.by_block(runtime, "makespan_ns")?.len() as u64)
    }

    fn summarised(&self, mut values: Vec<f64>) -> (f64, Option<Interval>) {
        values.sort_unstable_by(f64::total_cmp);
        let enough = values.len() >= FEWEST;
        let interval = enough.then(|| bca::interval(&values, &mut self.bootstrap.medians(&values)));
        (if values.is_empty() { f64::NAN } else { median(&values) }, interval)
    }
}

/// The share of comparisons in which something is so.
fn judged(
    figure: &str,
    comparisons: &[Comparison],
    is_so: impl Fn(&Comparison) -> bool,
    nominal: Option<f64>,
) -> CalibrationRow {
    let (count, n) = (comparisons.iter().filter(|one| is_so(one)).count() as u64, comparisons.len() as u64);
    let holds = nominal.map(|nominal| {
        let (fewest, most) = binomial::acceptable(n, nominal);
        (fewest..=most).contains(&count)
    });
    let interval = Some(binomial::interval(count, n));
    CalibrationRow { holds, ..row(figure, "share", n, count as f64 / n as f64, interval, nominal) }
}

fn row(
    figure: &str,
    unit: &str,
    n: u64,
    value: f64,
    interval: Option<Interval>,
    nominal: Option<f64>,
) -> CalibrationRow {
    let within =
        |interval: Interval| nominal.map(|nominal| interval.low <= nominal && nominal <= interval.high);
    CalibrationRow {
        figure: figure.into(),
        n,
        value,
        ci_low: interval.map(|interval| interval.low),
        ci_high: interval.map(|interval| interval.high),
        unit: unit.into(),
        nominal,
        holds: interval.and_then(within),
    }
}

fn index(metric: &str) -> usize {
    METRICS.iter().position(|known| known.name == metric).expect("makespan_ns and observed_ns are metrics")
}

/// The errors of both orders, and how many times larger one is than the other.
fn order_rows(samples: &[OrderSample], seed: u64) -> Vec<CalibrationRow> {
    let blocks = errors(samples, Order::Blocks);
    let turns = errors(samples, Order::InTurn);
    let repetitions: Vec<(f64, f64)> =
        blocks.iter().filter_map(|(repetition, error)| Some((*error, *turns.get(repetition)?))).collect();
    if repetitions.len() < FEWEST {
        return Vec::new();
    }
    let n = repetitions.len() as u64;
    let resampled = |of: fn(&[(f64, f64)]) -> f64| {
        (of(&repetitions), Some(crate::stats::bootstrap::interval_of(&repetitions, seed, of)))
    };
    let in_blocks = resampled(|errors| root_mean_square(errors.iter().map(|(blocks, _)| *blocks)));
    let in_turn = resampled(|errors| root_mean_square(errors.iter().map(|(_, turns)| *turns)));
    let factor = resampled(|errors| {
        let of_blocks = root_mean_square(errors.iter().map(|(blocks, _)| *blocks));
        root_mean_square(errors.iter().map(|(_, turns)| *turns)) / of_blocks
    });
    vec![
        row("error under a load that comes and goes, in blocks", "share", n, in_blocks.0, in_blocks.1, None),
        row("error under the same load, one after the other", "share", n, in_turn.0, in_turn.1, None),
        row("one after the other errs more than blocks, times", "ratio", n, factor.0, factor.1, None),
    ]
}

fn root_mean_square(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    (values.map(|x| x * x).sum::<f64>() / n).sqrt()
}

/// |ln ratio| of each repetition of an order; the same estimate for both: the median over trials of the
/// same number.
fn errors(samples: &[OrderSample], order: Order) -> BTreeMap<u32, f64> {
    let mut repetitions: BTreeMap<u32, BTreeMap<u32, [Option<f64>; 2]>> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.order == order) {
        let Some(which) = SAME.iter().position(|name| *name == sample.runtime) else { continue };
        let pairs = repetitions.entry(sample.repetition).or_default();
        pairs.entry(sample.trial).or_default()[which] = sample.makespan_ns.map(|ns| ns as f64);
    }
    let error = |pairs: BTreeMap<u32, [Option<f64>; 2]>| {
        let both = pairs.into_values().filter_map(|[a, b]| Some((a? / b?).ln()));
        let mut values: Vec<f64> = both.filter(|d| d.is_finite()).collect();
        values.sort_unstable_by(f64::total_cmp);
        (!values.is_empty()).then(|| median(&values).abs())
    };
    repetitions.into_iter().filter_map(|(repetition, pairs)| Some((repetition, error(pairs)?))).collect()
}

fn read_orders(path: &Path) -> Result<Vec<OrderSample>, Error> {
    let cannot_read = |source| Error::Read { path: path.into(), source };
    let file = File::open(path).map_err(cannot_read)?;
    let length = file.metadata().map_err(cannot_read)?.len();
    if length > MAX_ORDERS_BYTES {
        return Err(cannot_read(std::io::Error::other(format!("{length} bytes are too many for it"))));
    }
    let rows = csv::Reader::from_reader(file).into_deserialize();
    rows.collect::<Result<_, csv::Error>>().map_err(|error| {
        let line = error.position().map_or(1, csv::Position::line);
        let mend = "remove the file, and `kilotask calibrate --resume` measures it again";
        Problem::new(line, format!("reading a trial: {error}"), mend).at(path)
    })
}

#[cfg(test)]
mod tests {
    use protocol::Sample;

    use super::*;
    use crate::fixture::{run, timed};

    /// 2000 blocks of all runtimes: true ratios, and a spread that no two trials share.
    fn samples() -> Vec<Sample> {
        let runtimes =
            [("same-a", 1.0), ("same-b", 1.0), ("slower-1", 1.01), ("slower-2", 1.02), ("slower-5", 1.05)];
        let mut state = 7;
        let mut samples = Vec::new();
        for block in 1..=2000 {
            for (runtime, truth) in runtimes {
                // Twelve uniform numbers make a normal one, nearly.
                let normal: f64 = (0..12)
                    .map(|_| {
                        state = protocol::proof::splitmix64(state);
                        (state >> 11) as f64 / (1u64 << 53) as f64
                    })
                    .sum::<f64>()
                    - 6.0;
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small and positive
                let makespan = (1e7 * truth * (0.01 * normal).exp()) as u64;
                samples
                    .push(Sample { observed_ns: Some(makespan + 50_000), ..timed(runtime, block, makespan) });
            }
        }
        samples
    }

    #[test]
    fn a_lab_whose_errors_are_as_they_ought_to_be_is_found_to_be_so() {
        let dir = run(&samples());
        let rows = calibrate(dir.path()).unwrap();
        let found = |figure: &str| rows.iter().find(|row| row.figure == figure).unwrap();
        let alarms = found("false alarms by test");
        assert_eq!((alarms.n, alarms.holds, alarms.nominal), (200, Some(true), Some(0.05)));
        assert_eq!(found("coverage of the mean's interval of slower-5").holds, Some(true));
        let ratio = found("ratio of slower-5");
        assert!((ratio.value - 1.05).abs() < 0.002, "{ratio:?}");
        assert!((found("seen from outside beyond the makespan").value - 50_000.0).abs() < 1.0);
        assert!(found("power by test of slower-5").value > 0.99);
        assert!(found("power by test of slower-1").value < found("power by test of slower-2").value);
        assert!(dir.path().join("calibration.csv").exists());
    }

    #[test]
    fn the_errors_of_both_orders_are_told_and_how_many_times_one_is_the_other() {
        let sample = |repetition, order, runtime: &str, trial, makespan_ns| OrderSample {
            repetition,
            order,
            runtime: runtime.into(),
            trial,
            makespan_ns: Some(makespan_ns),
        };
        // In blocks off by 1 %, in turn by 10 %, up and down.
        let rows = (0..20u32).flat_map(|repetition| {
            [(Order::Blocks, 1010), (Order::InTurn, 1100)].into_iter().flat_map(move |(order, slow)| {
                let (a, b) = if repetition % 2 == 0 { (slow, 1000) } else { (1000, slow) };
                (0..3).flat_map(move |trial| {
                    [
                        sample(repetition, order, "same-a", trial, a),
                        sample(repetition, order, "same-b", trial, b),
                    ]
                })
            })
        });
        let rows = order_rows(&rows.collect::<Vec<_>>(), 7);
        assert!((rows[0].value - 1.01f64.ln()).abs() < 1e-9, "{rows:?}");
        assert!((rows[2].value - 1.1f64.ln() / 1.01f64.ln()).abs() < 1e-9, "{rows:?}");
    }

    #[test]
    fn a_run_of_something_else_is_refused_with_the_mend() {
        let dir = run(&[timed("tokio", 1, 100)]);
        let error = calibrate(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("no trial of same-a is ok; give the folder of a run that `kilotask calibrate`"),
            "{error}"
        );
    }
}

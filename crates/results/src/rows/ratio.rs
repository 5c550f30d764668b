//! `ratios.csv`: how the runtimes of a group compare, block by block.

use crate::folder;
use crate::metric::Metric;
use crate::table::rows;
use crate::value::named;

named! {
    /// What a runtime is compared with.
    pub enum Against {
        /// The cheapest way known to do the work with no runtime.
        Floor = "floor",
        /// The runtime of the group with the lowest median of the metric.
        Fastest = "fastest",
        /// The program in the same language that does one task after another: 1 ÷ the ratio is the
        /// speed-up over it.
        Sequential = "sequential",
        /// The same runtime with one worker: 1 ÷ the ratio is the speed-up over it.
        OneWorker = "one-worker",
        /// Any other runtime of the overview group of a workload, each pair once.
        Pair = "pair",
    }
}

rows! {
    /// A runtime against another by one metric.
    #[derive(Debug, Clone, PartialEq)]
    pub struct RatioRow in folder::RATIOS;
    row: "pair of runtimes × metric";
    key: [group, metric, runtime, baseline, against];
    experiment, group, workload: String, [], "what is compared, as in trials.csv";
    tasks: u64, ["tasks"], "what is compared, as in trials.csv";
    metric: Metric, [], "the metric, as in summary.csv";
    runtime: String, [], "the numerator";
    baseline: String, [], "the denominator";
    against: Against, [],
        "`floor`: the baseline is the floor; `fastest`: it is the runtime with the lowest median of this \
         metric, without references and variants; it was picked from the same trials, so there is no \
         interval and no p (see `among_best` in summary.csv); `sequential`: the program in the same \
         language that runs one task after another; `one-worker`: the same runtime with one worker. For \
         these two the speed-up is 1 ÷ the ratio; `pair`: any other runtime of the group that an overview shows \
         for the workload, each pair once. Where more of a metric is better, a ratio above 1 is a gain";
    n: u64, ["blocks"], "blocks in which both runtimes were measured or failed";
    ratio: f64, ["ratio"], "median ratio";
    ci_low, ci_high: Option<f64>, ["ratio"; empty when "fewer than 6 blocks, or against the fastest"],
        "95 % interval by the sign test, interpolated between values; an end is empty where failed trials leave it unknown";
    geomean: Option<f64>, ["ratio"; empty when "a trial failed, or `against` is `pair`"], "geometric mean of the ratios, as a check";
    geomean_low, geomean_high: Option<f64>,
        ["ratio"; empty when "a trial failed, fewer than 3 blocks, against the fastest, or `against` is `pair`"],
        "t interval of the geometric mean";
    p_value: Option<f64>, ["probability"; empty when "fewer than 6 blocks, or against the fastest"],
        "two-sided sign test of the ratio being 1";
    p_adjusted: Option<f64>, ["probability"; empty when "fewer than 6 blocks, or against the fastest"],
        "`p_value` with Holm's correction over the experiment's rows with this metric and `against`; of `pair` over \
         all rows of the same two runtimes, in all experiments, of the same kind: the cold round, the later rounds \
         (`later_…`), or memory (`…_bytes`)";
}

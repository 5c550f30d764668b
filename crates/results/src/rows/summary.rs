//! `summary.csv`: each metric of each cell, with the 95 % interval of its median.

use super::trial::Pass;
use crate::folder;
use crate::metric::Metric;
use crate::table::rows;

rows! {
    /// One metric of one cell. Numbers are in the metric's unit.
    #[derive(Debug, Clone, PartialEq)]
    pub struct SummaryRow in folder::SUMMARY;
    row: "cell × metric";
    key: [cell, metric];
    experiment, cell, group, runtime: String, [], "the cell, as in trials.csv";
    runtime_version: String, [empty when "the runner gives none"], "the cell, as in trials.csv";
    workload: String, [], "the cell, as in trials.csv";
    tasks: u64, ["tasks"], "the cell, as in trials.csv";
    workers: u32, ["threads"], "the cell, as in trials.csv";
    params: String, [empty when "the cell has none"], "the cell, as in trials.csv";
    pass: Pass, [], "the pass that the metric is from";
    metric: Metric, [],
        "a column of trials.csv, or derived from it: `total_ns` = start-up + makespan; `…_per_task` = all \
         rounds ÷ (tasks × rounds); `operation_ns` = makespan (in `echo`: load) ÷ operations, cold; \
         `later_operation_ns` the same for the later rounds; `operations_per_second` its inverse; \
         `cpu_per_operation_ns` = CPU time of all rounds ÷ operations of all; `cpus_busy` = CPU time of all \
         rounds ÷ their time; `…_growth_bytes` = holding − ready, `footprint_growth_bytes` that of resident \
         memory and, where it grew, the kernel's; `rss_per_task_bytes` and `virtual_per_task_bytes` = growth ÷ tasks; \
         `memory_per_added_task_bytes` = footprint growth − that of the cell with a tenth of the tasks, ÷ \
         the tasks that were added; `overhead_per_task_ns` = (makespan − the one wait asked for) ÷ tasks";
    unit: String, [], "the metric's: `ns`, `bytes`, `tasks`, `calls`, …";
    n: u64, ["trials"], "number of trials with a value";
    median: f64, ["as in `unit`"], "median of the trials' values";
    mean: f64, ["as in `unit`"], "mean of the trials' values";
    ci_low, ci_high: Option<f64>, ["as in `unit`"; empty when "fewer than 6 trials"],
        "95 % interval of the median by the sign test, interpolated between values; a trial that failed counts as \
        slower than any other";
    min: f64, ["as in `unit`"], "smallest of the trials' values";
    max: f64, ["as in `unit`"], "largest of the trials' values";
    mad: f64, ["as in `unit`"], "median absolute deviation from the median, unscaled";
    disturbed: u64, ["trials"], "trials that something outside disturbed: see flags.csv";
    undisturbed_median: Option<f64>, ["as in `unit`"; empty when "all were disturbed"],
        "median of the trials that nothing disturbed";
    undisturbed_ci_low, undisturbed_ci_high: Option<f64>, ["as in `unit`"; empty when "fewer than 6 were not disturbed"],
        "interval of the median of the trials that nothing disturbed";
    among_best: Option<bool>,
        [empty when "fewer than 6 blocks, a reference, a variant, or a metric that is neither cost nor gain of a timed trial"],
        "whether the cell is tied with the best of its group: `false` where other cells were shown to be \
         better; the truly best cell is `false` in at most 5 % of groups";
}

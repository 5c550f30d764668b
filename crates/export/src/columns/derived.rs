//! What is computed from the trials: `summary.csv`, `ratios.csv`, `scaling.csv` and `flags.csv`.

use super::{Column, PASSES, SEE_UNIT, Table};

/// How many an interval of a median needs.
const FEWER_TRIALS: &str = "fewer than 6 trials";
const FEWER_BLOCKS: &str = "fewer than 6 blocks";
const FEWER_FOR_T: &str = "fewer than 3 blocks";

const THE_CELL: &str = "the cell, as in trials.csv";
const METRIC: &str = "a column of trials.csv, or derived from it: `total_ns` = start-up + makespan; \
    `…_per_task` = all rounds ÷ (tasks × rounds); `operation_ns` = makespan (in `echo`: load) ÷ \
    operations, cold, `steady_operation_ns` the same of the steady makespan, `operations_per_second` its \
    inverse; `cpu_per_operation_ns` = CPU time of all rounds ÷ operations of all; `cpus_busy` = CPU time ÷ \
    makespan, trials of one round only; `…_growth_bytes` = holding − ready, `footprint_growth_bytes` that \
    of resident and kernel memory together; `rss_per_task_bytes` and `virtual_per_task_bytes` = growth ÷ \
    tasks; `overhead_per_task_ns` = (makespan − the one wait asked for) ÷ tasks";
const MEDIAN_INTERVAL: &str = "95 % bootstrap interval of the median (percentile method, 10,000 seeded \
    resamples of blocks, never narrower than the sign test's)";
const CALM: &str = "interval of the median of the trials that nothing disturbed";

pub const SUMMARY: Table = Table {
    file: "summary.csv",
    row: "cell × metric",
    primary_key: &["cell", "metric"],
    belongs_to: None,
    columns: &[
        Column::text("experiment", THE_CELL),
        Column::text("cell", THE_CELL),
        Column::text("group", THE_CELL),
        Column::text("runtime", THE_CELL),
        Column::text("runtime_version", THE_CELL).empty_when("the runner gives none"),
        Column::text("workload", THE_CELL),
        Column::count("tasks", "tasks", THE_CELL),
        Column::count("workers", "threads", THE_CELL),
        Column::text("params", THE_CELL).empty_when("the cell has none"),
        Column::word("pass", PASSES, "the pass that the metric is from"),
        Column::text("metric", METRIC),
        Column::text("unit", "the metric's: `ns`, `bytes`, `tasks`, `calls`, …"),
        Column::count("n", "trials", "how many trials have a value"),
        Column::number("median", SEE_UNIT, "median of the trials' values"),
        Column::number("mean", SEE_UNIT, "mean of the trials' values"),
        Column::number("ci_low", SEE_UNIT, MEDIAN_INTERVAL).empty_when(FEWER_TRIALS),
        Column::number("ci_high", SEE_UNIT, MEDIAN_INTERVAL).empty_when(FEWER_TRIALS),
        Column::number("min", SEE_UNIT, "smallest of the trials' values"),
        Column::number("max", SEE_UNIT, "largest of the trials' values"),
        Column::number("mad", SEE_UNIT, "median absolute deviation from the median, unscaled"),
        Column::count(
            "flagged",
            "trials",
            "how many of the trials something outside disturbed: see flags.csv",
        ),
        Column::number("calm_median", SEE_UNIT, "median of the trials that nothing disturbed")
            .empty_when("all were disturbed"),
        Column::number("calm_ci_low", SEE_UNIT, CALM).empty_when("fewer than 6 were not disturbed"),
        Column::number("calm_ci_high", SEE_UNIT, CALM).empty_when("fewer than 6 were not disturbed"),
    ],
};

const COMPARED: &str = "what is compared, as in trials.csv";
const RATIO_INTERVAL: &str = "BCa bootstrap on the log scale, 10,000 seeded resamples of whole blocks, \
    never narrower than the sign test's interval";
const GEOMETRIC: &str = "t interval of the geometric mean";

pub const RATIOS: Table = Table {
    file: "ratios.csv",
    row: "pair of runtimes × metric",
    primary_key: &["group", "metric", "runtime", "baseline", "against"],
    belongs_to: None,
    columns: &[
        Column::text("experiment", COMPARED),
        Column::text("group", COMPARED),
        Column::text("workload", COMPARED),
        Column::count("tasks", "tasks", COMPARED),
        Column::text("metric", "the metric, as in summary.csv"),
        Column::text("runtime", "the numerator"),
        Column::text("baseline", "the denominator"),
        Column::word(
            "against",
            &["floor", "fastest", "sequential", "one-worker"],
            "`floor`: the baseline is the floor; `fastest`: it is the runtime with the lowest median of \
             this metric, the floor aside; `sequential`: the program of the same language that does one \
             task after another; `one-worker`: the same runtime with one worker. For these two the \
             speed-up is 1 ÷ the ratio",
        ),
        Column::count("n", "blocks", "blocks in which both were measured"),
        Column::number("ratio", "ratio", "median ratio"),
        Column::number("ci_low", "ratio", RATIO_INTERVAL).empty_when(FEWER_BLOCKS),
        Column::number("ci_high", "ratio", RATIO_INTERVAL).empty_when(FEWER_BLOCKS),
        Column::number("geomean", "ratio", "geometric mean ratio: a second opinion"),
        Column::number("geomean_low", "ratio", GEOMETRIC).empty_when(FEWER_FOR_T),
        Column::number("geomean_high", "ratio", GEOMETRIC).empty_when(FEWER_FOR_T),
        Column::number("p_value", "probability", "paired t test of the log ratios").empty_when(FEWER_FOR_T),
        Column::number(
            "p_adjusted",
            "probability",
            "`p_value` after Holm's correction over the experiment's rows of this metric and `against`",
        )
        .empty_when(FEWER_FOR_T),
    ],
};

const SERIES: &str = "the series: cells that differ in their tasks alone";
const OVER_BLOCKS: &str = "median over blocks, with its BCa interval";

pub const SCALING: Table = Table {
    file: "scaling.csv",
    row: "series × metric × number of a cost model",
    primary_key: &["experiment", "series", "metric", "runtime", "quantity", "against"],
    belongs_to: None,
    columns: &[
        Column::text("experiment", SERIES),
        Column::text("series", "the group of its cells with `*` for the tasks"),
        Column::text("workload", SERIES),
        Column::text("metric", "the metric that was fitted, as in summary.csv"),
        Column::text("unit", "of `value`: `ns`, `bytes`, or `tasks` (a crossover)"),
        Column::text("runtime", SERIES),
        Column::word(
            "quantity",
            &["fixed", "per-task", "crossover"],
            "`fixed`, `per-task`, or `crossover`: the number of tasks up to which the runtime costs less \
             than the one it is held against",
        ),
        Column::text("against", "the runtime that costs less beyond the crossover")
            .empty_when("no crossover"),
        Column::count("sizes", "sizes", "how many sizes the series has"),
        Column::count("largest", "tasks", "the largest size of the series"),
        Column::count("n", "blocks", "blocks that gave a fit"),
        Column::number("value", SEE_UNIT, OVER_BLOCKS),
        Column::number("ci_low", SEE_UNIT, OVER_BLOCKS).empty_when(FEWER_BLOCKS),
        Column::number("ci_high", SEE_UNIT, OVER_BLOCKS)
            .empty_when("fewer than 6 blocks, or a crossover whose interval ends beyond what is told"),
        Column::number(
            "misfit",
            "share",
            "the largest distance of a cell's median from the line, as a share of it: beyond a half, two \
             numbers do not describe the series",
        )
        .empty_when("a crossover"),
    ],
};

const FLAGGED: &str = "the trial, as in trials.csv";

pub const FLAGS: Table = Table {
    file: "flags.csv",
    row: "disturbed trial × signal",
    primary_key: &["cell", "block", "signal"],
    belongs_to: None,
    columns: &[
        Column::text("experiment", FLAGGED),
        Column::text("cell", FLAGGED),
        Column::count("block", "", FLAGGED),
        Column::text("signal", "the column of trials.csv that told, whose unit the numbers have"),
        Column::number("value", "as in `signal`", "what the trial has of it"),
        Column::number("limit", "as in `signal`", "the value at which the rule begins"),
    ],
};

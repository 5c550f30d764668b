//! `scaling.csv`: what grows with the number of tasks, as a fixed cost and a cost per task.

use crate::folder;
use crate::metric::Metric;
use crate::table::rows;
use crate::value::named;

named! {
    /// Which number of a cost model a row gives.
    pub enum Fitted {
        /// The cost of no tasks at all.
        Fixed = "fixed",
        /// The cost of one task more.
        PerTask = "per-task",
        /// The number of tasks up to which the runtime costs less than the one it is compared with.
        Crossover = "crossover",
    }
}

rows! {
    /// One number of a cost model.
    #[derive(Debug, Clone, PartialEq)]
    pub struct ScalingRow in folder::SCALING;
    row: "series × metric × number of a cost model";
    key: [experiment, series, metric, runtime, quantity, against];
    experiment: String, [], "the series: cells that differ only in their number of tasks";
    series: String, [], "the group of its cells, with `*` for the number of tasks";
    workload: String, [], "the series: cells that differ only in their number of tasks";
    metric: Metric, [], "the metric that was fitted, as in summary.csv";
    unit: String, [], "of `value`: `ns`, `bytes`, or `tasks` (a crossover)";
    runtime: String, [], "the series: cells that differ only in their number of tasks";
    quantity: Fitted, [],
        "`fixed`, `per-task`, or `crossover`: the number of tasks up to which the runtime \
        costs less than the one it is compared with";
    against: String, [empty when "no crossover"],
        "the runtime that costs less beyond the crossover";
    sizes: u64, ["sizes"], "how many sizes the series has";
    largest: u64, ["tasks"], "the largest size of the series";
    n: u64, ["blocks"], "blocks that gave a fit";
    value: f64, ["as in `unit`"], "median over blocks, with its interval by the sign test";
    ci_low, ci_high: Option<f64>,
        ["as in `unit`"; empty when "fewer than 6 blocks, or the crossover lies beyond the measured sizes"],
        "median over blocks, with its interval by the sign test";
    misfit: Option<f64>, ["share"; empty when "a crossover"],
        "the largest distance of a cell's median from the line, as a share of it; above 50 %, disregard the fit";
}

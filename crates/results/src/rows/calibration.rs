//! `calibration.csv`: how often the lab itself is wrong.

use crate::folder;
use crate::table::rows;

rows! {
    /// One figure of the lab's own errors.
    #[derive(Debug, Clone, PartialEq)]
    pub struct CalibrationRow in folder::CALIBRATION;
    row: "figure of the lab's own errors";
    key: [figure];
    figure: String, [], "name of the figure";
    n: u64, [], "number of comparisons, blocks or repetitions behind it";
    value: f64, ["as in `unit`"], "the figure";
    ci_low, ci_high: Option<f64>, ["as in `unit`"; empty when "too few values for an interval"],
        "its 95 % interval";
    unit: String, [], "`share`, `ratio` or `ns`";
    nominal: Option<f64>, ["as in `unit`"; empty when "not known"],
        "the target of `value`";
    holds: Option<bool>, [empty when "not known"],
        "whether `value` is consistent with `nominal`";
}

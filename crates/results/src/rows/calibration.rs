//! `calibration.csv`: how often the lab itself is wrong.

use crate::folder;
use crate::table::rows;

rows! {
    /// One figure of the lab's own errors.
    #[derive(Debug, Clone, PartialEq)]
    pub struct CalibrationRow in folder::CALIBRATION;
    row: "figure of the lab's own errors";
    key: [figure];
    figure: String, [], "what the figure is";
    n: u64, [], "comparisons, blocks or repetitions that it is from";
    value: f64, ["as in `unit`"], "the figure";
    ci_low, ci_high: Option<f64>, ["as in `unit`"; empty when "too few for one"],
        "its 95 % interval";
    unit: String, [], "`share`, `ratio` or `ns`";
    nominal: Option<f64>, ["as in `unit`"; empty when "that is not known"],
        "what `value` ought to be";
    holds: Option<bool>, [empty when "that is not known"],
        "whether `value` is compatible with `nominal`";
}

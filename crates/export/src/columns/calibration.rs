//! What the lab finds of itself: `orders.csv` and `calibration.csv`.

use super::{Column, Kind, Table};

pub const ORDERS: Table = Table {
    file: "orders.csv",
    row: "trial of a comparison of orders",
    primary_key: &["repetition", "order", "runtime", "trial"],
    belongs_to: None,
    columns: &[
        Column::count("repetition", "", "which repetition of the comparison"),
        Column::word(
            "order",
            &["blocks", "in-turn"],
            "`blocks`: interleaved; `in-turn`: all of one, then all of the other",
        ),
        Column::text("runtime", "which of the two programs that are the same"),
        Column::count("trial", "", "which of its trials in this repetition"),
        Column::count("makespan_ns", "ns", "as in trials.csv").empty_when("the trial was not `ok`"),
    ],
};

const INTERVAL: &str = "its 95 % interval";
const UNKNOWN: &str = "that is not known";

pub const CALIBRATION: Table = Table {
    file: "calibration.csv",
    row: "figure of the lab's own errors",
    primary_key: &["figure"],
    belongs_to: None,
    columns: &[
        Column::text("figure", "what is told"),
        Column::count("n", "", "comparisons, blocks or repetitions that it is from"),
        Column::number("value", super::SEE_UNIT, "the figure"),
        Column::number("ci_low", super::SEE_UNIT, INTERVAL).empty_when("too few for one"),
        Column::number("ci_high", super::SEE_UNIT, INTERVAL).empty_when("too few for one"),
        Column::text("unit", "`share`, `ratio` or `ns`"),
        Column::number("nominal", super::SEE_UNIT, "what `value` ought to be").empty_when(UNKNOWN),
        Column::new("holds", Kind::Truth, "whether `value` is compatible with `nominal`").empty_when(UNKNOWN),
    ],
};

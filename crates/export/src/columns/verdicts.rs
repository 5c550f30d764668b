//! What the run says of claims: `verdicts.csv`.

use super::{Column, SEE_UNIT, Table};

const VERDICT_WORDS: &[&str] = &["supported", "equivalent", "refuted", "inconclusive", "untestable"];
const MEASURED: &str = "median over blocks, with its interval as in ratios.csv";
const NO_MEASURE: &str = "no block tells";
const NO_INTERVAL: &str = "fewer than 6 blocks";

pub const VERDICTS: Table = Table {
    file: "verdicts.csv",
    row: "claim",
    primary_key: &["experiment", "claim"],
    belongs_to: None,
    columns: &[
        Column::text("experiment", "the experiment that asks"),
        Column::text("claim", "the claim; of one that is asked of several runtimes, `name/runtime`"),
        Column::text("says", "the sentence in our own words"),
        Column::text("source", "who said it, where and when"),
        Column::text("metric", "what is compared, as in summary.csv"),
        Column::text("cell", "the groups that it is compared in"),
        Column::text("of", "the runtime that it is about"),
        Column::text("over", "the runtime it is held against").empty_when("a value is claimed"),
        Column::text(
            "unit",
            "of `measured`: the metric's, `ratio`, or `tasks` (a crossover; 1000000000 is never)",
        ),
        Column::text("expected", "as the experiment says it"),
        Column::count("n", "blocks", "blocks that tell"),
        Column::number("measured", SEE_UNIT, MEASURED).empty_when(NO_MEASURE),
        Column::number("ci_low", SEE_UNIT, MEASURED).empty_when(NO_INTERVAL),
        Column::number("ci_high", SEE_UNIT, MEASURED).empty_when(NO_INTERVAL),
        Column::number(
            "p_value",
            "probability",
            "p in the direction of the verdict, both directions counted",
        )
        .empty_when(NO_INTERVAL),
        Column::number(
            "p_adjusted",
            "probability",
            "`p_value` after Holm's correction over the claims of the experiment",
        )
        .empty_when(NO_INTERVAL),
        Column::word(
            "verdict",
            VERDICT_WORDS,
            "`supported`, `equivalent`, `refuted`, `inconclusive`, `untestable`",
        ),
        Column::count("flagged", "blocks", "blocks in which a trial was flagged"),
        Column::word("calm_verdict", VERDICT_WORDS, "the verdict without the flagged blocks"),
        Column::text("reason", "the verdict in a sentence that can be quoted"),
    ],
};

//! How cost grows: the fitted fixed cost, the cost of one more task, and where two runtimes cross.

use results::{Fitted, ScalingRow, estimate, human};

use crate::run::Run;
use crate::table::{Entry, Table, Tone};

/// Above this misfit a straight line does not describe the series.
const MISFIT: f64 = 0.5;

pub const COSTS: &str = "Cost = fixed + per task × tasks, fitted within each block: medians over blocks with 95 % \
    intervals. Misfit: how far a cell lies from its line at most; beyond a half, two numbers do not describe it.";
pub const CROSSOVERS: &str =
    "Up to how many tasks the first costs less than the second, between sizes that were measured.";

/// A line for each series and metric.
pub fn costs(run: &Run) -> Table {
    let mut table =
        Table::new(["series", "metric", "runtime", "fixed", "a task", "misfit"]).with_words([1, 2]);
    for row in run.scaling.iter().filter(|row| row.quantity == Fitted::PerTask) {
        let fixed = run.scaling.iter().find(|other| is_of_same_line(row, other));
        let misfit = Entry::number(row.misfit, |misfit| human::rough((1e3 * misfit).round() / 1e3, "share"));
        let doubtful = row.misfit.is_some_and(|misfit| misfit > MISFIT);
        table.push(vec![
            Entry::text(series(row)),
            Entry::text(row.metric.words()),
            Entry::text(&row.runtime),
            fixed.map_or_else(Entry::nothing, value),
            value(row),
            misfit.toned(if doubtful { Tone::Unsure } else { Tone::Plain }),
        ]);
    }
    table
}

fn is_of_same_line(row: &ScalingRow, other: &ScalingRow) -> bool {
    other.quantity == Fitted::Fixed
        && (&other.experiment, &other.series, &other.metric, &other.runtime)
            == (&row.experiment, &row.series, &row.metric, &row.runtime)
}

/// A line for each pair of runtimes of which one is cheaper for few tasks and the other for many.
pub fn crossovers(run: &Run) -> Table {
    let header = ["series", "metric", "cheaper for few", "cheaper for many", "up to (tasks)"];
    let mut table = Table::new(header).with_words([1, 2, 3]);
    for row in run.scaling.iter().filter(|row| row.quantity == Fitted::Crossover) {
        let shown = estimate(row.value, row.ci_low, row.ci_high, &row.unit);
        let [low, high] =
            [(shown.low, "?"), (shown.high, "never")].map(|(end, none)| end.unwrap_or(none.into()));
        table.push(vec![
            Entry::text(series(row)),
            Entry::text(row.metric.words()),
            Entry::text(&row.runtime),
            Entry::text(&row.against),
            Entry::sorted(row.value, format!("{} [{low}, {high}]", shown.value)),
        ]);
    }
    table
}

fn series(row: &ScalingRow) -> String {
    format!("{}: {}", row.experiment, row.series)
}

fn value(row: &ScalingRow) -> Entry {
    Entry::sorted(row.value, estimate(row.value, row.ci_low, row.ci_high, &row.unit).to_string())
}

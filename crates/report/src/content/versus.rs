//! Two runtimes side by side, over all workloads.

use protocol::Workload;
use results::overview::Aspect;
use results::{Fitted, Metric, ScalingRow, estimate};

use super::overview::{COMPARED, Column, title, title_of};
use super::pairs::{Difference, PairRatio, Pairs};
use crate::format::{counted, list};
use crate::run::Run;

/// Metrics whose crossovers are worth a word beside two runtimes.
const CROSSING: [Metric; 3] = [Metric::Makespan, Metric::Total, Metric::LaterMakespan];

/// Two runtimes over the workloads that both were measured in.
#[derive(Debug)]
pub struct Versus<'a> {
    pub a: &'a str,
    pub b: &'a str,
    pub lines: Vec<Line<'a>>,
}

/// A workload: the cost of the first runtime over that of the second, by aspect.
#[derive(Debug)]
pub struct Line<'a> {
    pub title: &'static str,
    pub setting: &'a str,
    pub workload: &'static str,
    pub ratios: [Option<PairRatio>; 2],
}

impl<'a> Versus<'a> {
    pub fn of(columns: &'a [Column<'a>], pairs: &Pairs<'a>, a: &'a str, b: &'a str) -> Self {
        let line = |column: &'a Column<'a>| {
            let ratios = COMPARED.map(|aspect| column.ratio(pairs, aspect, a, b));
            ratios.iter().any(Option::is_some).then(|| Line {
                title: column.title(),
                setting: &column.setting,
                workload: column.workload.name(),
                ratios,
            })
        };
        Self { a, b, lines: columns.iter().filter_map(line).collect() }
    }

    /// `tokio against threads, cold, in 12 workloads: better in 9, worse in 2 and cannot tell in 1.`
    pub fn sentence(&self, aspect: Aspect) -> String {
        let place = COMPARED.iter().position(|one| *one == aspect).unwrap_or(0);
        let found: Vec<Difference> =
            self.lines.iter().filter_map(|line| line.ratios[place]).map(PairRatio::difference).collect();
        let Self { a, b, .. } = self;
        let count = |what: Difference| found.iter().filter(|one| **one == what).count();
        let counts = Difference::ALL.into_iter().filter(|what| count(*what) > 0);
        let counts = counts.map(|what| format!("{} in {}", what.words(), count(what)));
        if found.is_empty() {
            return format!("{a} and {b} have no workload in common.");
        }
        let by = title_of(aspect).to_lowercase();
        format!("{a} against {b}, {by}, in {}: {}.", counted(found.len() as u64, "workload"), list(counts))
    }
}

/// Whether a row of `scaling.csv` says where one of two runtimes begins to cost less than the other, in time.
pub fn is_break_even(row: &ScalingRow) -> bool {
    let is_timed = row.workload != Workload::Hold.name() && CROSSING.contains(&row.metric);
    is_timed && row.quantity == Fitted::Crossover && row.ci_high.is_some()
}

/// Where one of two runtimes begins to cost less than the other, in words.
pub fn break_even(run: &Run) -> Vec<(&ScalingRow, String)> {
    let words = |row: &ScalingRow| {
        let tasks = estimate(row.value, row.ci_low, row.ci_high, &row.unit);
        let workload =
            Workload::from_name(&row.workload).map_or_else(|| row.workload.clone(), |one| title(one).into());
        let metric = row.metric.words();
        format!(
            "{workload} ({metric}): {} costs less up to {tasks} tasks, {} with more",
            row.runtime, row.against
        )
    };
    run.scaling.iter().map(|row| (row, words(row))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::overview::columns;
    use crate::figures::fixture;

    #[test]
    fn two_runtimes_are_compared_by_the_ratios_of_the_file_and_the_other_way_round_by_their_inverse() {
        let run = fixture::reference();
        let (columns, pairs) = (columns(run), Pairs::of(run));
        let versus = Versus::of(&columns, &pairs, "tokio", "threads");
        let back = Versus::of(&columns, &pairs, "threads", "tokio");
        assert!(versus.lines.len() > 10 && versus.lines.len() == back.lines.len());
        let sleep = versus.lines.iter().find(|line| line.workload == "sleep").unwrap().ratios[0].unwrap();
        assert_eq!(sleep.difference(), Difference::Better);
        let inverse = back.lines.iter().find(|line| line.workload == "sleep").unwrap().ratios[0].unwrap();
        assert!((sleep.ratio * inverse.ratio - 1.0).abs() < 1e-9);
        let sentence = versus.sentence(Aspect::Cold);
        assert!(
            sentence.starts_with("tokio against threads, ") && sentence.contains("better in"),
            "{sentence}"
        );
    }
}

//! Two runtimes side by side, over all workloads.

use std::cmp::Ordering;

use protocol::Workload;
use results::overview::Aspect;
use results::{ScalingRow, estimate};

use super::overview::{COMPARED, Column, title, title_of};
use super::pairs::{Difference, PairRatio, Pairs, shared};
use crate::format::{counted, list};
use crate::run::Run;

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
    /// Why the cold rounds are not compared, where both were measured.
    pub why_not: Option<String>,
    /// What must be said of the two: `threads: it reserves stacks`.
    pub caveats: Vec<String>,
}

impl<'a> Versus<'a> {
    pub fn of(columns: &'a [Column<'a>], pairs: &Pairs<'a>, a: &'a str, b: &'a str) -> Self {
        let line = |column: &'a Column<'a>| {
            let ratios = COMPARED.map(|aspect| column.ratio(pairs, aspect, a, b));
            let why_not = if ratios[0].is_none() { why_not(column, a, b) } else { None };
            let caveat = |runtime: &str| Some(format!("{runtime}: {}", column.caveat(runtime)?));
            (why_not.is_some() || ratios.iter().any(Option::is_some)).then(|| Line {
                title: column.title(),
                setting: &column.setting,
                workload: column.workload.name(),
                caveats: [a, b].into_iter().filter_map(caveat).collect(),
                why_not,
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

    /// `Short waits: tokio ran 22 [20, 23] times faster than threads. `, or of the first workload that was timed; empty where
    /// none was.
    pub fn manner(&self) -> String {
        let of = |line: &Line| Some((line.title, line.ratios[0]?));
        let short_waits = self.lines.iter().filter(|line| line.workload == Workload::Sleep.name());
        let timed = self.lines.iter().filter(|line| line.workload != Workload::Hold.name());
        let Some((title, ratio)) = short_waits.chain(timed).find_map(of) else { return String::new() };
        let Self { a, b, .. } = self;
        match ratio.difference() {
            Difference::Better => {
                format!("{title}: {a} ran {} times faster than {b}. ", ratio.inverse().shown())
            }
            Difference::Worse => format!("{title}: {b} ran {} times faster than {a}. ", ratio.shown()),
            Difference::CannotTell => {
                format!("{title}: {a} and {b} are tied, {}. ", ratio.shown())
            }
            Difference::TooFew => format!("{title}: not known; {}. ", shared(ratio.n)),
        }
    }
}

/// Why two runtimes have no ratio in a workload in which both were measured.
fn why_not(column: &Column, a: &str, b: &str) -> Option<String> {
    let tasks = |runtime: &str| Some(column.value(Aspect::Cold, runtime)?.tasks);
    let (of_a, of_b) = (tasks(a)?, tasks(b)?);
    let why = match of_a.cmp(&of_b) {
        Ordering::Less => format!("{a} ran fewer tasks"),
        Ordering::Greater => format!("{b} ran fewer tasks"),
        Ordering::Equal if of_a < column.tasks() => "both ran fewer tasks than the others".into(),
        Ordering::Equal => shared(0),
    };
    Some(format!("not compared: {why}"))
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
        let manner = versus.manner();
        assert!(
            manner.starts_with("Short waits: tokio ran 22 [")
                && manner.contains(" times faster than threads.")
        );
        assert_eq!(back.manner(), manner, "the same is said the other way round");
        let hold = versus.lines.iter().find(|line| line.workload == "hold").unwrap();
        assert_eq!(hold.why_not.as_deref(), Some("not compared: threads ran fewer tasks"));
    }
}

//! How the runtimes of a group compare by a metric, in words: not which came out first, but which cannot be told
//! from the best.

use aggregate::FLOOR;
use aggregate::stats::FEWEST_FOR_MEDIAN;
use results::SummaryRow;
use results::metric::Better;

use crate::format::median;
use crate::table::Entry;

/// The most runtimes that cannot be told from the best, and the most behind them, that a sentence names.
const NAMED: (usize, usize) = (5, 3);

/// What a star in a table means.
pub const STARRED: &str = "* cannot be told from the best of its column";

/// A median for a table, with a star before it where it cannot be told from the best of its group.
pub fn starred(row: Option<&SummaryRow>) -> Entry {
    let star = if row.is_some_and(|row| row.among_best == Some(true)) { "* " } else { "" };
    row.map_or_else(Entry::nothing, |row| Entry::sorted(row.median, format!("{star}{}", median(row).value)))
}

/// Contestants of one group by one metric, each kind by its median, the better first.
#[derive(Debug)]
pub struct Ranking<'a> {
    best: Vec<&'a SummaryRow>,
    behind: Vec<&'a SummaryRow>,
    /// Of which it is not known.
    open: Vec<&'a SummaryRow>,
}

/// Whether somebody could choose this runtime.
pub fn is_contestant(runtime: &str) -> bool {
    runtime != FLOOR && !runtime.ends_with("sequential")
}

impl<'a> Ranking<'a> {
    /// None where there is no contestant.
    pub fn of(rows: impl IntoIterator<Item = &'a SummaryRow>) -> Option<Self> {
        let mut rows: Vec<&SummaryRow> = rows.into_iter().filter(|row| is_contestant(&row.runtime)).collect();
        rows.sort_by(|a, b| a.median.total_cmp(&b.median));
        if rows.first()?.metric.better() == Better::More {
            rows.reverse();
        }
        if rows.iter().all(|row| row.among_best != Some(true)) {
            return Some(Self { best: Vec::new(), behind: Vec::new(), open: rows });
        }
        let of_kind = |kind| rows.iter().copied().filter(|row| row.among_best == kind).collect();
        Some(Self { best: of_kind(Some(true)), behind: of_kind(Some(false)), open: of_kind(None) })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.best.len() + self.behind.len() + self.open.len()
    }

    /// `cannot be told from the best: tokio 3.01 ms [2.98 ms, 3.1 ms], smol 3.1 ms`, or that nothing can be told.
    pub fn first(&self) -> String {
        let (most, _) = NAMED;
        let more = self.best.len().saturating_sub(most);
        let named = in_words(&self.best[..self.best.len() - more]).join(", ");
        match self.best.len() {
            0 => format!("{}: {}", self.too_few(), shortened(&in_words(&self.open))),
            1 => format!("best: {named}"),
            _ if more == 0 => format!("cannot be told from the best: {named}"),
            _ => format!("cannot be told from the best: {named} and {more} more"),
        }
    }

    /// The same, and those that can be told from the best.
    pub fn whole(&self) -> String {
        let mut words = self.first();
        if !self.behind.is_empty() {
            words = format!("{words}; behind: {}", shortened(&in_words(&self.behind)));
        }
        if !self.open.is_empty() && !self.best.is_empty() {
            words = format!("{words}; of too few blocks: {}", shortened(&in_words(&self.open)));
        }
        words
    }

    fn too_few(&self) -> String {
        let blocks = self.open.iter().map(|row| row.n).max().unwrap_or(0);
        if blocks >= FEWEST_FOR_MEDIAN as u64 {
            // An older kilotask has summarised the run.
            return "by median".into();
        }
        format!("by median (it takes {FEWEST_FOR_MEDIAN} blocks to tell them apart; here: {blocks})")
    }
}

fn in_words(rows: &[&SummaryRow]) -> Vec<String> {
    rows.iter().map(|row| format!("{} {}", row.runtime, median(row))).collect()
}

/// The first few of a ranking, and the last.
pub fn shortened(ranking: &[String]) -> String {
    let (_, most) = NAMED;
    match ranking {
        [.., last] if ranking.len() > most + 1 => format!("{} … {last}", ranking[..most].join(", ")),
        all => all.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use results::Metric;

    use super::*;
    use crate::figures::fixture;

    fn row(runtime: &str, median: f64, among_best: Option<bool>) -> SummaryRow {
        let (runtime, metric) = (runtime.into(), Metric::Makespan);
        let any = fixture::reference().summary[0].clone();
        SummaryRow { runtime, metric, median, among_best, n: 5, ci_low: None, ci_high: None, ..any }
    }

    fn whole(rows: &[SummaryRow]) -> String {
        Ranking::of(rows).unwrap().whole()
    }

    #[test]
    fn a_single_winner_is_named_only_where_no_other_is_as_good() {
        let (floor, slow) = (row("floor", 1.0, None), row("slow", 9.0, Some(false)));
        let (a, b) = (row("a", 3.0, Some(true)), row("b", 2.0, Some(true)));
        let all = [floor, slow, a, b];
        assert_eq!(whole(&all), "cannot be told from the best: b 2.0 ns, a 3.0 ns; behind: slow 9.0 ns");
        assert_eq!(whole(&all[..3]), "best: a 3.0 ns; behind: slow 9.0 ns");
        assert!(Ranking::of(&all[..1]).is_none());
        let many: Vec<SummaryRow> = (0..9).map(|n| row("x", f64::from(n + 1), Some(true))).collect();
        assert!(whole(&many).ends_with("x 4.0 ns, x 5.0 ns and 4 more"), "{}", whole(&many));
    }

    #[test]
    fn where_blocks_are_too_few_it_says_how_many_it_takes() {
        let (a, b) = (row("a", 3.0, None), row("b", 2.0, None));
        let expected = "by median (it takes 6 blocks to tell them apart; here: 5): b 2.0 ns, a 3.0 ns";
        assert_eq!(whole(&[a.clone(), b]), expected);
        let known = row("c", 4.0, Some(true));
        assert_eq!(whole(&[a.clone(), known]), "best: c 4.0 ns; of too few blocks: a 3.0 ns");
        assert_eq!(whole(&[SummaryRow { n: 13, ..a }]), "by median: a 3.0 ns");
    }
}

//! How the runtimes of a group compare by a metric, in words: not which came out first, but which cannot be told
//! from the best.

use results::SummaryRow;
use results::metric::Better;

use super::note::Note;
use crate::format::{is_enough, median, too_few};
use crate::run::Run;
use crate::table::Entry;

/// The most runtimes that cannot be told from the best, and the most of too few blocks, that a sentence names.
const NAMED: (usize, usize) = (5, 3);

/// What a star in a table means.
pub const STARRED: &str = "* best of its column, or tied with the best, of those with 6 blocks or more";

/// A median for a table, with a star before it where it cannot be told from the best of its group.
pub fn starred(row: Option<&SummaryRow>) -> Entry {
    let star = if row.is_some_and(|row| row.among_best == Some(true)) { "* " } else { "" };
    row.map_or_else(Entry::nothing, |row| Entry::sorted(row.median, format!("{star}{}", median(row).value)))
}

/// What the marks after the names of runtimes mean.
pub const MARKED: &str = "° not ranked: a reference or a variant";

/// What is said where nobody but the runner vouches for the figures that are ranked.
pub const OWN_WORD: &str = "‡ The runner's own word";

/// The mark after a runtime of whose cell something must be said.
const CAVEAT: &str = "†";

/// The name of a runtime for a table, with the marks of what it is and of its cells.
pub fn named<'a>(run: &Run, runtime: &str, mut cells: impl Iterator<Item = &'a str>) -> Entry {
    let reference = if run.is_ranked(runtime) { "" } else { " °" };
    let caveat = if cells.any(|cell| run.caveat(cell).is_some()) { CAVEAT } else { "" };
    Entry::text(format!("{runtime}{caveat}{reference}")).of(runtime)
}

/// The name of a runtime for a sentence, with a dagger where something must be said of it.
pub fn marked(runtime: &str, caveat: Option<&str>) -> String {
    format!("{runtime}{}", caveat.map_or("", |_| CAVEAT))
}

/// What must be said of these cells, each once: `† tokio: its timer rounds up to whole milliseconds`.
pub fn caveats<'a>(run: &'a Run, cells: impl Iterator<Item = &'a str>) -> Vec<Note<'a>> {
    let note = |cell: &str| {
        let (caveat, cell) = (run.caveat(cell)?, run.cell(cell)?);
        let words = format!("{CAVEAT} {} ({}): {}", cell.label, cell.workload, caveat.trim_end_matches('.'));
        Some(Note { runtime: Some(&cell.label), words })
    };
    let mut notes: Vec<Note> = Vec::new();
    for note in cells.filter_map(note) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

/// Those of the runtimes that are ranked, and then the others, each kind in the order in which they come.
pub fn ranked_first<T>(run: &Run, all: Vec<T>, label: impl Fn(&T) -> &str) -> Vec<T> {
    let (mut ranked, others): (Vec<T>, Vec<T>) = all.into_iter().partition(|one| run.is_ranked(label(one)));
    ranked.extend(others);
    ranked
}

/// Contestants of one group by one metric, each kind by its median, the better first.
#[derive(Debug)]
pub struct Ranking<'a> {
    run: &'a Run,
    best: Vec<&'a SummaryRow>,
    /// All, where it is not known which are the best.
    open: Vec<&'a SummaryRow>,
}

impl<'a> Ranking<'a> {
    /// None where there is no contestant.
    pub fn of(run: &'a Run, rows: impl IntoIterator<Item = &'a SummaryRow>) -> Option<Self> {
        let mut rows: Vec<&SummaryRow> = rows.into_iter().filter(|row| run.is_ranked(&row.runtime)).collect();
        rows.sort_by(|a, b| a.median.total_cmp(&b.median));
        if rows.first()?.metric.better() == Better::More {
            rows.reverse();
        }
        if rows.iter().all(|row| row.among_best != Some(true)) {
            return Some(Self { run, best: Vec::new(), open: rows });
        }
        let best = rows.into_iter().filter(|row| row.among_best == Some(true)).collect();
        Some(Self { run, best, open: Vec::new() })
    }

    /// `tied for best: tokio 3.01 ms [2.98 ms, 3.1 ms], smol 3.1 ms`, or that nothing can be told; and what
    /// must be said of those that are named.
    pub fn first(&self) -> String {
        self.with_caveats(self.leaders(), &self.best)
    }

    fn leaders(&self) -> String {
        let (most, _) = NAMED;
        let more = self.best.len().saturating_sub(most);
        let named = self.in_words(&self.best[..self.best.len() - more]).join(", ");
        match self.best.len() {
            0 => format!("{}: {}", self.too_few(), shortened(&self.in_words(&self.open))),
            1 => format!("best: {named}"),
            _ if more == 0 => format!("tied for best: {named}"),
            _ => format!("tied for best: {named} and {more} more"),
        }
    }

    /// The words, and after them what must be said of the rows that they name.
    fn with_caveats(&self, words: String, named: &[&SummaryRow]) -> String {
        let is_named = |row: &&&SummaryRow| words.contains(&format!("{}{CAVEAT} ", row.runtime));
        let named = named.iter().chain(&self.open).filter(is_named).map(|row| &*row.cell);
        let notes: Vec<String> = caveats(self.run, named).into_iter().map(|note| note.words).collect();
        if notes.is_empty() { words } else { format!("{words} ({})", notes.join("; ")) }
    }

    fn in_words(&self, rows: &[&SummaryRow]) -> Vec<String> {
        let name = |row: &SummaryRow| marked(&row.runtime, self.run.caveat(&row.cell));
        rows.iter().map(|row| format!("{} {}", name(row), median(row))).collect()
    }

    fn too_few(&self) -> String {
        let blocks = self.open.iter().map(|row| row.n).max().unwrap_or(0);
        if is_enough(blocks) {
            // An older kilotask has summarised the run.
            return "by median".into();
        }
        format!("by median ({})", too_few(blocks))
    }
}

/// The first few of a ranking, and the last.
fn shortened(ranking: &[String]) -> String {
    let (_, most) = NAMED;
    match ranking {
        [.., last] if ranking.len() > most + 1 => format!("{} … {last}", ranking[..most].join(", ")),
        all => all.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use results::Metric;
    use results::described::Described;

    use super::*;
    use crate::figures::fixture;

    fn row(runtime: &str, median: f64, among_best: Option<bool>) -> SummaryRow {
        let (runtime, metric) = (runtime.into(), Metric::Makespan);
        let any = fixture::reference().summary[0].clone();
        SummaryRow { runtime, metric, median, among_best, n: 5, ci_low: None, ci_high: None, ..any }
    }

    fn first(rows: &[SummaryRow]) -> String {
        Ranking::of(fixture::reference(), rows).unwrap().first()
    }

    #[test]
    fn a_single_winner_is_named_only_where_no_other_is_as_good() {
        let (floor, slow) = (row("floor", 1.0, None), row("slow", 9.0, Some(false)));
        let (a, b) = (row("a", 3.0, Some(true)), row("b", 2.0, Some(true)));
        let all = [floor, slow, a, b];
        assert_eq!(first(&all), "tied for best: b 2.0 ns, a 3.0 ns");
        assert_eq!(first(&all[..3]), "best: a 3.0 ns");
        assert!(Ranking::of(fixture::reference(), &all[..1]).is_none());
        let many: Vec<SummaryRow> = (0..9).map(|n| row("x", f64::from(n + 1), Some(true))).collect();
        assert!(first(&many).ends_with("x 4.0 ns, x 5.0 ns and 4 more"), "{}", first(&many));
    }

    #[test]
    fn where_blocks_are_too_few_it_says_how_many_it_takes() {
        let (a, b) = (row("a", 3.0, None), row("b", 2.0, None));
        let expected = "by median (too few blocks: 5, needed: 6): b 2.0 ns, a 3.0 ns";
        assert_eq!(first(&[a.clone(), b]), expected);
        let known = row("c", 4.0, Some(true));
        assert_eq!(first(&[a.clone(), known]), "best: c 4.0 ns");
        assert_eq!(first(&[SummaryRow { n: 13, ..a }]), "by median: a 3.0 ns");
    }

    #[test]
    fn a_ranked_runtime_with_a_caveat_shows_it_and_a_reference_is_marked_and_comes_last() {
        let mut run = fixture::read_reference();
        let cell = run.cells().find(|cell| cell.label == "may" && cell.workload == "sleep").unwrap().clone();
        let caveats = [("sleep".to_string(), "it is cold.".to_string())].into();
        run.plan.described.insert("may".into(), Described { caveats, ..Described::default() });
        let row = SummaryRow { cell: cell.id.clone(), ..row("may", 2.0, Some(true)) };
        assert_eq!(
            Ranking::of(&run, [&row]).unwrap().first(),
            "best: may† 2.0 ns († may (sleep): it is cold)"
        );
        let name = |runtime: &str, cell: &str| named(&run, runtime, [cell].into_iter()).text;
        assert_eq!((name("may", &cell.id), name("floor", "none")), ("may†".into(), "floor °".into()));
        assert_eq!(ranked_first(&run, vec!["floor", "may", "tokio"], |name| name), ["may", "tokio", "floor"]);
    }
}

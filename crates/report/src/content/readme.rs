//! What README says of the committed run: a short table, the findings in words, and how sure they are.

use protocol::Workload;
use results::overview::{Aspect, overview_groups};
use results::{Metric, human};

use super::cards::Card;
use super::claims::Chapter;
use super::headline::{Headline, headlines};
use super::overview::Column;
use super::ranking::named;
use super::{Basis, trust};
use crate::format::{list, median};
use crate::run::{ARTICLE, Run};
use crate::table::{Entry, Table};

/// The runtimes of README's table, as far as they were measured.
const SHOWN: [&str; 8] = [
    "tokio",
    "threads",
    "thread-pool",
    "glommio",
    "may",
    "go-goroutines",
    "java-virtual-threads",
    "python-asyncio",
];

/// The runtime that others are compared with, and those others.
const COMMON: &str = "tokio";
const COMPARED: [&str; 2] = ["threads", "python-asyncio"];
/// The runtimes of which it is said what one waiting task costs.
const HOLDING: [&str; 3] = [COMMON, "go-goroutines", "threads"];

/// One of the things that a reader learns first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about, in two or three words.
    pub about: &'static str,
    /// The finding in a few sentences.
    pub says: String,
}

/// The thousand tasks, a row for each of the runtimes that README shows, the lowest cold median first; none where they
/// were not run. The name of a runtime with a caveat links to `page`.
pub fn thousand(run: &Run, page: &str) -> Option<Table> {
    let headline = headline(run)?;
    let header =
        ["runtime", "cold [95 %]", "later", "cold + start-up", "memory per task", "system calls per task"];
    let mut table = Table::new(header);
    for line in headline.lines.iter().filter(|line| SHOWN.contains(&line.runtime)) {
        let has_caveat = line.cells().any(|cell| run.caveat(cell).is_some());
        let cold = line.get(Metric::Makespan);
        table.push(vec![
            Entry { link: has_caveat.then(|| page.to_string()), ..named(run, line.runtime, line.cells()) },
            cold.map_or_else(Entry::nothing, |row| Entry::sorted(row.median, median(row).to_string())),
            Entry::median(line.get(Metric::LaterMakespan)),
            Entry::median(line.get(Metric::Total)),
            Entry::median(line.memory()),
            Entry::median(line.get(Metric::SyscallsPerTask)),
        ]);
    }
    (!table.rows.is_empty()).then_some(table)
}

/// The thousand tasks that an overview shows.
fn headline(run: &Run) -> Option<Headline<'_>> {
    let groups = overview_groups(&run.plan);
    headlines(run).into_iter().find(|headline| groups.contains(&headline.group))
}

/// The findings, as far as the run has them: short waits, waiting tasks, the article's claims.
pub fn findings(run: &Run) -> Vec<Finding> {
    let basis = Basis::of(run);
    let answered = |workload: Workload| {
        let column = basis.columns.iter().find(|column| column.workload == workload)?;
        Some((basis.cards.iter().find(|card| card.workload == workload.name())?, column))
    };
    let waits = answered(Workload::Sleep)
        .map(|(card, column)| Finding { about: "1000 short waits", says: short_waits(card, column, &basis) });
    let idle = answered(Workload::Hold)
        .map(|(card, column)| Finding { about: "100,000 waiting tasks", says: idle(card, column) });
    [waits, idle, score(&basis.chapters)].into_iter().flatten().collect()
}

/// Which runtimes are best, and how long others take in multiples of tokio.
fn short_waits<'a>(card: &Card, column: &Column<'a>, basis: &Basis<'a>) -> String {
    let times = COMPARED.iter().filter_map(|runtime| {
        let ratio = column.ratio(&basis.pairs, Aspect::Cold, runtime, COMMON)?;
        Some(format!("{runtime} {}", ratio.shown()))
    });
    let times: Vec<String> = times.collect();
    if times.is_empty() {
        return card.answer.clone();
    }
    format!("{} In multiples of {COMMON}'s cold time: {}.", card.answer, list(times))
}

/// Which runtimes are leanest, and what a single task costs.
fn idle(card: &Card, column: &Column) -> String {
    let one = HOLDING.iter().filter_map(|runtime| {
        Some(format!("{} in {runtime}", median(column.value(Aspect::Cold, runtime)?).value))
    });
    let one: Vec<String> = one.collect();
    let one = if one.is_empty() { String::new() } else { format!(" One takes {}.", list(one)) };
    format!("{}{one} {}", card.answer, card.setting)
}

/// The verdicts about the article's claims, those about Python and those asked of Rust.
fn score(chapters: &[Chapter]) -> Option<Finding> {
    let of_article = chapters.iter().filter(|chapter| chapter.experiment == ARTICLE);
    let scores: Vec<String> = of_article
        .map(|chapter| {
            let of = chapter.title.strip_prefix("The article, ").unwrap_or(&chapter.title);
            format!("{of}: {}", chapter.score)
        })
        .collect();
    let says = human::capitalised(&scores.join("; ")) + ".";
    (!scores.is_empty()).then_some(Finding { about: "The article's claims", says })
}

/// How often the lab is wrong, as its calibration found; none without a calibration.
pub fn certainty(run: &Run) -> Option<String> {
    if run.calibration.is_empty() {
        return None;
    }
    trust::how_sure(run).into_iter().next()
}

#[cfg(test)]
mod tests {
    use results::described::Described;

    use super::*;
    use crate::figures::fixture;

    #[test]
    fn the_table_is_small_and_has_the_lowest_cold_median_first() {
        let table = thousand(fixture::reference(), "page").unwrap();
        assert_eq!(table.header.len(), 6);
        let names: Vec<&str> = table.rows.iter().map(|row| &*row[0].text).collect();
        assert!(names.len() == SHOWN.len() && names[0] != "threads", "{names:?}");
        assert!(table.rows.is_sorted_by(|a, b| a[1].sort <= b[1].sort), "{names:?}");
    }

    #[test]
    fn a_runtime_with_a_caveat_is_a_link_to_the_page() {
        let mut run = fixture::read_reference();
        run.plan.described.clear();
        let caveats = [("sleep".to_string(), "it is cold.".to_string())].into();
        run.plan.described.insert("may".into(), Described { caveats, ..Described::default() });
        let table = thousand(&run, "page").unwrap();
        let links = table.rows.iter().filter_map(|row| Some((&*row[0].text, row[0].link.as_deref()?)));
        assert_eq!(links.collect::<Vec<_>>(), [("may†", "page")]);
    }

    #[test]
    fn findings_have_the_numbers_of_the_run() {
        let run = fixture::reference();
        let found = findings(run);
        assert_eq!(found.len(), 3);
        let value = |group: &str, metric| {
            let cell = run.cell_of(group, COMMON).unwrap();
            median(run.summary_of(&cell.id, metric).unwrap()).value
        };
        let cold = value("thousand-tasks_sleep-1000-1ms", Metric::Makespan);
        assert!(found[0].says.contains(&format!("tokio† {cold}")), "{found:?}");
        assert!(found[0].says.contains("In multiples of tokio's cold time: threads "), "{found:?}");
        let one = value("thousand-tasks_hold-10000", Metric::MemoryPerAddedTask);
        assert!(found[1].says.contains(&format!("One takes {one} in tokio, ")), "{found:?}");
        assert!(found[2].says.starts_with("Of Python") && found[2].says.contains(" refuted"), "{found:?}");
    }

    #[test]
    fn how_many_times_as_long_others_take_is_in_the_pairs_of_the_run() {
        let mut run = fixture::read_reference();
        for row in &mut run.ratios {
            (row.ci_low, row.ci_high) = (None, None);
            row.ratio = if row.runtime == "threads" { 7.0 } else { 1.0 / 7.0 };
        }
        let found = findings(&run);
        assert!(found[0].says.contains("cold time: threads 7.0 and "), "{found:?}");
        run.ratios.clear();
        assert!(!findings(&run)[0].says.contains("In multiples"), "what was not measured is not said");
    }

    #[test]
    fn a_run_without_trials_or_calibration_says_nothing() {
        let mut run = fixture::without_trials();
        run.calibration.clear();
        assert!(thousand(&run, "page").is_none() && findings(&run).is_empty());
        assert_eq!(certainty(&run), None);
        assert!(certainty(fixture::reference()).unwrap().contains(" of 60 comparisons"));
    }
}

//! The claims of a run, one by one, with all that a reader needs to check the verdict.

use std::collections::HashSet;

use protocol::Workload;
use results::{Verdict, VerdictRow, human};

use super::overview::title as workload_title;
use super::settings::settings;
use super::threshold::{Placed, place};
use super::verdicts::{compared, counts, expected, judged, measured, tone};
use crate::chart::{Beyond, Scale, slug};
use crate::format::counted;
use crate::run::{ARTICLE, Run, is_about_the_lab};

/// The axis of every claim ends at this many times the threshold, and at its inverse.
const FURTHEST: f64 = 100.0;

/// Of the article, the claims of this language are as published; the others are asked of Rust.
const PYTHON: &str = "python";

/// Claims that are shown together.
#[derive(Debug)]
pub struct Chapter<'a> {
    pub title: String,
    pub experiment: &'a str,
    /// Who said it, where all are of one source.
    pub source: Option<&'a str>,
    /// The command that asks them again.
    pub command: String,
    /// `9 refuted, 4 supported`.
    pub score: String,
    /// Refuted ones first.
    pub claims: Vec<Stated<'a>>,
}

/// A claim and its verdict.
#[derive(Debug)]
pub struct Stated<'a> {
    /// Its anchor, which no other claim has.
    pub id: String,
    pub row: &'a VerdictRow,
    /// The runtimes that are compared: `threads / tokio`.
    pub compared: String,
    pub expected: String,
    /// With its interval; empty where nothing was measured.
    pub measured: String,
    /// The class of the verdict's colour.
    pub tone: &'static str,
    /// A sign of its own for each verdict.
    pub sign: &'static str,
    pub reason: String,
    /// Where it was published, if that is on the web.
    pub address: Option<&'a str>,
    /// The verdict without disturbed blocks, where it is another.
    pub undisturbed: Option<&'static str>,
    pub mark: Option<Mark>,
}

/// The place of a value over its threshold, which lies at 50; per cent of the axis.
#[derive(Debug)]
pub struct Mark {
    pub at: f64,
    pub low: f64,
    pub high: f64,
    /// Whether the value lies beyond the axis: `◂`, `▸`, or nothing.
    pub beyond: &'static str,
    /// The part in which the claim holds: from and how wide.
    pub holds: (f64, f64),
}

/// All claims, by experiment; those of the article apart for Python and for Rust.
pub fn chapters(run: &Run) -> Vec<Chapter<'_>> {
    let mut ids = HashSet::new();
    let mut chapters = Vec::new();
    for judged in judged(run).into_iter().filter(|judged| !is_about_the_lab(judged.experiment)) {
        let is_python =
            |row: &VerdictRow| row.runtime.starts_with(PYTHON) || row.baseline.starts_with(PYTHON);
        let (python, others): (Vec<&VerdictRow>, Vec<&VerdictRow>) =
            judged.rows.iter().partition(|row| judged.experiment == ARTICLE && is_python(row));
        let of_article = !python.is_empty();
        let title = |part: &str| match part {
            "" => format!("Claims about {}", judged.experiment.replace('-', " ")),
            part => format!("The article, {part}"),
        };
        let command = format!(
            "kilotask run experiments/{}.toml --preset {} --out results/again",
            judged.experiment, run.plan.preset
        );
        let parts =
            [("of Python, as published", python), (if of_article { "asked of Rust" } else { "" }, others)];
        for (part, rows) in parts.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            let first = rows.first().map(|row| &*row.source);
            let source = first.filter(|source| rows.iter().all(|row| row.source == **source));
            let mut claims: Vec<Stated> =
                rows.into_iter().map(|row| Stated::of(run, row, &mut ids)).collect();
            claims.sort_by_key(|claim| order(claim.row.verdict));
            chapters.push(Chapter {
                title: title(part),
                experiment: judged.experiment,
                source,
                command: command.clone(),
                score: score(claims.iter().map(|claim| claim.row)),
                claims,
            });
        }
    }
    // What the lab began with comes first.
    chapters.sort_by_key(|chapter: &Chapter| chapter.experiment != ARTICLE);
    chapters
}

/// What the article got wrong, in a sentence.
pub fn of_article(chapters: &[Chapter]) -> Option<String> {
    let published = chapters.iter().find(|chapter| chapter.experiment == ARTICLE)?;
    let claims = counted(published.claims.len() as u64, "claim");
    Some(format!(
        "Of {claims} of the article that the lab began with ({}): {}.",
        published.source?, published.score
    ))
}

/// `24 refuted, 30 supported, 5 inconclusive`.
pub fn score<'a>(rows: impl Iterator<Item = &'a VerdictRow>) -> String {
    let rows: Vec<&VerdictRow> = rows.collect();
    let mut verdicts = Verdict::ALL;
    verdicts.sort_by_key(|verdict| order(*verdict));
    counts(&rows, verdicts).join(", ")
}

/// Refuted first: that is the news.
fn order(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Refuted => 0,
        Verdict::Supported => 1,
        Verdict::Equivalent => 2,
        Verdict::Inconclusive => 3,
        Verdict::Untestable => 4,
        Verdict::TooFew => 5,
    }
}

impl<'a> Stated<'a> {
    fn of(run: &'a Run, row: &'a VerdictRow, ids: &mut HashSet<String>) -> Self {
        let plain = format!("claim-{}", slug(&format!("{}-{}", row.experiment, row.claim)));
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        let id =
            std::iter::once(plain.clone()).chain(numbered).find(|id| ids.insert(id.clone())).unwrap_or(plain);
        let address = run.claim_of(row).and_then(|claim| claim.source.address.as_deref());
        let changed = row.disturbed > 0 && row.undisturbed_verdict != row.verdict;
        Self {
            id,
            row,
            compared: compared(&row.runtime, &row.baseline),
            expected: expected(row),
            measured: measured(row).map_or_else(String::new, |shown| shown.to_string()),
            tone: tone(row.verdict).class(),
            sign: sign(row.verdict),
            reason: human::capitalised(&in_words(run, row, &row.reason)),
            address: address.filter(|address| crate::table::is_of_the_web(address)),
            undisturbed: changed.then(|| row.undisturbed_verdict.name()),
            mark: place(run, row).map(|placed| Mark::of(&placed)),
        }
    }
}

/// A text about a claim in which each group that is compared stands in words instead of its name in the files.
pub fn in_words(run: &Run, row: &VerdictRow, text: &str) -> String {
    let names: Vec<&str> = row.groups.split(" / ").filter(|name| !name.is_empty()).collect();
    let said = |word: &str| {
        let name = word.trim_end_matches(['.', ',', ';', ')']);
        let known = names.iter().find(|known| **known == name)?;
        Some(setting(run, &row.experiment, known)? + &word[name.len()..])
    };
    let words = text.split(' ').map(|word| said(word).unwrap_or_else(|| word.to_string()));
    words.collect::<Vec<String>>().join(" ")
}

/// A group of an experiment in words: `short waits with 1,000 tasks, 1 ms`.
fn setting(run: &Run, experiment: &str, group: &str) -> Option<String> {
    let cell = &run.plan.cells[run.place_of(&format!("{experiment}_{group}"))?].cell;
    let workload = Workload::from_name(&cell.workload)?;
    let words = settings(workload, cell).into_iter().map(|setting| setting.words);
    let words: Vec<String> = std::iter::once(counted(cell.tasks, "task")).chain(words).collect();
    Some(format!("{} with {}", workload_title(workload).to_lowercase(), words.join(", ")))
}

fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "✓",
        Verdict::Equivalent => "=",
        Verdict::Refuted => "✗",
        Verdict::Inconclusive => "?",
        Verdict::Untestable | Verdict::TooFew => "–",
    }
}

impl Mark {
    fn of(placed: &Placed) -> Self {
        let scale = Scale::log((1.0 / FURTHEST, FURTHEST), (0.0, 100.0));
        let place = |value: f64| scale.clamped(value).0;
        let (from, to) = (place(placed.claimed.0), place(placed.claimed.1));
        Self {
            at: place(placed.value),
            low: place(placed.low.unwrap_or(placed.value)),
            high: place(placed.high.unwrap_or(placed.value)),
            beyond: match scale.clamped(placed.value).1 {
                Beyond::Nowhere => "",
                Beyond::Low => "◂",
                Beyond::High => "▸",
            },
            holds: (from, to - from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    #[test]
    fn every_claim_stands_once_with_an_anchor_of_its_own_refuted_ones_first() {
        let run = fixture::reference();
        let chapters = chapters(run);
        let stated: Vec<&Stated> = chapters.iter().flat_map(|chapter| &chapter.claims).collect();
        let claims = run.verdicts.iter().filter(|row| !is_about_the_lab(&row.experiment)).count();
        let ids: HashSet<&str> = stated.iter().map(|claim| claim.id.as_str()).collect();
        assert_eq!((stated.len(), ids.len()), (claims, claims));
        let article = &chapters[0];
        assert_eq!(article.title, "The article, of Python, as published");
        assert!(article.claims.iter().all(|claim| claim.compared.contains("python")));
        assert_eq!(article.claims[0].row.verdict, Verdict::Refuted);
        assert!(article.score.contains("refuted, "), "{}", article.score);
    }

    #[test]
    fn the_threshold_lies_in_the_middle_of_the_axis() {
        let run = fixture::reference();
        let (refuted, supported): (Vec<_>, Vec<_>) = chapters(run)
            .into_iter()
            .flat_map(|chapter| chapter.claims)
            .filter(|claim| claim.expected.starts_with("≥") && claim.row.verdict.decides())
            .partition(|claim| claim.row.verdict == Verdict::Refuted);
        let at = |claim: &Stated| claim.mark.as_ref().map(|mark| (mark.at, mark.holds.0));
        assert!(
            !refuted.is_empty()
                && refuted.iter().filter_map(at).all(|(at, from)| at < 50.0 && (from - 50.0).abs() < 1e-6)
        );
        assert!(!supported.is_empty() && supported.iter().filter_map(at).all(|(at, _)| at > 50.0));
    }

    #[test]
    fn a_count_stands_beside_what_it_counts_where_it_is_claimed_and_where_it_is_found() {
        let chapters = chapters(fixture::reference());
        let all = chapters.iter().flat_map(|chapter| &chapter.claims);
        let crossovers: Vec<&Stated> = all.filter(|claim| claim.row.unit == "tasks").collect();
        assert!(!crossovers.is_empty());
        for claim in crossovers {
            assert!(claim.expected.ends_with(" tasks"), "{}", claim.expected);
            assert!(
                claim.measured.contains(" tasks [") || claim.measured.contains("no end"),
                "{}",
                claim.measured
            );
        }
    }

    #[test]
    fn a_sentence_about_a_claim_has_the_settings_in_words_and_no_name_of_the_files() {
        let run = fixture::reference();
        let chapters = chapters(run);
        let all = chapters.iter().flat_map(|chapter| &chapter.claims);
        for claim in all {
            for group in claim.row.groups.split(" / ").filter(|group| group.contains('-')) {
                assert!(!claim.reason.contains(&format!("on {group} ")), "{}", claim.reason);
            }
        }
        let row = run.verdicts.iter().find(|row| row.groups == "sleep-1000-1ms").unwrap();
        assert_eq!(in_words(run, row, "on sleep-1000-1ms."), "on short waits with 1,000 tasks, 1 ms.");
        assert_eq!(in_words(run, row, "sleep-1000-1ms-x"), "sleep-1000-1ms-x");
    }

    #[test]
    fn a_chapter_is_called_by_what_its_claims_are_about() {
        let chapters = chapters(fixture::reference());
        let titles: Vec<&str> = chapters.iter().map(|chapter| &*chapter.title).collect();
        assert!(titles.contains(&"Claims about context switch"), "{titles:?}");
        assert!(titles.iter().all(|title| !title.ends_with('?')), "{titles:?}");
    }
}

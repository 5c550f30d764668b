//! Which runtimes are shown: the families to pick from, and the picks that the page offers.

use std::collections::BTreeSet;

use results::SummaryRow;
use results::grouping::grouped;

use crate::appearance::{REFERENCES, USUAL, place};
use crate::run::{ARTICLE, Run, is_about_the_lab};

/// Fewer of them than this, and the run is of other runtimes.
const FEWEST: usize = 4;
/// The most runtimes that are shown at first.
pub const MOST: usize = 10;

/// The family of variants, whatever the family of their parents.
const VARIANTS: &str = "variant";

/// Runtimes that are shown together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick<'a> {
    /// Its name in an address and in tests: plain letters, digits and hyphens.
    pub id: &'a str,
    /// Its name for people.
    pub title: String,
    /// The labels.
    pub labels: Vec<&'a str>,
}

impl Pick<'_> {
    /// Whether its runtimes have the colours of others: a variant has that of what it varies.
    pub fn is_of_many_colours(&self) -> bool {
        self.id == VARIANTS
    }
}

/// All runtimes of the plan by family; those of the lab's own experiments are none.
pub fn families(run: &Run) -> Vec<Pick<'_>> {
    let known: BTreeSet<&str> = labels(run);
    let mut keyed: Vec<(&str, &str)> = run
        .families()
        .filter(|(label, _)| known.contains(label))
        .map(|(label, family)| {
            let is_variant = !run.is_ranked(label) && family != REFERENCES;
            (if is_variant { VARIANTS } else { family }, label)
        })
        .collect();
    keyed.sort_by_key(|(family, label)| (*family == VARIANTS, place(family), *family, *label));
    let families = grouped(keyed).into_iter();
    families.map(|(id, labels)| Pick { id, title: title(id), labels }).collect()
}

/// What a family is called.
fn title(family: &str) -> String {
    match family {
        "async" => "Async Rust".into(),
        "threads" => "Rust threads".into(),
        "parallel" => "Fork-join Rust".into(),
        "javascript" => "JavaScript".into(),
        VARIANTS => "Variants (not ranked)".into(),
        REFERENCES => "References (not ranked)".into(),
        other => results::human::capitalised(other),
    }
}

/// The runtimes that are shown at first: at most ten, those that people ask about first; where the run has hardly any
/// of them, the first that it ranks.
pub fn default_pick(run: &Run) -> Vec<&str> {
    let known = labels(run);
    let usual: Vec<&str> = USUAL.iter().filter_map(|name| known.get(name).copied()).collect();
    if usual.len() >= FEWEST {
        return usual;
    }
    let all = families(run).into_iter().flat_map(|family| family.labels);
    let (ranked, others): (Vec<&str>, Vec<&str>) = all.partition(|label| run.is_ranked(label));
    let first = if ranked.is_empty() { others } else { ranked };
    first.into_iter().take(MOST).collect()
}

/// The picks that the page offers by name, beside that of the beginning and all.
pub fn presets(run: &Run) -> Vec<Pick<'_>> {
    let known = labels(run);
    let of_model = |word: &str| -> Vec<&str> {
        let runtimes = run.environment.runtimes.iter().filter(|runtime| runtime.info.model.contains(word));
        runtimes.filter_map(|runtime| known.get(runtime.info.name.as_str()).copied()).collect()
    };
    let pair: Vec<&str> = ["tokio", "threads"].iter().filter_map(|name| known.get(name).copied()).collect();
    let mut ring = of_model("io_uring");
    ring.retain(|label| run.is_ranked(label));
    if !ring.is_empty() {
        ring.extend(known.get("tokio").filter(|_| !ring.contains(&"tokio")));
    }
    let of_article = run.verdicts.iter().filter(|row| row.experiment == ARTICLE);
    let of_article: BTreeSet<&str> =
        of_article.flat_map(|row| [row.runtime.as_str(), row.baseline.as_str()]).collect();
    let article = of_article.into_iter().filter_map(|name| known.get(name).copied());
    let article = article.filter(|label| run.is_ranked(label)).collect();
    let all = [
        ("tokio-threads", "tokio and threads", pair),
        ("io_uring", "io_uring", ring),
        (ARTICLE, "the article", article),
    ];
    let offered = all.into_iter().filter(|(.., labels)| labels.len() >= 2);
    offered.map(|(id, title, labels)| Pick { id, title: title.into(), labels }).collect()
}

/// The labels that were measured in experiments that are not about the lab itself; of a run of those alone, theirs;
/// where nothing was measured, those of the plan.
fn labels(run: &Run) -> BTreeSet<&str> {
    let measured = distinct_of(run.summary.iter().filter(|row| !is_about_the_lab(&row.experiment)));
    if !measured.is_empty() {
        return measured;
    }
    let of_the_lab = distinct_of(run.summary.iter());
    if of_the_lab.is_empty() { run.cells().map(|cell| cell.label.as_str()).collect() } else { of_the_lab }
}

/// The labels of rows. Those of a cell follow one another, and there may be a million.
fn distinct_of<'a>(rows: impl Iterator<Item = &'a SummaryRow>) -> BTreeSet<&'a str> {
    let mut known = BTreeSet::new();
    let mut last = "";
    for row in rows.filter(|row| !row.runtime.is_empty()) {
        if row.runtime != last {
            known.insert(row.runtime.as_str());
            last = &row.runtime;
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    #[test]
    fn every_runtime_is_in_one_family_and_references_come_last() {
        let run = fixture::reference();
        let families = families(run);
        let all: Vec<&str> = families.iter().flat_map(|family| family.labels.clone()).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.contains(&"tokio") && !all.contains(&"same-a"));
        assert_eq!(families.first().unwrap().title, "Async Rust");
        let variants = families.iter().find(|family| family.id == VARIANTS).unwrap();
        assert!(variants.labels.contains(&"tokio@1.41.1"));
        assert!(
            families
                .iter()
                .filter(|family| family.id != VARIANTS && family.id != REFERENCES)
                .all(|family| family.labels.iter().all(|label| run.is_ranked(label)))
        );
    }

    #[test]
    fn at_first_those_are_shown_that_people_ask_about() {
        let pick = default_pick(fixture::reference());
        assert_eq!(pick, USUAL);
        assert!(pick.len() <= MOST);
    }

    #[test]
    fn the_pick_of_the_article_is_of_what_it_claims() {
        let presets = presets(fixture::reference());
        let ids: Vec<&str> = presets.iter().map(|preset| preset.id).collect();
        assert_eq!(ids, ["tokio-threads", "io_uring", "article"]);
        assert!(presets[1].labels.contains(&"glommio") && presets[1].labels.contains(&"tokio"));
        assert!(presets[2].labels.contains(&"python-asyncio") && !presets[2].labels.contains(&"smol"));
    }
}

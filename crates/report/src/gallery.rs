//! The page of a gallery: runs of many people and machines, a row each.
//!
//! It says who ran what, and how far that was checked; it compares nothing. Texts of strangers are cut to what a cell has
//! room for, so that the page of a hundred runs stays small.

use askama::Template;
use results::human;
use results::sanitize::one_line;

use crate::error::Error;
use crate::format::counted;
use crate::table::NOTHING;

/// The most that a cell has room for, characters.
const MOST_OF_NAME: usize = 40;
const MOST_OF_CPU: usize = 48;
const MOST_OF_TEXT: usize = 32;
const MOST_OF_REASON: usize = 90;
/// The most experiments that are named in a row.
const MOST_EXPERIMENTS: usize = 2;
/// The most verdicts that are named in a row.
const MOST_VERDICTS: usize = 6;

/// A run of the gallery. Whatever is not known is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Exhibit {
    /// The name of the machine, or how many there are.
    pub machine: String,
    pub cpu_model: String,
    /// CPUs that the lab might use.
    pub cpus: u32,
    pub kernel: String,
    pub virtualisation: String,
    /// `2026-11-29`.
    pub date: String,
    pub preset: String,
    pub experiments: Vec<String>,
    /// Rows of trials; those of them whose status is `ok`; and those that failed.
    pub rows: u64,
    pub rows_ok: u64,
    pub rows_failed: u64,
    /// How many trials are not there, in words; empty where all are.
    pub missing: String,
    /// How many claims have each verdict.
    pub verdicts: Vec<(usize, String)>,
    /// Whether what follows from its rows was worked out again, to the same bytes.
    pub is_verified: bool,
    /// Why it was not.
    pub reason: String,
    /// SHA-256 of the bundle, in hexadecimal.
    pub sha256: String,
}

/// The page. The template escapes all texts, but not the style, which is ours.
#[derive(Template)]
#[template(path = "gallery.html")]
struct Page<'a> {
    colours: &'static str,
    style: &'static str,
    facts: [String; 2],
    rows: Vec<Row<'a>>,
}

/// A row of the table.
struct Row<'a> {
    machine: String,
    cpu: String,
    cpus: u32,
    kernel: String,
    virtualisation: String,
    date: String,
    preset: String,
    experiments: String,
    trials: String,
    verdicts: String,
    label: &'static str,
    class: &'static str,
    reason: String,
    sha256: &'a str,
}

/// The page of these runs, whatever order they are given in.
///
/// # Errors
/// When it cannot be laid out.
pub fn gallery(exhibits: &[Exhibit]) -> Result<String, Error> {
    let mut sorted: Vec<&Exhibit> = exhibits.iter().collect();
    sorted.sort();
    let verified = exhibits.iter().filter(|exhibit| exhibit.is_verified).count();
    let page = Page {
        colours: colours(),
        style: include_str!("../templates/gallery.css"),
        facts: [counted(exhibits.len() as u64, "run"), format!("{verified} verified here")],
        rows: sorted.into_iter().map(Row::of).collect(),
    };
    page.render().map_err(|error| Error::Layout(error.to_string()))
}

/// The colours of the report's page, by day and by night: they stand before its first rule. The rest of its style sheet would
/// be a fifth of a large gallery.
fn colours() -> &'static str {
    let style = include_str!("../templates/page.css");
    style.split_once("\n* {").map_or(style, |(colours, _)| colours)
}

impl<'a> Row<'a> {
    fn of(exhibit: &'a Exhibit) -> Self {
        let Exhibit { rows, rows_ok, rows_failed, missing, is_verified, .. } = exhibit;
        let mut trials = human::count(*rows_ok);
        if rows != rows_ok {
            trials = format!("{trials} of {}, {} failed", human::count(*rows), human::count(*rows_failed));
        }
        let (label, class) =
            if *is_verified { ("verified here", "good") } else { ("as submitted", "unsure") };
        let missing = if missing.is_empty() { String::new() } else { format!("; {missing}") };
        Self {
            machine: cell(&exhibit.machine, MOST_OF_NAME),
            cpu: cell(&exhibit.cpu_model, MOST_OF_CPU),
            cpus: exhibit.cpus,
            kernel: cell(&exhibit.kernel, MOST_OF_TEXT),
            virtualisation: cell(&exhibit.virtualisation, MOST_OF_TEXT),
            date: cell(&exhibit.date, MOST_OF_TEXT),
            preset: cell(&exhibit.preset, MOST_OF_TEXT),
            experiments: experiments(&exhibit.experiments),
            trials: format!("{trials}{}", shortened(&missing, MOST_OF_REASON)),
            verdicts: verdicts(&exhibit.verdicts),
            label,
            class,
            reason: shortened(&exhibit.reason, MOST_OF_REASON),
            sha256: &exhibit.sha256,
        }
    }
}

/// A text, cut to what there is room for; a dash for none.
fn cell(text: &str, most: usize) -> String {
    or_nothing(shortened(text, most))
}

fn or_nothing(text: String) -> String {
    if text.is_empty() { NOTHING.into() } else { text }
}

/// A text of at most so many characters; that it was cut can be seen.
fn shortened(text: &str, most: usize) -> String {
    let line = one_line(text, most + 1);
    if line.chars().count() <= most { line } else { line.chars().take(most - 1).chain(['…']).collect() }
}

fn experiments(names: &[String]) -> String {
    let mut shown: Vec<String> =
        names.iter().take(MOST_EXPERIMENTS).map(|name| shortened(name, MOST_OF_TEXT)).collect();
    if names.len() > MOST_EXPERIMENTS {
        shown.push(format!("{} more", names.len() - MOST_EXPERIMENTS));
    }
    or_nothing(shown.join(", "))
}

fn verdicts(counts: &[(usize, String)]) -> String {
    let shown: Vec<String> = counts
        .iter()
        .take(MOST_VERDICTS)
        .map(|(count, name)| format!("{count} {}", shortened(name, MOST_OF_TEXT)))
        .collect();
    or_nothing(shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exhibit(number: usize) -> Exhibit {
        Exhibit {
            machine: format!("runner-{number:03}.eu-central-1.compute.example"),
            cpu_model: "Intel(R) Xeon(R) Platinum 8488C CPU @ 2.40GHz".into(),
            cpus: 64,
            kernel: "Linux 6.18.44-1032-aws-fc-v669".into(),
            virtualisation: "virtual machine".into(),
            date: "2026-11-29".into(),
            preset: "default".into(),
            experiments: ["article", "calibration", "echo", "hold"].map(String::from).into(),
            rows: 38_493,
            rows_ok: 38_421,
            rows_failed: 12,
            verdicts: [(54, "supported"), (2, "equivalent"), (33, "refuted"), (4, "inconclusive")]
                .map(|(count, name)| (count, name.to_string()))
                .into(),
            is_verified: !number.is_multiple_of(4),
            reason: if number.is_multiple_of(4) {
                "summary.csv is another from line 7 on; kilotask 0.2.0 made it".into()
            } else {
                String::new()
            },
            sha256: format!("{number:064x}"),
            ..Exhibit::default()
        }
    }

    #[test]
    fn a_hundred_runs_have_a_page_of_at_most_60_kb() {
        let exhibits: Vec<Exhibit> = (0..100).map(exhibit).collect();
        let page = gallery(&exhibits).unwrap();
        assert!(page.len() <= 60_000, "{} bytes", page.len());
        assert_eq!(page.matches("<tr>").count(), 101);
        assert!(colours().len() < 1000 && colours().contains("--paper"), "{}", colours());
        assert!(page.contains("100 runs") && page.contains("75 verified here"));
    }

    #[test]
    fn the_page_is_the_same_in_whatever_order_the_runs_are_given() {
        let mut exhibits: Vec<Exhibit> = (0..5).map(exhibit).collect();
        let page = gallery(&exhibits).unwrap();
        exhibits.reverse();
        assert_eq!(gallery(&exhibits).unwrap(), page);
        assert!(
            page.contains("38,421 of 38,493, 12 failed") && page.contains("article, calibration, 2 more")
        );
        assert!(page.contains("54 supported, 2 equivalent, 33 refuted, 4 inconclusive"));
    }

    #[test]
    fn no_text_of_a_stranger_is_obeyed_and_the_page_asks_for_nothing() {
        let hostile = "<script>alert(1)</script>\" onload=\"x\u{202e}".repeat(50);
        let one = Exhibit {
            machine: hostile.clone(),
            cpu_model: hostile.clone(),
            kernel: hostile.clone(),
            virtualisation: hostile.clone(),
            date: hostile.clone(),
            preset: hostile.clone(),
            experiments: vec![hostile.clone(); 9],
            missing: hostile.clone(),
            verdicts: vec![(1, hostile.clone()); 9],
            reason: hostile.clone(),
            ..exhibit(0)
        };
        let page = gallery(&[one]).unwrap();
        assert!(page.contains("&#60;script&#62;alert(1)") && !page.contains("<script"));
        assert!(!page.contains("\" onload") && !page.contains('\u{202e}'));
        for request in ["http:", "https:", "src=", "url(", "@import", "href="] {
            assert!(!page.contains(request), "{request}");
        }
        assert!(page.contains("default-src 'none'") && page.contains("prefers-color-scheme: dark"));
        assert!(page.len() < 20_000, "{} bytes", page.len());
    }
}

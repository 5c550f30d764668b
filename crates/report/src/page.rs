//! The report as one HTML page that opens from disk. It contains everything it needs and loads
//! nothing.

use askama::Template;

use crate::chart;
use crate::document::{Block, Document, TITLE};
use crate::error::Error;
use crate::table::Entry;

/// The page. The template escapes all texts. It does not escape what is ours: style, script, and
/// the drawings, which have escaped their own texts.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: &'static str,
    document: &'a Document,
    style: &'static str,
    chart_style: &'static str,
    script: &'static str,
}

pub fn render(document: &Document) -> Result<String, Error> {
    let page = Page {
        title: TITLE,
        document,
        style: include_str!("../templates/page.css"),
        chart_style: chart::STYLE,
        script: include_str!("../templates/page.js"),
    };
    page.render().map_err(|error| Error::Layout(error.to_string()))
}

/// The CSS classes of an entry: its alignment and its tone.
fn class(has_words: bool, entry: &Entry) -> String {
    let number = if has_words { "" } else { "number" };
    format!("{number} {}", entry.tone.class()).trim().to_string()
}

/// The number that the script sorts an entry by; empty where it sorts by the text.
fn sort_key(entry: &Entry) -> String {
    entry.sort.map_or_else(String::new, |sort| format!("{sort:e}"))
}

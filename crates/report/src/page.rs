//! The report as one page that opens from disk: everything it needs is in it, and it asks nobody.

use askama::Template;

use crate::chart;
use crate::document::{Block, Document, TITLE};
use crate::error::Error;
use crate::table::{Entry, Tone};

/// The page. Texts are escaped by the template; what is not is our own: style, script and drawings, which
/// escape their texts themselves.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: &'static str,
    document: &'a Document,
    style: &'static str,
    chart_style: &'static str,
    script: &'static str,
}

/// The whole page.
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

/// The classes of an entry: whether it stands to the right, and whether it is good news.
fn class(has_words: bool, entry: &Entry) -> String {
    let tone = match entry.tone {
        Tone::Plain => "",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Unsure => "unsure",
    };
    let number = if has_words { "" } else { "number" };
    format!("{number} {tone}").trim().to_string()
}

/// What an entry is sorted by, as the script reads it; empty where it is sorted by its text.
fn sort_key(entry: &Entry) -> String {
    entry.sort.map_or_else(String::new, |sort| format!("{sort:e}"))
}

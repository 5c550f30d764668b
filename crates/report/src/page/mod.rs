//! The report as one HTML page that opens from disk. It contains everything it needs and loads
//! nothing.
//!
//! [`contents`] says what it has, in its order; `templates/` lays it out; the script in `templates/page.js` shows and
//! hides what belongs to a runtime, and looks up the ratio of any two in [`data`].

mod block;
mod contents;
mod data;
mod overview;

use std::borrow::Borrow;

use askama::Template;
use results::Estimate;

use crate::appearance::SHAPES;
use crate::chart;
use crate::content::Basis;
use crate::content::board::Board;
use crate::content::overview::Kind;
use crate::content::pairs::Difference;
use crate::content::versus::Line as VersusLine;
use crate::error::Error;
use crate::figures::Drawn;
use crate::run::Run;
use crate::table::Entry;
use block::Block;
use contents::Contents;

pub const TITLE: &str = "Which concurrency runtime is faster, leaner, steadier?";

/// The page. The templates escape all texts. They do not escape what is ours: style, script, data, and the drawings,
/// which have escaped their own texts.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: &'static str,
    contents: &'a Contents<'a>,
    run: &'a Run,
    style: &'static str,
    chart_style: &'static str,
    script: &'static str,
    data: String,
}

/// A part of the page.
#[derive(Template)]
#[template(path = "block.html")]
struct Part<'a> {
    block: &'a Block<'a>,
}

/// Runtimes under each other.
#[derive(Template)]
#[template(path = "board.html")]
struct Standing<'a> {
    board: &'a Board<'a>,
    run: &'a Run,
    label: &'a str,
}

pub fn render(basis: &Basis, drawn: &Drawn) -> Result<String, Error> {
    let contents = Contents::of(basis, drawn);
    let page = Page {
        title: TITLE,
        contents: &contents,
        run: basis.run,
        style: include_str!("../../templates/page.css"),
        chart_style: chart::STYLE,
        script: include_str!("../../templates/page.js"),
        data: data::json(basis),
    };
    page.render().map_err(|error| Error::Layout(error.to_string()))
}

/// The shapes as symbols that the page refers to, each in a square of 16 units.
fn symbols() -> String {
    let symbol = |(place, shape): (usize, &crate::appearance::Shape)| {
        format!(
            "<symbol id=\"s{place}\" viewBox=\"0 0 16 16\">{}</symbol>",
            chart::dot(*shape, (8.0, 8.0), 5.0)
        )
    };
    SHAPES.iter().enumerate().map(symbol).collect()
}

/// The sign of a runtime: a symbol in the colour of its family.
fn glyph(run: &Run, runtime: &str) -> String {
    let shape = run.appearances.get(runtime).shape;
    coloured(run, runtime, SHAPES.iter().position(|known| *known == shape).unwrap_or(0))
}

/// The colour of a family, that of its first runtime.
fn swatch(run: &Run, runtime: &str) -> String {
    coloured(run, runtime, 0)
}

/// A shape, by its place in [`SHAPES`], in the colour of a runtime.
fn coloured(run: &Run, runtime: &str, shape: usize) -> String {
    let class = run.appearances.get(runtime).class();
    format!("<svg class=\"glyph figure {class}\" aria-hidden=\"true\"><use href=\"#s{shape}\"/></svg>")
}

/// Labels in one attribute: no label has a space.
fn spaced(labels: &[&str]) -> String {
    labels.join(" ")
}

/// The interval of an estimate; a unit that is that of the value is not said again: `[1.7, 2.0]`.
fn ends(shown: &Estimate) -> String {
    let unit = shown.value.rsplit_once(' ').map_or("", |(_, unit)| unit);
    let end = |end: &str| match end.rsplit_once(' ') {
        Some((number, same)) if same == unit => number.to_string(),
        _ => end.to_string(),
    };
    let known = shown.low.as_deref().zip(shown.high.as_deref());
    known.map_or_else(String::new, |(low, high)| format!("[{}, {}]", end(low), end(high)))
}

/// A share of an axis for a style, with one decimal.
fn share(value: impl Borrow<f64>) -> String {
    chart::tenth(*value.borrow())
}

/// The ratio of a line of two runtimes, for a table: value with interval, and what it says.
fn versus_entry(line: &VersusLine, kind: usize) -> [String; 3] {
    let Some(found) = line.ratios[kind] else { return ["–".into(), String::new(), String::new()] };
    let class = match found.difference() {
        Difference::Better => "good",
        Difference::Worse => "bad",
        Difference::CannotTell | Difference::TooFew => "unsure",
    };
    [found.shown().to_string(), found.words(), class.into()]
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

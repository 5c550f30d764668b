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

use aggregate::stats::FEWEST_FOR_MEDIAN;
use askama::Template;
use results::overview::Aspect;

use crate::appearance::{SHAPES, Shape};
use crate::chart;
use crate::content::Basis;
use crate::content::board::{Board, Line as BoardLine};
use crate::content::note::Note;
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
    id: String,
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
    let symbol = |(place, shape): (usize, &Shape)| {
        format!(
            "<symbol id=\"s{place}\" viewBox=\"0 0 16 16\">{}</symbol>",
            chart::dot(*shape, (8.0, 8.0), 5.0)
        )
    };
    SHAPES.iter().enumerate().map(symbol).collect()
}

/// The sign of a runtime: a symbol in its colour.
fn glyph(run: &Run, runtime: &str) -> String {
    let appearance = run.appearances.get(runtime);
    coloured(&appearance.class(), appearance.shape)
}

/// The colour of a family, that of any of its runtimes.
fn swatch(run: &Run, runtime: &str) -> String {
    coloured(&run.appearances.get(runtime).family_class(), SHAPES[0])
}

/// A symbol of this shape in the colour of a class.
fn coloured(class: &str, shape: Shape) -> String {
    let shape = SHAPES.iter().position(|known| *known == shape).unwrap_or(0);
    format!("<svg class=\"glyph figure {class}\" aria-hidden=\"true\"><use href=\"#s{shape}\"/></svg>")
}

/// What could mislead of the runtimes of a board, as a list that is printed, too.
fn caveats<'a>(board: &Board<'a>) -> Vec<Note<'a>> {
    let note = |line: &BoardLine<'a>| {
        Some(Note { runtime: Some(line.runtime), words: format!("{}: {}", line.runtime, line.caveat?) })
    };
    board.lines.iter().filter_map(note).collect()
}

/// Labels in one attribute: no label has a space.
fn spaced<T: Borrow<str>>(labels: &[T]) -> String {
    labels.join(" ")
}

/// A share of an axis for a style, with one decimal.
fn share(value: impl Borrow<f64>) -> String {
    chart::tenth(*value.borrow())
}

/// The ratio of a line of two runtimes, for a table: value with interval, what it says, and the class of that.
fn versus_entry(line: &VersusLine, place: usize) -> [String; 3] {
    let Some(found) = line.ratios[place] else {
        let why_not = line.why_not.clone().filter(|_| place == 0).unwrap_or_default();
        return ["–".into(), why_not, String::new()];
    };
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

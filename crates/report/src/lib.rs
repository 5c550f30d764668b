//! CSV in; the page, its Markdown and its figures out.
//!
//! [`write()`] reads the folder of a run that was summarised and writes `report.html`, `REPORT.md` and
//! `figures/*.svg` beside its tables. It is pure: the same folder gives the same bytes.
//!
//! ```text
//! Run (what stands in the folder) ──▶ tell (what is said of it) ──▶ Document ──▶ page, markdown
//!                                 ╰─▶ figures (what is drawn of it) ──▶ ╯   ╰──▶ figures/*.svg
//! ```
//!
//! [`tell`] also feeds the tables that `kilotask` prints, so that terminal, page and Markdown say the same.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

mod chart;
mod document;
mod error;
mod figure;
mod figures;
mod look;
mod markdown;
mod page;
mod read;
pub mod run;
pub mod table;
pub mod tell;
mod write;

use std::fs;
use std::path::{Path, PathBuf};

pub use error::Error;
pub use figure::Figure;
pub use run::Run;

use document::Document;

/// The page.
pub const PAGE: &str = "report.html";
/// The same in Markdown.
pub const MARKDOWN: &str = "REPORT.md";
/// The folder of the drawings.
pub const FIGURES: &str = "figures";

/// Writes the report of the run in `dir`, which was summarised, beside its tables.
///
/// # Errors
///
/// A file of the run that cannot be used, or a file of the report that cannot be written; see [`Error`].
pub fn write(dir: &Path) -> Result<(), Error> {
    write_of(&Run::read(dir)?, dir)
}

/// The same, of a run that was read already.
///
/// # Errors
///
/// As [`write()`].
pub fn write_of(run: &Run, dir: &Path) -> Result<(), Error> {
    let document = Document::of(run);
    let folder = dir.join(FIGURES);
    fs::create_dir_all(&folder).map_err(|error| Error::Write { path: folder.clone(), error })?;
    let mut drawn: Vec<PathBuf> = Vec::new();
    for figure in document.figures() {
        let path = folder.join(format!("{}.svg", figure.name));
        write::whole(&path, &figure.standalone())?;
        drawn.push(path);
    }
    write::remove_others(&folder, &drawn)?;
    write::whole(&dir.join(MARKDOWN), &markdown::render(&document))?;
    // Last: who finds the page finds all that it links to.
    write::whole(&dir.join(PAGE), &page::render(&document)?)
}

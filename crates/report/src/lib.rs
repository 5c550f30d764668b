//! The report of a run: CSV files in, a page, Markdown and figures out.
//!
//! [`write()`] reads the folder of a run after `aggregate`, and writes `report.html`, `REPORT.md`
//! and `figures/*.svg` into it. It is pure: the same folder gives the same bytes.
//!
//! ```text
//! Run (the files of the folder) ──▶ content (boards, tables, sentences) ──▶ page, markdown, terminal
//!                               ╰─▶ figures (drawings) ─────────────────╯──▶ figures/*.svg
//! ```
//!
//! The tables that `kilotask` prints come from [`content`] as well, so that terminal, page and
//! Markdown say the same.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

mod among;
mod appearance;
mod chart;
pub mod content;
mod error;
mod figure;
mod figures;
pub mod format;
pub mod gallery;
mod machines;
mod markdown;
mod page;
pub mod readme;
pub mod run;
mod shown;
mod spans;
pub mod table;

use std::fs;
use std::io;
use std::path::Path;

pub use error::Error;
pub use figure::Figure;
pub use machines::write_merged;
pub use run::Run;

use results::disk::make_inner_folder;
use results::folder::{FIGURES, MARKDOWN, PAGE};
use results::{regular, write};

use content::Basis;
use figures::Drawn;

/// Writes the report of the run in the folder `dir`, after `aggregate`.
///
/// # Errors
/// A file of the run that cannot be used, or a file of the report that cannot be written; see
/// [`Error`].
pub fn write(dir: &Path) -> Result<(), Error> {
    write_of(&Run::read(dir)?, dir)
}

/// The same for a run that was already read.
///
/// # Errors
/// As [`write()`].
pub fn write_of(run: &Run, dir: &Path) -> Result<(), Error> {
    let (basis, figures) = (Basis::of(run), Drawn::of(run));
    let folder = dir.join(FIGURES);
    make_inner_folder(&folder).map_err(|error| Error::Figures { path: folder.clone(), error })?;
    let mut drawn: Vec<String> = Vec::new();
    for figure in figures.all() {
        let name = format!("{}.svg", figure.name);
        write::whole(&folder, &name, figure.standalone().as_bytes())?;
        drawn.push(name);
    }
    remove_others(&folder, &drawn).map_err(|error| Error::Figures { path: folder, error })?;
    write::whole(dir, MARKDOWN, markdown::render(&basis).as_bytes())?;
    // Last: when there is a page, everything that it links to is there.
    write::whole(dir, PAGE, page::render(&basis, &figures)?.as_bytes())?;
    Ok(())
}

/// No drawing of ours is as large as this, bytes.
const MAX_DRAWING_BYTES: u64 = 16 << 20;

/// Removes drawings of an earlier report that this one does not have, and nothing that somebody else put there.
fn remove_others(folder: &Path, kept: &[String]) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
        let is_drawing = path.extension().is_some_and(|extension| extension == "svg");
        if is_drawing && !kept.contains(&name) && entry.file_type()?.is_file() && is_ours(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Whether a drawing is one that a report wrote.
fn is_ours(path: &Path) -> bool {
    regular::read(path, MAX_DRAWING_BYTES).is_ok_and(|drawing| Figure::is_standalone(&drawing))
}

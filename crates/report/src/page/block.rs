//! The simple parts of the page.

use crate::content::note::Note;
use crate::figure::Figure;
use crate::table::Table;

#[derive(Debug)]
pub enum Block<'a> {
    Prose(String),
    List(Vec<String>),
    /// A list of which the page shows what is about the runtimes that are picked.
    Notes(Vec<Note<'a>>),
    /// A table with its anchor and its title, and the file of the run that its numbers are from.
    Table {
        id: String,
        title: String,
        table: Table,
        data: String,
    },
    Figure(&'a Figure),
    /// What is folded away, with the words that are seen. Its anchor unfolds it.
    Fold {
        id: String,
        summary: String,
        blocks: Vec<Block<'a>>,
    },
}

/// The blocks, folded away; nothing where there are none.
pub fn fold<'a>(
    id: impl Into<String>,
    summary: impl Into<String>,
    blocks: impl IntoIterator<Item = Block<'a>>,
) -> Option<Block<'a>> {
    let blocks: Vec<Block> = blocks.into_iter().collect();
    (!blocks.is_empty()).then(|| Block::Fold { id: id.into(), summary: summary.into(), blocks })
}

/// A list, unless it is empty.
pub fn list<'a>(lines: Vec<String>) -> Option<Block<'a>> {
    (!lines.is_empty()).then_some(Block::List(lines))
}

/// A table, unless it is empty.
pub fn table<'a>(
    id: impl Into<String>,
    title: impl Into<String>,
    table: Table,
    data: impl Into<String>,
) -> Option<Block<'a>> {
    let is_empty = table.rows.is_empty();
    (!is_empty).then(|| Block::Table { id: id.into(), title: title.into(), table, data: data.into() })
}

/// Notes, unless there are none.
pub fn notes(notes: Vec<Note<'_>>) -> Option<Block<'_>> {
    (!notes.is_empty()).then_some(Block::Notes(notes))
}

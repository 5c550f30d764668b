//! The simple parts of the page.

use crate::figure::Figure;
use crate::table::Table;

#[derive(Debug)]
pub enum Block<'a> {
    Prose(String),
    List(Vec<String>),
    /// A table with its title, and the file of the run that its numbers are from.
    Table {
        title: String,
        table: Table,
        data: &'static str,
    },
    Figure(&'a Figure),
    /// What is folded away, with the words that are seen.
    Fold {
        summary: String,
        blocks: Vec<Block<'a>>,
    },
}

/// The blocks, folded away; nothing where there are none.
pub fn fold<'a>(
    summary: impl Into<String>,
    blocks: impl IntoIterator<Item = Block<'a>>,
) -> Option<Block<'a>> {
    let blocks: Vec<Block> = blocks.into_iter().collect();
    (!blocks.is_empty()).then(|| Block::Fold { summary: summary.into(), blocks })
}

/// A list, unless it is empty.
pub fn list<'a>(lines: Vec<String>) -> Option<Block<'a>> {
    (!lines.is_empty()).then_some(Block::List(lines))
}

/// A table, unless it is empty.
pub fn table<'a>(title: String, table: Table, data: &'static str) -> Option<Block<'a>> {
    (!table.rows.is_empty()).then_some(Block::Table { title, table, data })
}

//! The spans of the merged folder: of the cells of each group those of one part.
//!
//! A picture of tasks side by side is of one machine, as a ratio is, so that all cells of a group are of one part: the first
//! of those that have most of them, in the order of the parts, which does not depend on where they lie.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use protocol::Workload;
use results::disk::{self, make_inner_folder};
use results::folder::{SPANS, SPANS_TASKS, spans_of};
use results::grouping::grouped;
use results::merged::SpansOf;
use results::plan::BURN_IN_BLOCKS;
use results::read::Rows;
use results::{Cell, Error, Plan, RowKey, SpanRow, regular};

use crate::error::MergeError;
use crate::merged::MergedPart;
use crate::part::PartRun;
use crate::write::remove_others;

/// The most bytes of all spans that are kept: those of 1500 cells of a thousand tasks.
const MOST_BYTES: u64 = 64 << 20;
/// The most bytes of a row: two numbers, and what parts them.
const MAX_ROW_BYTES: u64 = 42;

/// A cell whose spans are kept, and the place of their part.
pub type Kept<'a> = (&'a Cell, usize);

/// Chooses the spans that are kept, given what is taken of the parts: in the order of the plan, as far as there is room.
pub fn choose<'a>(plan: &'a Plan, parts: &[PartRun], taken: &[MergedPart]) -> Vec<Kept<'a>> {
    let counts = |part: &MergedPart| part.blocks.iter().any(|block| *block >= BURN_IN_BLOCKS);
    let with_blocks: Vec<usize> = (0..parts.len()).filter(|place| counts(&taken[*place])).collect();
    let cells = plan.cells.iter().map(|planned| &planned.cell).filter(|cell| promised(cell) > 0);
    let mut room = MOST_BYTES;
    let mut kept = Vec::new();
    for (_, cells) in grouped(cells.map(|cell| (&cell.group, cell))) {
        let there = |place: usize| cells.iter().filter(move |cell| is_there(&parts[place], cell));
        // Of several with as many, `max_by_key` gives the last one.
        let best = with_blocks.iter().copied().rev().max_by_key(|place| there(*place).count());
        let Some(place) = best else { continue };
        let own: Vec<Kept> = there(place).map(|cell| (*cell, place)).collect();
        let bytes: u64 = own.iter().map(|(cell, _)| most_bytes(cell)).sum();
        let Some(left) = room.checked_sub(bytes) else { continue };
        room = left;
        kept.extend(own);
    }
    kept
}

/// How many spans a trial of a cell leaves behind, where they are kept.
fn promised(cell: &Cell) -> u64 {
    let workload = Workload::from_name(&cell.workload).filter(|_| cell.tasks == SPANS_TASKS);
    workload.map_or(0, |workload| workload.spans(cell.tasks, &cell.params))
}

fn most_bytes(cell: &Cell) -> u64 {
    (promised(cell) + 1).saturating_mul(MAX_ROW_BYTES)
}

fn is_there(part: &PartRun, cell: &Cell) -> bool {
    spans_of(&part.folder, &cell.id).is_some_and(|path| path.exists())
}

/// Of which machine and part they are, by cell.
pub fn origins(kept: &[Kept], taken: &[MergedPart]) -> BTreeMap<String, SpansOf> {
    let origin = |(cell, place): &Kept| {
        let MergedPart { machine, name, .. } = &taken[*place];
        (cell.id.clone(), SpansOf { machine: machine.clone(), part: name.clone() })
    };
    kept.iter().map(origin).collect()
}

/// Refuses spans that cannot be those of their cell.
pub fn check(parts: &[PartRun], kept: &[Kept]) -> Result<(), MergeError> {
    for (cell, place) in kept {
        let Some(path) = spans_of(&parts[*place].folder, &cell.id) else { continue };
        let (mut found, expected) = (0, promised(cell));
        let torn = Rows::<SpanRow>::open(&path, RowKey::NONE)?.each(|_| found += 1)?;
        if torn > 0 || found != expected {
            let what = format!(
                "it has {found} spans, and a trial of its cell leaves {expected}; use the file that the run wrote, or \
                 remove it"
            );
            return Err(MergeError::Part { path, what });
        }
    }
    Ok(())
}

/// Writes them into the merged folder as they stand in the parts, and removes what an earlier merge has left.
pub fn write(out: &Path, parts: &[PartRun], kept: &[Kept]) -> Result<(), MergeError> {
    let folder = out.join(SPANS);
    let mut names = BTreeSet::new();
    if !kept.is_empty() {
        make_inner_folder(&folder).map_err(Error::writing(&folder))?;
    }
    for (cell, place) in kept {
        let paths = spans_of(&parts[*place].folder, &cell.id).zip(spans_of(out, &cell.id));
        let Some((from, to)) = paths else { continue };
        let bytes = regular::read(&from, most_bytes(cell)).map_err(Error::reading(&from))?;
        disk::replace(&to, &bytes).map_err(Error::writing(&to))?;
        names.insert(format!("{}.csv", cell.id));
    }
    remove_others(&folder, &names.into_iter().collect::<Vec<_>>())
}

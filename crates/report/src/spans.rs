//! The spans of a run: of a machine of a merged folder those that were kept of its parts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use protocol::{Span, Workload};
use results::folder::{merged_of, spans_of};
use results::merged::spans_of_machine;
use results::read::rows;
use results::{Cell, Error, Plan, Problem, SpanRow};

/// Those of the cells of a plan, where they were kept: one for each task, in the order in which they began.
///
/// # Errors
/// When a file cannot be read, or cannot be that of its cell.
pub fn read(dir: &Path, plan: &Plan) -> Result<BTreeMap<String, Vec<Span>>, Error> {
    let of_machine =
        merged_of(dir).map(|(merged, machine)| spans_of_machine(&merged, &machine)).transpose()?;
    let path = |cell: &Cell| -> Option<PathBuf> {
        let path = match &of_machine {
            Some(kept) => kept.get(&cell.id).cloned(),
            None => spans_of(dir, &cell.id),
        };
        path.filter(|path| path.exists())
    };
    let cells = plan.cells.iter().map(|planned| &planned.cell);
    cells.filter_map(|cell| Some(of_cell(cell, &path(cell)?))).collect()
}

fn of_cell(cell: &Cell, path: &Path) -> Result<(String, Vec<Span>), Error> {
    let mut spans: Vec<Span> = rows::<SpanRow>(path)?.into_iter().map(Span::from).collect();
    let expected = Workload::from_name(&cell.workload).map(|one| one.spans(cell.tasks, &cell.params));
    if expected.is_some_and(|expected| expected != spans.len() as u64) {
        let what = format!("it has {} spans, and {} tasks leave others", spans.len(), cell.tasks);
        return Err(Problem::new(1, what, "use the file that the run wrote, or remove it").at(path));
    }
    spans.sort_unstable();
    Ok((cell.id.clone(), spans))
}

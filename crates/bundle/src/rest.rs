//! The files of a run from which nothing follows that is compared, and which somebody will read who believes the rest.

use std::collections::HashSet;
use std::path::Path;

use results::checksum::RowKey;
use results::folder::{ENVIRONMENT, ENVIRONMENTS, PLAN, is_merged, spans};
use results::merged::machines;
use results::read::{Rows, json};
use results::{Environment, Error, Plan, Problem, SpanRow};

/// How to fix what does not belong there.
const REMEDY: &str = "use the folder that the run wrote";

/// Checks that the spans are those of cells of the plan, and the circumstances those of the machines, and that both can be
/// read.
///
/// # Errors
/// With the file, and its line, when one is not.
pub fn check(run: &Path) -> Result<(), Error> {
    let plan = Plan::read(&run.join(PLAN))?;
    let cells: HashSet<&str> = plan.cells.iter().map(|planned| &*planned.cell.id).collect();
    for (cell, path) in spans(run).map_err(Error::reading(run))? {
        if !cells.contains(&*cell) {
            return Err(Problem::new(1, "its cell is none of the plan", REMEDY).at(&path));
        }
        if Rows::<SpanRow>::open(&path, RowKey::NONE)?.each(|_| ())? > 0 {
            return Err(Problem::new(1, "its last row is cut off", REMEDY).at(&path));
        }
    }
    if !is_merged(run) {
        return json::<Environment>(&run.join(ENVIRONMENT)).map(drop);
    }
    for machine in machines(run)? {
        json::<Environment>(&run.join(ENVIRONMENTS).join(format!("{}.json", machine.machine)))?;
    }
    Ok(())
}

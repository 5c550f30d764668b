//! Cells for tests that run none.

use protocol::Params;

use crate::cell::Cell;
use crate::plan::PlannedCell;

/// A cell of that name, timed so many times.
pub fn planned(id: &str, timed: u32) -> PlannedCell {
    let cell = Cell {
        id: id.into(),
        experiment: "x".into(),
        group: "x".into(),
        label: id.into(),
        runtime: id.into(),
        workload: "sleep".into(),
        tasks: 1,
        workers: 1,
        rounds: 1,
        params: Params::new(),
    };
    PlannedCell { cell, timed, counted: 0, traced: 0, ceiling: false, memory_limit_mib: None }
}

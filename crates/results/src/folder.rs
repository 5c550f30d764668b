//! The folder of a run: the name of each file, once.

use std::path::{Path, PathBuf};

use crate::names::is_file_name;

/// The version of the files of a run: their columns, and what `plan.json` holds.
pub const SCHEMA: u32 = 8;

/// The oldest version that is read. A run of version 4 has no sittings: it is one.
pub const OLDEST_SCHEMA: u32 = 4;

/// The version in which what is of the rounds after round 0 got its name; before, it was called steady.
pub(crate) const RENAMED_IN: u32 = 6;

/// The version in which a plan got the hash of all that it says.
pub(crate) const SEALED_IN: u32 = 7;

/// The name that a column or a metric has now, given one that it has now or had once.
pub fn name_now(name: &str) -> &str {
    match name {
        "steady_makespan_ns" => "later_makespan_ns",
        "steady_operation_ns" => "later_operation_ns",
        name => name,
    }
}

/// What is run, made before the first trial.
pub const PLAN: &str = "plan.json";
/// The machine and the build.
pub const ENVIRONMENT: &str = "environment.json";
/// The raw samples, one row per trial.
pub const TRIALS: &str = "trials.csv";
/// The rounds of the trials.
pub const ROUNDS: &str = "rounds.csv";
/// Which part of a plan that was dealt to several machines a folder holds.
pub const PART: &str = "part.json";
/// The machines whose parts were merged into the folder, one row each. Only a merged folder has it.
pub const MACHINES: &str = "machines.csv";
/// The folder of the environments of the machines of a merged folder, each under the name of its machine.
pub const ENVIRONMENTS: &str = "environment";
/// The folder of what follows from the trials of each machine of a merged folder, by its name.
pub const BY_MACHINE: &str = "machines";
/// Which parts were merged into the folder, and what of them was left out.
pub const MERGE: &str = "merge.json";
/// Why and when the run ended.
pub const ENDING: &str = "ending.json";
/// One row per cell and metric.
pub const SUMMARY: &str = "summary.csv";
/// One row per pair of runtimes and metric.
pub const RATIOS: &str = "ratios.csv";
/// Fixed costs, costs per task and crossovers, one row each.
pub const SCALING: &str = "scaling.csv";
/// Trials that something outside disturbed, one row per trial and signal.
pub const FLAGS: &str = "flags.csv";
/// What the run says of each claim of its plan.
pub const VERDICTS: &str = "verdicts.csv";
/// How the runtimes compare over all machines of a merged folder.
pub const ACROSS: &str = "across.csv";
/// Where one runtime begins to cost more than another, over all machines of a merged folder.
pub const CROSSOVERS_ACROSS: &str = "crossovers-across.csv";
/// What the machines of a merged folder say of each claim together.
pub const VERDICTS_ACROSS: &str = "verdicts-across.csv";
/// The trials from which the lab computes the effect of its own order of trials.
pub const ORDERS: &str = "orders.csv";
/// How often the lab itself is wrong, one row per figure.
pub const CALIBRATION: &str = "calibration.csv";
/// What each column means, for programs.
pub const DATAPACKAGE: &str = "datapackage.json";
/// The page.
pub const PAGE: &str = "report.html";
/// The page as Markdown.
pub const MARKDOWN: &str = "REPORT.md";
/// The folder of figures.
pub const FIGURES: &str = "figures";
/// The folder of spans.
pub const SPANS: &str = "spans";
/// The spans of a cell, as they are called in documentation.
pub const SPANS_OF_CELL: &str = "spans/CELL.csv";

/// Which trials leave their spans behind: those of one block of the cells with this many tasks.
pub const SPANS_BLOCK: u32 = 1;
/// See [`SPANS_BLOCK`].
pub const SPANS_TASKS: u64 = 1000;

/// Where a calibration stands: in the folder of a calibration, in that of a run with one in it, or in the
/// newest calibration beside a run.
pub const CALIBRATIONS: [&str; 3] =
    ["calibration.csv", "calibration/calibration.csv", "../calibration/calibration.csv"];

/// Whether a folder has the parts of several machines, merged.
pub fn is_merged(folder: &Path) -> bool {
    folder.join(MACHINES).exists()
}

/// The folder of what follows from the trials of a machine of a merged folder; `None` for a name that could lead out of it.
pub fn of_machine(folder: &Path, machine: &str) -> Option<PathBuf> {
    is_file_name(machine).then(|| folder.join(BY_MACHINE).join(machine))
}

/// The merged folder that a folder is of, and the machine that it is of, where it is `machines/NAME` of one.
pub fn merged_of(folder: &Path) -> Option<(PathBuf, String)> {
    let folder = folder.canonicalize().ok()?;
    let (name, of_machines) = (folder.file_name()?.to_str()?, folder.parent()?);
    let merged = of_machines.parent()?;
    let is_one = of_machines.file_name()? == BY_MACHINE && is_merged(merged) && is_file_name(name);
    is_one.then(|| (merged.into(), name.into()))
}

/// Where the plan of a run stands; of a machine of a merged folder it is that of all.
pub fn plan_of(folder: &Path) -> PathBuf {
    merged_of(folder).map_or_else(|| folder.join(PLAN), |(merged, _)| merged.join(PLAN))
}

/// Where the circumstances of a run stand.
pub fn environment_of(folder: &Path) -> PathBuf {
    let of_machine =
        |(merged, name): (PathBuf, String)| merged.join(ENVIRONMENTS).join(format!("{name}.json"));
    merged_of(folder).map_or_else(|| folder.join(ENVIRONMENT), of_machine)
}

/// Where the trials of a run stand; those of a machine of a merged folder are among those of all.
pub fn trials_of(folder: &Path) -> PathBuf {
    merged_of(folder).map_or_else(|| folder.join(TRIALS), |(merged, _)| merged.join(TRIALS))
}

/// The file of a cell's spans; `None` for a name that could lead out of the folder, which no plan has that is read.
pub fn spans_of(folder: &Path, cell: &str) -> Option<PathBuf> {
    is_file_name(cell).then(|| folder.join(SPANS).join(format!("{cell}.csv")))
}

/// The cells whose spans stand in the folder of a run, each with its file, by name.
///
/// # Errors
/// When the folder cannot be read; one that is not there has none.
pub fn spans(folder: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let folder = folder.join(SPANS);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "csv")
            && let Some(stem) = path.file_stem()
        {
            files.push((stem.to_string_lossy().into_owned(), path));
        }
    }
    files.sort();
    Ok(files)
}

//! Cells, checkouts and runtimes for tests.

use std::fs;
use std::path::Path;

use protocol::{Span, Status, Workload};
pub use results::fixture::planned;
use results::{RoundRow, TrialRow};

use crate::discover::{Runtime, discover};
use crate::laboratory::Execute;
use crate::plan::PlannedCell;
use crate::trial::{Interrupted, Outcome, Place};

/// A trial with this status; where it is ok, with all rounds and spans of its cell.
pub fn ended(planned: &PlannedCell, place: Place, status: Status) -> Outcome {
    let cell = &planned.cell;
    let sample = TrialRow { status, ..place.blank_row(cell) };
    let round = |round| RoundRow {
        cell: cell.id.clone(),
        block: place.block,
        pass: place.pass,
        process: place.process,
        round,
        makespan_ns: place.seed,
        ..RoundRow::default()
    };
    let spans = Workload::from_name(&cell.workload).map_or(0, |w| w.spans(cell.tasks, &cell.params));
    let (rounds, spans) = if status == Status::Ok { (sample.rounds, spans) } else { (0, 0) };
    let span = |start_ns| Span { start_ns, finish_ns: start_ns + place.seed };
    Outcome {
        sample,
        rounds: (0..rounds).map(round).collect(),
        spans: (0..spans).map(span).collect(),
        ..Outcome::default()
    }
}

/// Runs nothing. It gives the same trial in the same place each time, so that a run that was broken off
/// can be compared with one that was not; cell `fails` crashes.
#[derive(Default)]
pub struct Mock {
    /// Trials that were run.
    pub trials: usize,
    /// After so many trials somebody interrupts.
    pub most: Option<usize>,
    /// The cell and the block whose trials something outside disturbs.
    pub disturbed: Option<(&'static str, u32)>,
    /// How many of the next trials the lab itself spoils.
    pub spoilt: usize,
}

impl Execute for Mock {
    fn execute(&mut self, planned: &PlannedCell, place: Place) -> Result<Outcome, Interrupted> {
        if self.most == Some(self.trials) {
            return Err(Interrupted);
        }
        self.trials += 1;
        if self.spoilt > 0 {
            self.spoilt -= 1;
            let mut outcome = ended(planned, place, Status::LabError);
            outcome.sample.reason = "no room".into();
            return Ok(outcome);
        }
        if planned.cell.id != "fails" {
            let mut outcome = ended(planned, place, Status::Ok);
            let is_disturbed = self.disturbed == Some((&planned.cell.id, place.block));
            (outcome.sample.process_lifetime_ns, outcome.sample.steal_ns) =
                (Some(100), Some(u64::from(is_disturbed) * 20_000_000));
            return Ok(outcome);
        }
        let mut outcome = ended(planned, place, Status::Crashed);
        outcome.sample.reason = "it said \"no, never\", and went".into();
        Ok(outcome)
    }
}

/// Runtimes with these names, each of a runner of its own, which claim `sleep`.
pub fn runtimes(names: &[&str]) -> Vec<Runtime> {
    let root = checkout(&[]);
    for name in names {
        write_runner(root.path(), name, &DESCRIBE.replace("\"x\"", &format!("{name:?}")));
    }
    discover(root.path()).unwrap()
}

/// Writes a runner that is a script of the shell.
pub fn write_runner(root: &Path, name: &str, script: &str) {
    let folder = root.join("runners").join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("runner.toml"), "command = [\"sh\", \"main.sh\"]").unwrap();
    fs::write(folder.join("main.sh"), script).unwrap();
}

/// The script of a runner that describes a runtime `x`.
pub const DESCRIBE: &str = r#"echo '{"protocol":2,"runtimes":[{"name":"x","version":"1","language":"sh","model":"m","workloads":["sleep"]}]}'"#;

/// Whether cargo's folder is the same for all checkouts: then those of several tests meet in it.
pub fn is_target_shared() -> bool {
    let shared = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_TARGET"];
    let set = shared.into_iter().find(|name| std::env::var_os(name).is_some());
    set.inspect(|name| eprintln!("{name} is set, and decides where programs are: this is not tested"))
        .is_some()
}

/// A folder with these files: path and text.
pub fn checkout(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

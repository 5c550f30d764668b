//! A run of some of the experiments of another, with the same trials: what a preset shows can be tested on the numbers
//! of the reference.
//!
//!     cargo run -p report --example part -- FROM TO PRESET EXPERIMENT…

use std::collections::HashSet;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use results::folder::{CALIBRATION, ENDING, ENVIRONMENT, PLAN, ROUNDS, TRIALS, spans_of};
use results::read::Rows;
use results::trials::read_trials;
use results::{Plan, PresetName, RoundRow, hash, write};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let given: Vec<String> = env::args().skip(1).collect();
    let [from, to, preset, names @ ..] = given.as_slice() else {
        return Err("usage: part FROM TO PRESET EXPERIMENT…".into());
    };
    let preset = PresetName::ALL.into_iter().find(|known| known.name() == preset).ok_or("no such preset")?;
    let (from, to) = (PathBuf::from(from), PathBuf::from(to));
    let whole = Plan::read(&from.join(PLAN))?;
    let plan = part(whole.clone(), preset, names);
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    fs::create_dir_all(to.join("spans"))?;
    fs::write(to.join(PLAN), plan.file())?;
    copy_trials(&from, &to, &whole, &plan)?;
    for name in [ENDING, ENVIRONMENT] {
        fs::copy(from.join(name), to.join(name))?;
    }
    let calibration = from.join("calibration").join(CALIBRATION);
    fs::copy(calibration, to.join(CALIBRATION))?;
    for cell in plan.cells.iter().map(|planned| &planned.cell.id) {
        if let Some((there, here)) = spans_of(&from, cell).zip(spans_of(&to, cell))
            && there.exists()
        {
            fs::copy(there, here)?;
        }
    }
    aggregate::aggregate(&to)?;
    report::write(&to)?;
    Ok(())
}

/// What a plan has of these experiments, as a plan of its own.
fn part(whole: Plan, preset: PresetName, names: &[String]) -> Plan {
    let has = |experiment: &str| names.iter().any(|name| name == experiment);
    let mut plan = Plan { preset, ..whole };
    plan.experiments.retain(|experiment| has(&experiment.name));
    plan.cells.retain(|planned| has(&planned.cell.experiment));
    plan.left_out.retain(|out| has(&out.experiment));
    plan.claims.retain(|claim| has(&claim.experiment));
    plan.claims_sha256 = hash(&plan.claims);
    let cells: HashSet<&str> = plan.cells.iter().map(|planned| planned.cell.id.as_str()).collect();
    for going_on in &mut plan.going_on {
        going_on.retain(|cell| cells.contains(cell.as_str()));
    }
    plan.with_new_id()
}

/// The trials and rounds of the cells of a plan, bound to it.
fn copy_trials(from: &Path, to: &Path, whole: &Plan, plan: &Plan) -> Outcome<()> {
    let cells: HashSet<&str> = plan.cells.iter().map(|planned| planned.cell.id.as_str()).collect();
    let mut trials = Vec::new();
    read_trials(from, whole, |_, trial| {
        if cells.contains(&*trial.cell) {
            trials.push(trial);
        }
        Ok(())
    })?;
    let mut rounds: Vec<RoundRow> = Vec::new();
    Rows::open(&from.join(ROUNDS), whole.row_key())?.each(|round: RoundRow| {
        if cells.contains(&*round.cell) {
            rounds.push(round);
        }
    })?;
    fs::write(to.join(TRIALS), write::sealed_file(&trials, plan.row_key()))?;
    fs::write(to.join(ROUNDS), write::sealed_file(&rounds, plan.row_key()))?;
    Ok(())
}

//! A sitting: one start of the harness on the folder of a run. A plan says among how many its blocks are divided;
//! what is interrupted and resumed has more.
//!
//! It begins a run or resumes one, checks that the runtimes here are those of the plan, runs the
//! trials that are left, and records why the run ended.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use protocol::Status;
use results::difference::Difference;
use results::environment::Resumption;
use results::folder::ENVIRONMENT;
use results::plan::BURN_IN_BLOCKS;
use results::{Environment, Machine, Part, Share, read};
use serde_json::Value;

use crate::counters::Counters;
use crate::discover::Runtime;
use crate::earlier;
use crate::environment::{RuntimeState, instruments, state_of, survey};
use crate::journal::{Done, Journal, JournalError, Repaired, Resumed, read_trials};
use crate::laboratory::{Execute, Refusals};
use crate::pace;
use crate::plan::{Plan, PlannedCell, runtimes_of};
use crate::preflight::{self, Needs};
use crate::resumption::{Changes, in_words, only_renamed, way_back};
use crate::run::{Ending, Limits, Progress, run};

/// Why a sitting cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum SittingError {
    /// The folder cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The plan is empty, has two cells of one name, or is not for the runtimes here.
    #[error("{0}")]
    Plan(String),
    /// The lab cannot work here, or this is not where the run began.
    #[error("{0}")]
    Machine(String),
}

/// Where a sitting takes place.
#[derive(Clone, Copy)]
pub struct Here<'a> {
    /// The checkout.
    pub root: Option<&'a Path>,
    /// Its runtimes.
    pub runtimes: &'a [Runtime],
    /// The machine.
    pub machine: &'a Machine,
    /// What counts from outside here.
    pub counters: &'a Counters,
}

impl Here<'_> {
    fn survey(self, plan: &Plan, states: Vec<RuntimeState>) -> Environment {
        if plan.cells.iter().any(|planned| planned.instructions > 0) {
            // So that it is on record: a plan that was made elsewhere has not tried it here.
            let _ = self.counters.of_instructions();
        }
        survey(self.root, self.machine.clone(), states, instruments(self.runtimes, self.counters))
    }
}

/// A run's folder, open for running what is left of its plan.
pub struct Sitting {
    folder: PathBuf,
    /// The plan.
    pub plan: Plan,
    /// What of the plan the folder is to hold, where that is not all of it.
    pub part: Option<Part>,
    /// The folder, to write into.
    pub journal: Journal,
    done: Done,
    /// Runtimes that do not start here, with the reason for their rows.
    pub refused: Refusals,
    /// What is not as when the run began, where it is resumed.
    pub changes: Vec<Difference>,
}

/// The half-width of the confidence interval of each cell's makespan, as a share of the makespan.
pub type HalfWidths = HashMap<String, f64>;

impl Sitting {
    /// Begins a run of a plan.
    pub fn begin(folder: &Path, plan: Plan, here: Here) -> Result<Self, SittingError> {
        let (environment, refused) = Self::look_around(&plan, here)?;
        let plan = Plan { earlier: earlier::runs_beside(folder, &environment), ..plan };
        let journal = Journal::create(folder, &plan, &environment)?;
        Ok(Self::new(folder, plan, None, journal, refused))
    }

    /// Begins a part of a plan that was dealt to several machines, which is run as it is.
    pub fn begin_part(folder: &Path, plan: Plan, part: Part, here: Here) -> Result<Self, SittingError> {
        check_runners("the plan", "run", &plan, here.runtimes)?;
        let (environment, refused) = Self::look_around(&plan, here)?;
        let journal = Journal::create_part(folder, &plan, &part, &environment)?;
        Ok(Self::new(folder, plan, Some(part), journal, refused))
    }

    fn new(folder: &Path, plan: Plan, part: Option<Part>, journal: Journal, refused: Refusals) -> Self {
        let (done, changes) = (Done::new(), Vec::new());
        Self { folder: folder.into(), plan, part, journal, done, refused, changes }
    }

    /// What is here before a run begins, and which runtimes do not start.
    fn look_around(plan: &Plan, here: Here) -> Result<(Environment, Refusals), SittingError> {
        check_needs(plan)?;
        let states = states(plan, here.runtimes);
        let refused = refused(&states);
        Ok((here.survey(plan, states), refused))
    }

    /// Resumes the run in a folder, after showing what had to be repaired in it. Each runtime of its plan
    /// has to be here, of the same runner and of the same version and program, and this has to be the machine that it
    /// began on.
    pub fn resume(folder: &Path, here: Here, show: impl FnOnce(&Repaired)) -> Result<Self, SittingError> {
        let Resumed { journal, plan, done, repaired } = Journal::resume(folder)?;
        show(&repaired);
        let part = Part::read(folder).map_err(JournalError::from)?;
        check_runners(&format!("the plan in {}", folder.display()), "resume", &plan, here.runtimes)?;
        check_needs(&plan)?;
        let states = states(&plan, here.runtimes);
        check_versions(folder, &plan, &states)?;
        let refused = refused(&states);
        let changes = check_circumstances(folder, &journal, &here.survey(&plan, states))?;
        Ok(Self { folder: folder.into(), plan, part, journal, done, refused, changes })
    }

    /// Runs what is left of the blocks of one of the sittings of the plan: until they are done, until the next block
    /// would not fit into the budget, or until all cells are as precise as the plan asks. How often each cell runs is
    /// settled after block 0.
    pub fn run(
        &mut self,
        sitting: usize,
        executor: &mut impl Execute,
        budget: Option<Duration>,
        half_widths: impl Fn(&Path) -> Option<HalfWidths>,
        mut show: impl FnMut(Progress),
    ) -> Result<Ending, JournalError> {
        let (mut ending, began) = (Ending::default(), Instant::now());
        if sitting == 0 {
            ending = self.run_blocks(0..BURN_IN_BLOCKS, executor, budget, &half_widths, &mut show)?;
            if ending.broken_off.is_some() {
                return Ok(ending);
            }
            let trials = read_trials(&self.folder, &self.plan)?;
            let time = budget.map(|budget| budget.saturating_sub(began.elapsed()));
            if pace::settle(&mut self.plan, &trials, time, executor.counting_takes()) {
                self.journal.write_plan(&self.plan)?;
            }
        }
        let blocks = self.plan.blocks_by_sitting().get(sitting).cloned().unwrap_or_default();
        let blocks = blocks.start.max(BURN_IN_BLOCKS)..blocks.end;
        Ok(self.run_blocks(blocks, executor, budget, half_widths, show)?.after(ending))
    }

    /// Takes a look at which cells undecided claims are about: whether these go on, where another look is planned.
    pub fn go_on(&mut self, undecided: BTreeSet<String>) -> Result<bool, JournalError> {
        let goes_on = self.plan.has_looks_left() && !undecided.is_empty();
        if goes_on {
            self.plan.going_on.push(undecided);
            self.journal.write_plan(&self.plan)?;
        }
        Ok(goes_on)
    }

    fn run_blocks(
        &mut self,
        blocks: Range<u32>,
        executor: &mut impl Execute,
        budget: Option<Duration>,
        half_widths: impl Fn(&Path) -> Option<HalfWidths>,
        show: impl FnMut(Progress),
    ) -> Result<Ending, JournalError> {
        let Self { folder, plan, part, journal, done, .. } = self;
        let plan = &*plan;
        let share = Share::of(plan, part.as_ref());
        let mut precise = |block| half_widths(folder).is_some_and(|widths| is_precise(plan, block, &widths));
        let precise: Option<&mut dyn FnMut(u32) -> bool> =
            if plan.precision.is_some() { Some(&mut precise) } else { None };
        let limits = Limits { budget, precise };
        run(share, blocks, done, journal, executor, limits, show)
    }

    /// Records why the run ended.
    pub fn conclude(&self, ending: &Ending) -> Result<(), JournalError> {
        self.journal.write_ending(&ending.record(&self.plan))
    }
}

/// Refuses a plan of nothing, and one that makes no sense.
pub fn check(plan: &Plan) -> Result<(), SittingError> {
    if plan.cells.is_empty() {
        let nothing = "no runtime here supports what these experiments need";
        let first =
            plan.left_out.first().map(|out| format!(": {}, {}: {}", out.workload, out.runtime, out.reason));
        return Err(SittingError::Plan(format!("{nothing}{}", first.unwrap_or_default())));
    }
    plan.check().map_err(SittingError::Plan)
}

/// Whether each cell that has a trial in this block is known as precisely as the plan asks.
fn is_precise(plan: &Plan, block: u32, half_widths: &HalfWidths) -> bool {
    let Some(target) = plan.precision else { return false };
    let blocks = plan.blocks();
    let is_to_come =
        |planned: &&PlannedCell| (block..blocks).any(|later| plan.is_timed(planned, later, blocks));
    let mut to_come = plan.cells.iter().filter(is_to_come);
    to_come.all(|planned| half_widths.get(&planned.cell.id).is_some_and(|half| *half <= target))
}

/// Probes the runtimes that a plan needs.
fn states(plan: &Plan, runtimes: &[Runtime]) -> Vec<RuntimeState> {
    runtimes_of(plan, runtimes).into_iter().map(state_of).collect()
}

fn refused(states: &[RuntimeState]) -> Refusals {
    let not_ok = states.iter().filter(|state| state.status != Status::Ok);
    not_ok.map(|state| (state.info.name.clone(), (state.status, state.reason.clone()))).collect()
}

/// Each runtime of a plan is here, and is hosted by the same runner as when the plan was made.
fn check_runners(plan_in: &str, verb: &str, plan: &Plan, runtimes: &[Runtime]) -> Result<(), SittingError> {
    for name in plan.runtimes() {
        let expected = plan.runners.get(name).map(PathBuf::as_path);
        let found = runtimes.iter().find(|runtime| runtime.info.name == *name);
        let problem = match (expected, found.map(|runtime| runtime.runner.external_path())) {
            (expected, Some(found)) if expected == found => continue,
            (None, None) => format!("{plan_in} needs runtime {name:?}, which is not here"),
            (Some(path), None) => format!(
                "{plan_in} needs runtime {name:?} of the runner at {path}; {verb} it with --runner {path}",
                path = path.display()
            ),
            (expected, Some(found)) => format!(
                "{plan_in} has runtime {name:?} from {}, and here it comes from {}; {verb} it with the \
                 original runner, or start a new run",
                place(expected),
                place(found)
            ),
        };
        return Err(SittingError::Plan(problem));
    }
    Ok(())
}

/// Where a runner is, in words.
fn place(external: Option<&Path>) -> String {
    external.map_or_else(|| "this checkout".into(), |path| path.display().to_string())
}

/// All rows of a cell are of one version of its runtime; a summary cannot mix two.
fn check_versions(folder: &Path, plan: &Plan, states: &[RuntimeState]) -> Result<(), SittingError> {
    let runtimes: HashMap<&str, &str> =
        plan.cells.iter().map(|planned| (&*planned.cell.id, &*planned.cell.runtime)).collect();
    let versions: HashMap<&str, &str> =
        states.iter().map(|state| (&*state.info.name, &*state.info.version)).collect();
    for row in read_trials(folder, plan)?.into_iter().filter(|row| row.status == Status::Ok) {
        let Some(runtime) = runtimes.get(&*row.cell) else { continue };
        if let Some(version) = versions.get(runtime).filter(|version| **version != row.runtime_version) {
            return Err(SittingError::Plan(format!(
                "the trials in {} are of {runtime} {}, and the version here is {version}; resume it with \
                 the original version, or start a new run",
                folder.display(),
                row.runtime_version
            )));
        }
    }
    Ok(())
}

/// The lab can work here.
fn check_needs(plan: &Plan) -> Result<(), SittingError> {
    let needs = Needs::of(plan.cells.iter().map(|planned| &planned.cell));
    preflight::check(needs).map_err(SittingError::Machine)
}

/// Refuses another machine and other programs than those that the run began with; what else is another is put on record,
/// and given.
fn check_circumstances(
    folder: &Path,
    journal: &Journal,
    here: &Environment,
) -> Result<Vec<Difference>, SittingError> {
    let path = folder.join(ENVIRONMENT);
    let there: Option<Value> = read::json_if_any(&path).map_err(JournalError::from)?;
    let Some(mut there) = there.filter(Value::is_object) else { return Ok(Vec::new()) };
    let here = serde_json::to_value(here).expect("an environment is JSON");
    let Changes { machine, programs, others } = Changes::between(&there, &here);
    let folder = folder.display();
    if !machine.is_empty() {
        let renamed = only_renamed(&machine);
        let renamed = renamed
            .map(|name| format!(" If this is the same machine under another name, add --machine {name}."));
        return Err(SittingError::Machine(format!(
            "the run in {folder} began in other circumstances: {}.{} Resume it where it began{}, or run its plan here with: \
             kilotask reproduce {folder} --out ANOTHER-FOLDER",
            in_words(&machine),
            renamed.unwrap_or_default(),
            way_back(&machine)
        )));
    }
    if let Some(Difference { what, a, b }) = programs.first() {
        let name = what.trim_start_matches("runtimes.").trim_end_matches(".runner.sha256");
        return Err(SittingError::Plan(format!(
            "the run in {folder} began with another program of {name}: its files have SHA-256 {b} now, and had {a}. Resume \
             it with the original program (environment.json has the commit), or start a new run"
        )));
    }
    note_resumption(journal, &mut there, &others)?;
    Ok(others)
}

/// Puts on record that the run was resumed, and in which other circumstances.
fn note_resumption(journal: &Journal, there: &mut Value, others: &[Difference]) -> Result<(), SittingError> {
    let at = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let resumption = Resumption { at, differences: others.to_vec() };
    let resumption = serde_json::to_value(resumption).expect("a resumption is JSON");
    match there.get_mut("resumed").and_then(Value::as_array_mut) {
        Some(before) => before.push(resumption),
        None => there["resumed"] = Value::Array(vec![resumption]),
    }
    Ok(journal.write_environment(&there)?)
}

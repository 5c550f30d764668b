//! A sitting as this command drives it: with progress on the terminal and signals watched, and with
//! summary and report at its end.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use harness::counters::Counters;
use harness::journal::Repaired;
use harness::laboratory::Laboratory;
use harness::plan::Plan;
use harness::resumption::in_words;
use harness::run::{BrokenOff, Ending, Progress, Stopped};
use harness::scratch::Scratch;
use harness::sitting::{Here, Sitting};
use harness::trial::Instruments;
use report::Run;
use results::Machine;

use crate::arguments::BoundArguments;
use crate::exit::ExitStatus;
use crate::lab::{Lab, check_temporary_folder, outlive_file_limits, peers, watch_for_interrupts};
use crate::progress::ProgressDisplay;
use crate::table::screen;

/// A run to begin or to resume.
pub struct Request<'a> {
    pub folder: &'a Path,
    /// Whether to resume the run that the folder holds.
    pub resume: bool,
    /// The longest that this sitting may take.
    pub budget: Option<Duration>,
    pub bounds: &'a BoundArguments,
    /// The machine that this is.
    pub machine: Machine,
    /// The command that resumes the run after an interrupt.
    pub resume_command: String,
}

/// A run whose plan is done, for whoever measures more in its folder.
pub struct SittingRun<'a> {
    pub sitting: &'a Sitting,
    pub laboratory: Laboratory<'a>,
}

/// A run that has ended and is summarised.
pub struct FinishedRun {
    pub run: Run,
    failures: u64,
}

impl FinishedRun {
    /// Its exit status; that trials failed is said on standard error.
    pub fn status(&self, folder: &Path) -> ExitStatus {
        status_of(self.failures, folder)
    }
}

/// The exit status of a run in which so many trials failed; that they did is said on standard error.
pub fn status_of(failures: u64, folder: &Path) -> ExitStatus {
    if failures > 0 {
        let path = folder.join(results::folder::TRIALS);
        tell!("{failures} trials failed; their rows in {} have the reasons", path.display());
    }
    ExitStatus::failed_if(failures > 0)
}

/// Runs a plan, which is made once it is known what can be counted from outside, then what
/// `more` measures; summarises and reports it. `None` when it was interrupted.
pub fn sit(
    request: &Request,
    lab: &Lab,
    plan: impl FnOnce(&Counters) -> Result<Plan>,
    more: impl FnOnce(SittingRun) -> Result<ExitStatus>,
) -> Result<Option<FinishedRun>> {
    let folder = request.folder;
    let open = |here: Here| {
        Ok(if request.resume {
            Sitting::resume(folder, here, |repaired| show_repairs(folder, repaired))?
        } else {
            Sitting::begin(folder, plan(here.counters)?, here)?
        })
    };
    let Some(failures) = drive(request, lab, open, more)? else { return Ok(None) };
    let run = summarise(folder).with_context(|| format!("summarising {}", folder.display()))?;
    report::write_of(&run, folder)?;
    Ok(Some(FinishedRun { run, failures }))
}

/// Opens the folder of a run, runs what is left in it, then what `more` measures, and notes how that ended; gives how many
/// trials failed. `None` when it was interrupted.
pub fn drive(
    request: &Request,
    lab: &Lab,
    open: impl FnOnce(Here) -> Result<Sitting>,
    more: impl FnOnce(SittingRun) -> Result<ExitStatus>,
) -> Result<Option<u64>> {
    check_temporary_folder()?;
    let counters = Counters::find();
    outlive_file_limits()?;
    let machine = &request.machine;
    let mut sitting =
        open(Here { root: lab.checkout.as_deref(), runtimes: &lab.runtimes, machine, counters: &counters })?;
    if !sitting.changes.is_empty() {
        let changes = in_words(&sitting.changes);
        tell!("since the run began, this has changed: {changes}; environment.json has it on record");
    }
    let interrupted = watch_for_interrupts()?;
    let mut progress = ProgressDisplay::new();
    let ended = run_all(request, lab, &mut sitting, counters, &interrupted, &mut progress);
    progress.finish();
    let (laboratory, mut ending) = ended?;
    if ending.broken_off.is_none() {
        let more = more(SittingRun { sitting: &sitting, laboratory })?;
        ending.broken_off = (more == ExitStatus::Interrupted).then_some(BrokenOff::Interrupted);
    }
    match &ending.broken_off {
        None => {}
        Some(BrokenOff::Interrupted) => {
            tell!("interrupted; every finished trial is kept. Resume with: {}", request.resume_command);
            return Ok(None);
        }
        Some(BrokenOff::Hindered(how)) => bail!(
            "{how}. This stopped the run, and says nothing of the runtime; every trial that has ended is kept. Resume \
             with: {}",
            request.resume_command
        ),
    }
    sitting.conclude(&ending)?;
    Ok(Some(ending.failures()))
}

/// Runs what is left of the plan, sitting by sitting. Each has a laboratory, peers and counters of its own, started
/// afresh; gives the last laboratory.
fn run_all<'a>(
    request: &Request,
    lab: &'a Lab,
    sitting: &mut Sitting,
    mut counters: Counters,
    interrupted: &'a Arc<AtomicBool>,
    progress: &mut ProgressDisplay,
) -> Result<(Laboratory<'a>, Ending)> {
    let (began, mut ending) = (Instant::now(), Ending::default());
    let mut part = 0;
    loop {
        let bounds = request.bounds.bounds(interrupted);
        let instruments = Instruments { counters, bounds, peers: peers()?, scratch: Scratch::default() };
        let mut laboratory = Laboratory::new(&lab.runtimes, sitting.refused.clone(), instruments);
        let budget = request.budget.map(|budget| budget.saturating_sub(began.elapsed()));
        let half_widths = |folder: &Path| aggregate::half_widths(folder).ok();
        let show = |now: Progress| progress.show(now);
        ending = sitting.run(part, &mut laboratory, budget, half_widths, show)?.after(ending);
        part += 1;
        let has_ended = ending.broken_off.is_some() || ending.stopped != Stopped::Plan;
        let sittings = sitting.plan.blocks_by_sitting().len();
        if has_ended || !(part < sittings || look(sitting, request.folder, progress)?) {
            return Ok((laboratory, ending));
        }
        drop(laboratory);
        if part == 1 && sitting.part.is_none() {
            show_so_far(request.folder, progress)?;
        }
        counters = Counters::find();
    }
}

/// Looks at the claims, where the plan has another look: whether cells go on, those of undecided claims.
fn look(sitting: &mut Sitting, folder: &Path, progress: &ProgressDisplay) -> Result<bool> {
    if !sitting.plan.has_looks_left() {
        return Ok(false);
    }
    let undecided = aggregate::undecided_cells(folder)?;
    let cells = undecided.len();
    let goes_on = sitting.go_on(undecided)?;
    if goes_on {
        let (look, of) = (sitting.plan.going_on.len(), sitting.plan.looks);
        progress.note(&format!("look {look} of {of}: {cells} cells of undecided claims continue"));
    }
    Ok(goes_on)
}

/// Shows the thousand tasks before the run has ended, where it has them: many came for these alone.
fn show_so_far(folder: &Path, progress: &ProgressDisplay) -> Result<()> {
    aggregate::aggregate(folder)?;
    if let Some(table) = screen::so_far(folder, &Run::read(folder)?) {
        progress.note(&table);
    }
    Ok(())
}

fn show_repairs(folder: &Path, repaired: &Repaired) {
    let Repaired { files, repeated, spoilt } = *repaired;
    if files {
        tell!("{}: removed incomplete rows and files", folder.display());
    }
    if repeated > 0 {
        tell!("{repeated} trials have lost rounds or spans and will be repeated");
    }
    if spoilt > 0 {
        tell!("{spoilt} trials ended in a lab-error and will be repeated");
    }
}

/// Writes everything that follows from the trials of a run but its report; gives the run.
pub fn summarise(folder: &Path) -> Result<Run> {
    let lab_errors = aggregate::aggregate(folder)?.lab_errors;
    if lab_errors > 0 {
        tell!(
            "{lab_errors} trials ended in a lab-error and count nowhere; run them again with: kilotask run --out {} \
             --resume",
            folder.display()
        );
    }
    export::datapackage::write(folder)?;
    Ok(Run::read(folder)?)
}

/// Writes everything that follows from the trials of a merged folder.
pub fn summarise_merged(folder: &Path) -> Result<aggregate::Merged> {
    let merged = aggregate::aggregate_merged(folder)?;
    if merged.lab_errors > 0 {
        tell!("{} trials ended in a lab-error and count nowhere", merged.lab_errors);
    }
    export::datapackage::write(folder)?;
    Ok(merged)
}

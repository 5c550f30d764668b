//! `kilotask verify`: tests whether runtimes do what they claim.

mod side_by_side;

use std::fmt::Write;
use std::time::Duration;

use anyhow::{Result, ensure};
use comfy_table::Cell;
use harness::conformance::{Answer, Finding, Questions, examine};
use harness::discover::Runtime;
use harness::environment::cpus;
use harness::preflight::{self, Needs};
use harness::run::BrokenOff;
use harness::trial::Instruments;
use indicatif::{ProgressBar, ProgressStyle};
use protocol::Status;
use results::grouping::grouped;

use crate::arguments::{BoundArguments, RunnerArguments};
use crate::exit::ExitStatus;
use crate::lab::{Lab, Wanted, can_redraw, check_machine, clock_seed, peers, say, watch_for_interrupts};
use crate::table::{new_table, status_cell};

/// The row of the questions about no workload.
const PROTOCOL_ROW: &str = "(protocol)";

/// Test whether runtimes do what they claim, also at unusual sizes and when something fails
#[derive(clap::Args)]
#[command(
    mut_arg("timeout", |timeout| timeout.default_value("20s")),
    after_help = "Examples:\n  kilotask verify\n  kilotask verify tokio may\n  \
kilotask verify my-runtime --timeout 5s\n  kilotask verify --runner ~/my-runner\n  \
kilotask verify --json | jq -r '.[] | select(.verdict == \"fails\") | .runtime + \": \" + .reason'\n\n\
Each workload that a runtime claims runs at sizes below, at and above its number of workers, two rounds \
each, and every trial must prove its work, as in a run. If a runtime declines a size with a reason, this is no \
failure, unless it declines every size of a workload that it claims."
)]
pub struct Arguments {
    /// Names of the runtimes; `kilotask list` shows them [default: those of --runner, otherwise all]
    #[arg(value_name = "RUNTIME")]
    runtimes: Vec<String>,

    /// Print an array with one object per question instead of tables
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    runners: RunnerArguments,

    #[command(flatten)]
    bounds: BoundArguments,

    /// Examine the runtimes that standard input names, for another process of this program
    #[arg(long, hide = true)]
    helper: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    check_machine()?;
    let lab = Lab::open(
        &Wanted::runners(&arguments.runners).runtimes(arguments.runtimes.iter().map(String::as_str)),
    )?;
    let runtimes = chosen(&lab, arguments)?;
    let cores = cpus();
    let interrupted = watch_for_interrupts()?;
    let bounds = arguments.bounds.bounds(&interrupted);
    let mut instruments = Instruments { peers: peers()?, ..Instruments::plain(bounds) };
    let mut examine =
        |runtime: &Runtime| examine(runtime, &Questions::of(runtime, cores), clock_seed(), &mut instruments);
    if arguments.helper {
        return side_by_side::help(&runtimes, examine);
    }
    for runtime in &runtimes {
        let questions = Questions::of(runtime, cores);
        let needs = Needs::of(questions.trials.iter().map(|question| &question.cell));
        preflight::check(needs).map_err(anyhow::Error::msg)?;
    }
    let progress = Examined::of(&runtimes);
    let begins = |runtime: &Runtime| progress.begins(runtime, Questions::of(runtime, cores).count());
    let mut all = Vec::new();
    let mut ends = |runtime: &Runtime, findings: Vec<Finding>| {
        let text = (!arguments.json).then(|| describe(runtime, &findings));
        all.extend(findings);
        progress.ends(text.as_deref())
    };
    let helpers = runtimes.len().min(cores as usize);
    if helpers > 1 {
        let ended = side_by_side::examine_all(&runtimes, helpers, &interrupted, begins, ends)?;
        if ended != ExitStatus::Good {
            return Ok(ended);
        }
    } else {
        for runtime in runtimes {
            begins(runtime);
            match examine(runtime) {
                Ok(findings) => ends(runtime, findings)?,
                Err(BrokenOff::Interrupted) => return Ok(ExitStatus::Interrupted),
                Err(BrokenOff::Hindered(how)) => return Err(side_by_side::hindered(runtime, &how)),
            }
        }
    }
    progress.0.finish_and_clear();
    if arguments.json {
        say(&serde_json::to_string_pretty(&all)?)?;
    }
    let failed = all.iter().any(|finding| finding.verdict == Answer::Fails);
    Ok(ExitStatus::failed_if(failed))
}

/// The runtimes that are named, each once; else those of the runners that are named; else all.
fn chosen<'a>(lab: &'a Lab, arguments: &Arguments) -> Result<Vec<&'a Runtime>> {
    ensure!(!lab.runtimes.is_empty(), "there is no runtime; make new-runtime NAME=foo writes one");
    let names = &arguments.runtimes;
    names.iter().try_for_each(|name| lab.runtime(name).map(|_| ()))?;
    let only_external = names.is_empty() && !arguments.runners.named.is_empty();
    let chosen = |runtime: &&Runtime| {
        let wanted = names.is_empty() || names.contains(&runtime.info.name);
        wanted && (!only_external || runtime.runner.external_path().is_some())
    };
    Ok(lab.runtimes.iter().filter(chosen).collect())
}

/// Shows on standard error what is being tested: a line that is drawn anew, or a line each where none can be.
struct Examined(ProgressBar);

impl Examined {
    fn of(runtimes: &[&Runtime]) -> Self {
        if !can_redraw() {
            return Self(ProgressBar::hidden());
        }
        let style =
            ProgressStyle::with_template("{spinner} {pos} of {len} runtimes: {msg}").expect("it is valid");
        let bar = ProgressBar::new(runtimes.len() as u64).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    fn begins(&self, runtime: &Runtime, questions: usize) {
        let text = format!("{}: {questions} questions", runtime.info.name);
        if self.0.is_hidden() {
            tell!("{text}");
        } else {
            self.0.set_message(text);
        }
    }

    /// Prints what came out of one.
    fn ends(&self, text: Option<&str>) -> Result<()> {
        self.0.inc(1);
        text.map_or(Ok(()), |text| self.0.suspend(|| say(text)))
    }
}

/// A runtime's table, and below it each failure with its reason and its remedy.
fn describe(runtime: &Runtime, findings: &[Finding]) -> String {
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let (name, version) = (&runtime.info.name, &runtime.info.version);
    let mut text = format!("{} ", format!("{name} {version}").trim());
    if let [alone] = findings
        && alone.verdict == Answer::Declined
    {
        let _ = writeln!(text, "is unavailable here: {}", alone.reason);
        return text;
    }
    let _ = write!(text, "({} hold", count(Answer::Holds));
    for (verdict, word) in [(Answer::Declined, "declined"), (Answer::Fails, "failed")] {
        let _ = match count(verdict) {
            0 => Ok(()),
            number => write!(text, ", {number} {word}"),
        };
    }
    let _ = writeln!(text, ")\n{}", table(findings));
    text += &failures(findings);
    for note in findings.iter().filter(|finding| finding.verdict == Answer::Note) {
        let _ = writeln!(text, "  note: {}: {}", note.question, note.reason);
    }
    text
}

/// Each workload's failures of one kind in a line, with the reason of the first and the command
/// that reproduces it; below those that have one remedy in common, the remedy.
fn failures(findings: &[Finding]) -> String {
    let kind = |finding: &Finding| (finding.status, finding.remedy.clone(), finding.workload.clone());
    let failed: Vec<&Finding> = findings.iter().filter(|finding| finding.verdict == Answer::Fails).collect();
    let mut text = String::new();
    let mut alike = failed.chunk_by(|a, b| a.workload.is_some() && kind(a) == kind(b)).peekable();
    while let Some(group) = alike.next() {
        let first = group[0];
        let workload = first.workload.as_ref().map_or(String::new(), |name| format!("{name} "));
        let status = first.status.map_or("failed", Status::name);
        let others = match group.len() - 1 {
            0 => String::new(),
            others => format!(" (and {others} more)"),
        };
        let _ = writeln!(text, "  {workload}{}{others}: {status}: {}", first.question, first.reason);
        if let Some(command) = &first.reproduce {
            let _ = writeln!(text, "    reproduce: {command}");
        }
        let remedy_follows = alike.peek().is_some_and(|next| next[0].remedy == first.remedy);
        if let Some(remedy) = first.remedy.as_deref().filter(|_| !remedy_follows) {
            let _ = writeln!(text, "    remedy: {remedy}");
        }
    }
    text
}

/// A row for each workload, in the order of the questions.
fn table(findings: &[Finding]) -> String {
    let answered = findings.iter().filter(|finding| finding.verdict != Answer::Note);
    let row_of = |finding: &Finding| finding.workload.clone().unwrap_or_else(|| PROTOCOL_ROW.into());
    let mut table = new_table(&["workload", "holds", "declined", "fails"]);
    for (row, findings) in grouped(answered.map(|finding| (row_of(finding), finding))) {
        let of = |verdict| findings.iter().copied().filter(move |finding| finding.verdict == verdict);
        let mut holds = questions(of(Answer::Holds));
        if row == PROTOCOL_ROW && of(Answer::Holds).count() == findings.len() {
            // Sentences, not sizes: they would make the table as wide as all of them.
            holds = format!("all {} questions", findings.len());
        }
        // Each reason once, after its questions.
        let reasons = grouped(of(Answer::Declined).map(|finding| (&finding.reason, finding)));
        let declined = reasons.into_iter().map(|(reason, of)| format!("{}: {reason}", questions(of)));
        table.add_row([
            Cell::new(row),
            status_cell(&holds, Status::Ok),
            status_cell(&declined.collect::<Vec<_>>().join("\n"), Status::Unsupported),
            status_cell(&questions(of(Answer::Fails)), Status::Wrong),
        ]);
    }
    table.to_string()
}

fn questions<'a>(of: impl IntoIterator<Item = &'a Finding>) -> String {
    of.into_iter().map(|finding| finding.question.as_str()).collect::<Vec<_>>().join(", ")
}

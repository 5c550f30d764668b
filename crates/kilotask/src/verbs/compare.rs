//! `kilotask compare`: two sides, of one run or several each, compared.

use std::path::PathBuf;

use aggregate::{Comparison, Pair};
use anyhow::{Result, bail, ensure};
use results::Metric;
use results::grouping::distinct;
use results::metric::Better;
use serde::Serialize;

use crate::arguments::percent;
use crate::exit::ExitStatus;
use crate::gate::Gate;
use crate::lab::{say, tell_presence};
use crate::table::compare as table;

/// Compare runs: two machines, two versions, before and after
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask compare results/reference results/latest\n  \
kilotask compare before after --fail-above 5%\n  \
kilotask compare --before old-1 old-2 old-3 --after new-1 new-2 new-3 --fail-above 5%\n  \
kilotask compare before after --metric rss_per_task_bytes --metric operations_per_second --all\n  \
kilotask compare before after --metric instructions_per_task --fail-above 0.1%\n  \
kilotask compare before after --json | jq '.rows[] | select(.changed)'\n\n\
Ratios are B/A, of medians, with 95 % intervals. Only several runs show how much runs differ from each other: give \
three per side. p is then exact, the share of all ways to divide the runs; for two runs of three sittings each, to divide \
the sittings. With fewer runs or sittings it comes from t tests. First the main metric of each cell and each group of \
cells as a whole are tested; other metrics only where the main one differs, or where you name them. A row has changed \
beyond doubt if p is at most 0.05 and the whole interval lies on one side of 1; docs/statistics.md says how often that is \
wrong.\n\n\
Exit status: 0 success; 1 wrong usage or I/O; 2 something did not pass --fail-above.")]
pub struct Arguments {
    /// The folder of the first run, which the second is compared with
    #[arg(value_name = "A", required_unless_present = "before", requires = "b")]
    a: Option<PathBuf>,

    /// The folder of the second run
    #[arg(value_name = "B", required_unless_present = "before")]
    b: Option<PathBuf>,

    /// The folders of the runs of the first side, all of one plan
    #[arg(long, value_name = "A", num_args = 1.., conflicts_with = "a", requires = "after")]
    before: Vec<PathBuf>,

    /// The folders of the runs of the second side
    #[arg(long, value_name = "B", num_args = 1.., requires = "before")]
    after: Vec<PathBuf>,

    /// A metric to compare, as in summary.csv; can be repeated. All metrics that you name are
    /// tested first [default: those of ratios.csv]
    #[arg(long, value_name = "NAME", value_parser = metric)]
    metric: Vec<Metric>,

    /// Show every row and claim, not only those that changed beyond doubt, on as many screens as it takes
    #[arg(long)]
    all: bool,

    /// Exit with 2 if a row is worse by more than this beyond doubt: its whole interval and its p
    /// show it; or if a cell of A has no number in B that can be judged
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    fail_above: Option<f64>,

    /// With --fail-above: cells pass that have no number in B that can be judged, because they failed, cannot run
    /// there or are not in it
    #[arg(long, requires = "fail_above")]
    allow_missing: bool,

    /// Print one object instead of tables
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    a: Vec<String>,
    b: Vec<String>,
    #[serde(flatten)]
    comparison: &'a Comparison,
    /// None without --fail-above.
    gate: Option<&'a Gate<'a>>,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let metrics = metrics(arguments)?;
    let side =
        |one: &Option<PathBuf>, several: &[PathBuf]| one.iter().chain(several).cloned().collect::<Vec<_>>();
    let (a, b) = (side(&arguments.a, &arguments.before), side(&arguments.b, &arguments.after));
    let folders = Pair { a: &a[..], b: &b[..] };
    let comparison = aggregate::compare(folders, &metrics)?;
    let trials = comparison.trials.a.iter().chain(&comparison.trials.b);
    a.iter().chain(&b).zip(trials).for_each(|(folder, presence)| tell_presence(folder, presence));
    let gate = arguments.fail_above.map(|share| Gate::new(&comparison, 1.0 + share, arguments.allow_missing));
    if arguments.json {
        let names = |folders: &[PathBuf]| folders.iter().map(|folder| folder.display().to_string()).collect();
        let report = Report { a: names(&a), b: names(&b), comparison: &comparison, gate: gate.as_ref() };
        say(&serde_json::to_string_pretty(&report)?)?;
    } else {
        say(&table::tables(folders, &comparison, gate.as_ref(), arguments.all))?;
    }
    let Some(gate) = gate else { return Ok(ExitStatus::Good) };
    // A gate that could not fail is an error and not a pass.
    if let Some(error) = gate.error {
        bail!(error);
    }
    Ok(ExitStatus::failed_if(!gate.failed.is_empty()))
}

/// The metrics that the options name, each once.
fn metrics(arguments: &Arguments) -> Result<Vec<Metric>> {
    let named = distinct(arguments.metric.iter().copied());
    if let Some(metric) = named.iter().find(|metric| metric.better() == Better::Neither) {
        ensure!(
            arguments.fail_above.is_none(),
            "--fail-above: {} is neither a cost nor a gain, so no change of it is worse; name another \
             metric, or remove --fail-above",
            metric.name()
        );
    }
    Ok(named)
}

fn metric(name: &str) -> Result<Metric, String> {
    Metric::find(name).ok_or_else(|| format!("unknown metric{}", harness::did_you_mean(name, Metric::NAMES)))
}

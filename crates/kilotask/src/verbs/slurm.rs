//! `kilotask slurm`: a plan and the scripts with which Slurm runs its shards and joins them. Nothing is submitted.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use results::disk;

use crate::arguments::duration;
use crate::dealing::{DealArguments, Dealt};
use crate::exit::ExitStatus;
use crate::lab::{Lab, say};
use crate::turn::deal_option;

/// Write the scripts with which Slurm, Kubernetes or GNU parallel run a plan on several machines
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  kilotask slurm experiments/article.toml --out /shared/dealt --shards 16 --time 30m\n  \
array=$(sbatch --parsable /shared/dealt/shard.sbatch)\n  \
sbatch --dependency=afterany:$array /shared/dealt/merge.sbatch\n  \
kilotask slurm experiments/*.toml --out /shared/dealt --shards 8 --deal groups --time 2h\n\n\
Nothing is submitted. A shard that is warned before its time is up stops, and asks for another turn, which goes on with the \
blocks that are left, on whatever node. docs/cluster.md leads through it, also with Kubernetes and with GNU parallel."
)]
pub struct Arguments {
    #[command(flatten)]
    deal: DealArguments,

    /// To how many shards the plan is dealt: each is a task of the array, on a node that it has for itself
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    shards: u32,

    /// The time limit of a turn, in whole minutes
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = duration)]
    time: Duration,
}

/// What is left of a turn after it was warned.
const WARNING: Duration = Duration::from_secs(60);

const SCRIPTS: [(&str, &str); 2] = [
    ("shard.sbatch", include_str!("../../templates/cluster/shard.sbatch")),
    ("merge.sbatch", include_str!("../../templates/cluster/merge.sbatch")),
];

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let Arguments { deal, shards, time } = arguments;
    disk::make_folder(&deal.out).with_context(|| deal.out.display().to_string())?;
    let values = Values::of(arguments)?;
    let dealt = deal.plan()?;
    let plan = deal.write(&dealt.plan)?;
    let log = deal.out.join("log");
    disk::make_folder(&log).with_context(|| log.display().to_string())?;
    for (name, template) in SCRIPTS {
        let path = deal.out.join(name);
        disk::replace(&path, values.fill(template).as_bytes()).with_context(|| path.display().to_string())?;
    }
    let (each, warnings) = dealt.shards(*shards);
    for warning in warnings.into_iter().chain(too_short(&dealt, *shards, *time)) {
        tell!("{warning}");
    }
    let out = &values.out;
    say(&format!(
        "{}\n{each}\n\nSubmit it:\n  array=$(sbatch --parsable {out}/shard.sbatch)\n  sbatch \
         --dependency=afterany:$array {out}/merge.sbatch\nor run {out}/shard.sbatch with another engine: docs/cluster.md",
        dealt.text(&plan)
    ))?;
    Ok(ExitStatus::Good)
}

/// That a turn of this time comes to no end of any block.
fn too_short(dealt: &Dealt, shards: u32, time: Duration) -> Option<String> {
    let needed = dealt.shortest_turn(shards)? + WARNING;
    let minutes = |time: Duration| time.as_secs().div_ceil(60);
    (time < needed).then(|| {
        format!(
            "a turn of {} min comes to no end of a block: block 0, one more and the warning take {} min (--time {}m)",
            minutes(time),
            minutes(needed),
            minutes(needed)
        )
    })
}

/// What stands in the scripts, in the place of `@NAMES@`.
struct Values {
    out: String,
    checkout: String,
    kilotask: String,
    runners: String,
    deal: String,
    shards: u32,
    minutes: u64,
}

impl Values {
    fn of(arguments: &Arguments) -> Result<Self> {
        let named = &arguments.deal.runners.named;
        let runners = named.iter().map(|path| Ok(format!(" --runner {}", plain(path)?)));
        Ok(Self {
            out: plain(&arguments.deal.out)?,
            checkout: plain(&Lab::root()?)?,
            kilotask: plain(&env::current_exe().context("this program cannot find itself")?)?,
            runners: runners.collect::<Result<String>>()?,
            deal: deal_option(arguments.deal.deal),
            shards: arguments.shards,
            minutes: arguments.time.as_secs().div_ceil(60).max(1),
        })
    }

    fn fill(&self, template: &str) -> String {
        let values = [
            ("@OUT@", self.out.clone()),
            ("@CHECKOUT@", self.checkout.clone()),
            ("@KILOTASK@", self.kilotask.clone()),
            ("@RUNNERS@", self.runners.clone()),
            ("@DEAL@", self.deal.clone()),
            ("@SHARDS@", self.shards.to_string()),
            ("@LAST@", (self.shards - 1).to_string()),
            ("@MINUTES@", self.minutes.to_string()),
        ];
        values.into_iter().fold(template.to_string(), |text, (name, value)| text.replace(name, &value))
    }
}

/// A whole path that a shell and Slurm take as it is.
fn plain(path: &Path) -> Result<String> {
    let path: PathBuf = fs::canonicalize(path).with_context(|| path.display().to_string())?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@=:,".contains(c);
    let text = path.to_str().filter(|text| text.chars().all(is_plain));
    ensure!(
        text.is_some(),
        "{}: the path would have to be quoted in a script, in several ways; choose one of letters, digits and the signs \
         / . _ - + @ = : ,",
        path.display()
    );
    Ok(text.unwrap_or_default().to_string())
}

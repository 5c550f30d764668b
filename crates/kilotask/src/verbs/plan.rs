//! `kilotask plan`: makes a plan for several machines, and runs nothing.

use anyhow::Result;

use crate::dealing::DealArguments;
use crate::exit::ExitStatus;
use crate::lab::say;
use crate::turn::deal_option;

/// Make a plan that several machines run in shards, and run nothing
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask plan experiments/article.toml --out dealt --shards 4\n  \
kilotask run --plan dealt/plan.json --shard 0/4 --out dealt/parts     # on one machine; 1/4, 2/4 and 3/4 on others\n  \
kilotask merge dealt/merged dealt/parts\n  \
kilotask plan experiments/*.toml --out dealt --shards 8 --deal groups  # where one block is too long for a machine\n\n\
Every shard is whole blocks of the plan, or with --deal groups whole groups of it, so that what is compared is compared \
within one machine. docs/cluster.md leads through it with Slurm, Kubernetes and GNU parallel.")]
pub struct Arguments {
    #[command(flatten)]
    deal: DealArguments,

    /// To how many shards the plan will be dealt; only to show what each has
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    shards: u32,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let Arguments { deal, shards } = arguments;
    let dealt = deal.plan()?;
    let path = deal.write(&dealt.plan)?;
    let (each, warnings) = dealt.shards(*shards);
    for warning in warnings {
        tell!("{warning}");
    }
    let (plan, out) = (path.display(), deal.out.display());
    let (runners, last, by) = (&deal.runners, shards - 1, deal_option(deal.deal));
    say(&format!(
        "{}\n{each}\n\nOn a machine for each shard, from 0/{shards} to {last}/{shards}:\n  kilotask run --plan {plan} --shard \
         0/{shards}{by} --out {out}/parts{runners}\nThen:\n  kilotask merge {out}/merged {out}/parts",
        dealt.text(&path)
    ))?;
    Ok(ExitStatus::Good)
}

//! `kilotask run --plan`: a turn of one shard of a plan that was dealt to several machines, on this one.

use std::path::Path;

use anyhow::{Context, Result, bail};
use harness::environment::cpus;
use harness::plan::Plan;
use harness::sitting::Sitting;
use harness::turns::{Turns, make_folder};
use report::format::counted;
use results::deal::lots_of;
use results::{Deal, Part, SCHEMA, Shard};

use crate::arguments::{BoundArguments, MachineArguments, RunnerArguments};
use crate::exit::ExitStatus;
use crate::lab::{Lab, Wanted, check_machine, say};
use crate::sitting::{Request, drive, status_of};

/// What is asked for.
pub struct Turn<'a> {
    /// The file of the plan.
    pub plan: &'a Path,
    /// Which of its shards.
    pub shard: Shard,
    /// How the plan is dealt.
    pub deal: Deal,
    /// The folder of the parts of all shards.
    pub parts: &'a Path,
    pub machine: &'a MachineArguments,
    pub runners: &'a RunnerArguments,
    pub bounds: &'a BoundArguments,
}

impl Turn<'_> {
    /// Runs the blocks of the shard that no earlier turn has whole.
    pub fn run(&self) -> Result<ExitStatus> {
        let plan = Plan::read(self.plan)?;
        check_can_be_dealt(&plan).with_context(|| format!("dealing {}", self.plan.display()))?;
        let Self { shard, deal, parts, .. } = *self;
        let all = Part::whole(&plan, shard, deal);
        if !deal.is_blocks() && all.groups.is_empty() {
            let most = lots_of(&plan);
            say(&format!(
                "shard {shard} has nothing to run: the groups of this plan can be dealt to {most} shards at most"
            ))?;
            return Ok(ExitStatus::Good);
        }
        let turns = Turns::read(parts, &plan, &all)?;
        for why in &turns.unusable {
            tell!("an earlier turn cannot be used, and its blocks are run again: {why}");
        }
        let blocks = all.blocks.difference(&turns.whole).copied().collect();
        check_machine()?;
        let lab = Lab::open(&Wanted::runners(self.runners).runtimes(plan.runtimes()))?;
        let part = Part { turn: turns.next, blocks, ..all };
        if part.blocks.is_empty() {
            say(&format!(
                "shard {shard} has nothing left to run: {} has all of its blocks",
                parts.display()
            ))?;
            return Ok(ExitStatus::Good);
        }
        tell_cpus(&plan);
        self.run_part(plan, part, &lab)
    }

    fn run_part(&self, plan: Plan, part: Part, lab: &Lab) -> Result<ExitStatus> {
        let (shard, machine) = (part.shard, self.machine.machine());
        let (folder, turn) = make_folder(self.parts, shard, &machine.name, part.turn)?;
        let part = Part { turn, ..part };
        let blocks = listed(&part);
        tell!("shard {shard}, turn {turn} on {}: {blocks}, after a burn-in block", machine.name);
        let request = Request {
            folder: &folder,
            resume: false,
            budget: None,
            bounds: self.bounds,
            machine,
            resume_command: self.command(),
        };
        let open = |here: harness::sitting::Here| Ok(Sitting::begin_part(&folder, plan, part, here)?);
        let Some(failures) = drive(&request, lab, open, |_| Ok(ExitStatus::Good))? else {
            return Ok(ExitStatus::Interrupted);
        };
        say(&format!(
            "shard {shard} is done: {blocks} in {}. When all are, join them: kilotask merge OUT {}",
            folder.display(),
            self.parts.display()
        ))?;
        Ok(status_of(failures, &folder))
    }

    /// The same once more, for what is left.
    fn command(&self) -> String {
        let Self { plan, shard, deal, parts, machine, runners, .. } = self;
        let (plan, parts, deal) = (plan.display(), parts.display(), deal_option(*deal));
        format!("kilotask run --plan {plan} --shard {shard}{deal} --out {parts}{machine}{runners}")
    }
}

/// The most blocks that are named one by one.
const MOST_NAMED: usize = 8;

/// What a part is to run: `blocks 2, 4`, `20 blocks of 3 groups`.
fn listed(part: &Part) -> String {
    let numbers: Vec<String> = part.blocks.iter().map(ToString::to_string).collect();
    let blocks = match &*numbers {
        [one] => format!("block {one}"),
        few if few.len() <= MOST_NAMED => format!("blocks {}", few.join(", ")),
        many => format!("{} blocks", many.len()),
    };
    match part.deal {
        Deal::Blocks => blocks,
        Deal::Groups => format!("{blocks} of {}", counted(part.groups.len() as u64, "group")),
    }
}

/// How a plan is dealt, as an option: nothing where it is dealt by blocks.
pub fn deal_option(deal: Deal) -> String {
    if deal.is_blocks() { String::new() } else { format!(" --deal {deal}") }
}

/// Refuses a plan whose parts would not be those of one plan: what is settled while it runs each machine would settle for
/// itself.
pub fn check_can_be_dealt(plan: &Plan) -> Result<()> {
    let problem = if plan.schema != SCHEMA || plan.kilotask != env!("CARGO_PKG_VERSION") {
        format!("it was made by kilotask {} and this is {}", plan.kilotask, env!("CARGO_PKG_VERSION"))
    } else if plan.equal_time.is_some_and(|rule| rule.expected_seconds.is_none()) {
        "block 0 is to settle how often each cell runs".into()
    } else if plan.has_looks_left() {
        format!(
            "it has {} looks at the claims, and somebody who sees all parts would have to take them",
            plan.looks
        )
    } else if let Some(precision) = plan.precision {
        format!("it stops when all is known to {} %", precision * 100.0)
    } else {
        return Ok(());
    };
    bail!(
        "this plan cannot be dealt to several machines: {problem}; make one with: kilotask plan EXPERIMENT… --out DIR"
    )
}

/// Cells keep their workers, whatever machine they run on.
fn tell_cpus(plan: &Plan) {
    let here = cpus();
    if here != plan.cores {
        tell!(
            "the plan was made for {} CPUs, and {here} may be used here: cells keep their workers, and claims their \
             thresholds",
            plan.cores
        );
    }
}

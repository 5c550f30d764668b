//! Makes the plan of experiments, as options ask for it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aggregate::stats::sign::fewest_to_decide;
use anyhow::{Result, ensure};
use harness::counters::Counters;
use harness::environment::cpus;
use harness::experiment::{Experiment, PresetName};
use harness::pace::EQUAL_TIME;
use harness::plan::{Circumstances, Instead, Plan, PlannedExperiment};
use harness::sitting;
use protocol::RuntimeInfo;
use results::EqualTime;
use results::overview::{KNOWN_TRUTH, is_about_the_lab};

use crate::arguments::{is_like, one_of};
use crate::lab::{Lab, Wanted, clock_seed, say};
use crate::verbs::sensitivity::{Choice, SensitivityArguments};

/// What a plan is to be made of.
pub struct Planning<'a> {
    pub experiments: &'a [PathBuf],
    /// Patterns of the runtimes to measure; all that the experiments name where there are none.
    pub runtimes: &'a [String],
    pub preset: PresetName,
    pub seed: Option<u64>,
    pub blocks: Option<u32>,
    pub instructions: Option<u32>,
    pub sittings: Option<u32>,
    pub looks: Option<u32>,
    pub processes: Option<u32>,
    pub precision: Option<f64>,
    pub sensitivity: Option<&'a SensitivityArguments>,
    /// Whether the plan is only to be shown.
    pub is_dry: bool,
    /// CPUs that the plan is for, where these are not those that may be used here.
    pub cpus: Option<u32>,
}

/// The lab, with the versions that these experiments name.
pub fn open_for(experiments: &[PathBuf], wanted: Wanted) -> Result<Lab> {
    let versions = experiments.iter().map(|path| Experiment::versions(path));
    let versions: Vec<_> = versions.collect::<Result<_, _>>()?;
    Lab::open(&Wanted { versions: versions.into_iter().flatten().collect(), ..wanted })
}

impl Planning<'_> {
    /// Makes the plan.
    pub fn plan(&self, lab: &Lab, counters: &Counters) -> Result<Plan> {
        let infos = lab.infos();
        let known_truth = lab.checkout.as_deref().and_then(|root| self.known_truth(root));
        let files = self.experiments.iter().chain(&known_truth);
        let mut experiments: Vec<Experiment> =
            files.map(|path| Experiment::read(path, &infos)).collect::<Result<_, _>>()?;
        self.pick(&mut experiments[..self.experiments.len()], &infos)?;
        let cores = self.cpus.unwrap_or_else(cpus);
        let here = Circumstances { runtimes: &lab.runtimes, cores, counters };
        let seed = self.seed.unwrap_or_else(clock_seed);
        let instead = Instead { blocks: self.blocks, instructions: self.instructions };
        let plan = harness::plan::make(&experiments, self.preset, instead, seed, &here);
        let plan = self.sensitive(plan, lab)?;
        let one = self.precision.map(|_| 1);
        let sittings = self.sittings.or(one).unwrap_or(plan.sittings);
        let equal_time = match self.processes {
            None => plan.equal_time,
            Some(1) => None,
            Some(most_processes) => Some(EqualTime { most_processes, ..EQUAL_TIME }),
        };
        let looks = self.looks.or(one).unwrap_or(plan.looks);
        let plan = Plan { precision: self.precision, sittings, looks, equal_time, ..plan };
        sitting::check(&plan)?;
        for shortfall in plan.experiments.iter().filter_map(|experiment| too_few_blocks(&plan, experiment)) {
            tell!("{shortfall}");
        }
        Ok(plan)
    }

    /// Leaves in the experiments that were named only the runtimes that are asked for.
    fn pick(&self, named: &mut [Experiment], infos: &[&RuntimeInfo]) -> Result<()> {
        if self.runtimes.is_empty() {
            return Ok(());
        }
        let known: BTreeSet<&str> = named.iter().flat_map(|experiment| experiment.labels(infos)).collect();
        for pattern in self.runtimes {
            ensure!(
                known.iter().any(|label| is_like(pattern, label)),
                "--runtimes {pattern:?}: no runtime of these experiments{}",
                harness::did_you_mean(pattern, known.iter().copied())
            );
        }
        for experiment in named {
            experiment.keep(|label| self.runtimes.iter().any(|pattern| is_like(pattern, label)), infos);
        }
        Ok(())
    }

    /// The plan with blocks and processes by what claims are to see, where that is asked for.
    fn sensitive(&self, plan: Plan, lab: &Lab) -> Result<Plan> {
        let Some(arguments) = self.sensitivity else { return Ok(plan) };
        match arguments.choose(&plan, self.experiments, lab.checkout.as_deref())? {
            None => Ok(plan),
            Some(Choice { plan, text }) => {
                // The table of a run is that of its end.
                if self.is_dry {
                    say(&text)?;
                } else {
                    tell!("{text}");
                }
                Ok(plan)
            }
        }
    }

    /// The experiment of programs whose truth is known, with which a run shows what it can see and how often it is wrong. It
    /// is part of every plan, unless it is given, or a look is to be quick, or all of the plan is of known truth.
    fn known_truth(&self, root: &Path) -> Option<PathBuf> {
        let is_given =
            self.experiments.iter().filter_map(|path| path.file_stem()?.to_str()).any(is_about_the_lab);
        let file = root.join(format!("experiments/{KNOWN_TRUTH}.toml"));
        let is_needed = self.preset != PresetName::Quick && !is_given;
        (is_needed && file.exists()).then_some(file)
    }
}

/// How many claims of an experiment a run is to decide.
pub fn claims_to_decide(plan: &Plan, experiment: &PlannedExperiment) -> usize {
    let name = &experiment.name;
    let claims = plan.claims.iter().filter(|claim| claim.experiment == *name && claim.untestable.is_none());
    // Those as published come first; where there are none, all come first.
    let published = claims.clone().filter(|claim| !claim.variant).count();
    if published > 0 { published } else { claims.count() }
}

/// That an experiment has too few blocks to decide any of its claims, and how to give it enough.
fn too_few_blocks(plan: &Plan, experiment: &PlannedExperiment) -> Option<String> {
    let (name, claims) = (&experiment.name, claims_to_decide(plan, experiment));
    // The last look sees twice as many blocks as the one before, and each has its share of what may be wrong.
    let blocks = experiment.preset.blocks.saturating_sub(plan.burn_in_blocks) << (plan.looks - 1);
    let needed = u32::try_from(fewest_to_decide(claims * plan.looks as usize)).ok()?;
    (claims > 0 && blocks < needed).then(|| {
        let all = needed.div_ceil(1 << (plan.looks - 1)) + plan.burn_in_blocks;
        format!("{name}: too few blocks for its {claims} claims: it has {blocks}, and needs {needed} to decide one (--blocks {all})")
    })
}

/// The preset of a name.
pub fn preset(text: &str) -> Result<PresetName, String> {
    one_of("unknown preset", &PresetName::ALL, PresetName::name, text)
}

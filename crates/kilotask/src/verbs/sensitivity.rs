//! `kilotask run --sensitivity`: as many blocks and processes as claims need to see a shift of a wanted size, by the
//! scatter in a pilot.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aggregate::sensitivity::{Blocks, MOST_BLOCKS, POWER, Pilot, Scatter};
use anyhow::{Context, Result, bail, ensure};
use harness::pace::{self, EQUAL_TIME};
use harness::plan::{Plan, sittings};
use results::plan::BURN_IN_BLOCKS;
use results::{Claim, EqualTime, Pass, Sensitivity, TrialRow, human};

use crate::arguments::percent;
use crate::table::new_table;

/// The pilot by default, from the checkout on.
const LATEST: &str = "results/latest";

/// Options that choose blocks and processes by what claims are to see.
#[derive(clap::Args, Default)]
pub struct SensitivityArguments {
    /// Choose blocks and processes so that claims detect a difference of this much with power 0.8, given the
    /// scatter in a pilot run; run only the cells that these claims are about
    #[arg(long, value_name = "PERCENT", value_parser = percent,
        conflicts_with_all = ["blocks", "processes", "precision", "resume"])]
    sensitivity: Option<f64>,

    /// The pilot: the folder of an earlier run with these cells on this machine [default: results/latest]
    #[arg(long, value_name = "DIR", requires = "sensitivity")]
    pilot: Option<PathBuf>,

    /// The claims that must detect it, and that are judged [default: all claims of the experiments]
    #[arg(long, value_name = "ID,ID", requires = "sensitivity", value_delimiter = ',')]
    claims: Vec<String>,
}

/// What was chosen for a plan.
pub struct Choice {
    /// The plan with what was chosen, before block 0 settles it.
    pub plan: Plan,
    /// It as a table, with what it will take.
    pub text: String,
}

impl SensitivityArguments {
    /// Chooses for the claims of these experiments of a plan; `None` where it is not asked for.
    pub fn choose(
        &self,
        plan: &Plan,
        experiments: &[PathBuf],
        root: Option<&Path>,
    ) -> Result<Option<Choice>> {
        let Some(margin) = self.sensitivity else { return Ok(None) };
        let folder = self.folder(root, experiments)?;
        ensure!(
            folder.to_str().is_some(),
            "--pilot {}: the path is not UTF-8, and the plan could not name it in JSON; rename the folder",
            folder.display()
        );
        let given =
            experiments.iter().filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()));
        let given: HashSet<String> = given.collect();
        let of_given: Vec<Claim> =
            plan.claims.iter().filter(|claim| given.contains(&claim.experiment)).cloned().collect();
        let named = self.named(&of_given)?;
        let mut pilot = Pilot::read(&folder, &of_given)
            .with_context(|| format!("reading the pilot {}", folder.display()))?;
        let all = of_given.into_iter().zip(pilot.scatters).zip(named).filter(|(_, named)| *named);
        let (claims, scatters) = all.map(|(both, _)| both).unzip();
        pilot.scatters = scatters;
        let wanted = Wanted { margin, folder: within_checkout(&folder, root), given, claims, pilot, plan };
        let processes = std::iter::successors(Some(1), |most| Some(most * 2));
        let processes = processes.take_while(|most| *most <= EQUAL_TIME.most_processes);
        let chosen = processes.map(|most| wanted.with(most));
        let chosen = chosen.min_by_key(|chosen| (chosen.out_of_reach(), chosen.seconds));
        let chosen = chosen.context("one process is always possible")?;
        let left_out = wanted.left_out(&chosen);
        ensure!(
            chosen.out_of_reach() < wanted.claims.len(),
            "no claim is left; name other claims, a larger difference, or a pilot that has their \
             cells:{left_out}"
        );
        let text = format!("{}{left_out}\n{}", wanted.table(&chosen), wanted.sentence(&chosen));
        Ok(Some(Choice { plan: chosen.plan, text }))
    }

    fn folder(&self, root: Option<&Path>, experiments: &[PathBuf]) -> Result<PathBuf> {
        if let Some(folder) = &self.pilot {
            return Ok(folder.clone());
        }
        let latest = root.map(|root| root.join(LATEST));
        if let Some(folder) = latest.filter(|latest| latest.join(results::folder::PLAN).exists()) {
            return Ok(folder);
        }
        let files: Vec<_> = experiments.iter().map(|path| path.display().to_string()).collect();
        bail!(
            "--sensitivity needs an earlier run as a pilot, and there is none in {LATEST}; run kilotask run \
             {} --out results/pilot, then add --pilot results/pilot",
            files.join(" ")
        )
    }

    /// Of each claim whether it is named: by the whole id, or by its part before a slash.
    fn named(&self, all: &[Claim]) -> Result<Vec<bool>> {
        ensure!(!all.is_empty(), "--sensitivity: these experiments have no claims");
        let is = |claim: &Claim, word: &str| {
            claim.id.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if let Some(word) = self.claims.iter().find(|word| !all.iter().any(|claim| is(claim, word))) {
            let known = all.iter().map(|claim| claim.id.as_str());
            bail!("unknown claim {word:?}{}", harness::did_you_mean(word, known));
        }
        let is_named =
            |claim: &Claim| self.claims.is_empty() || self.claims.iter().any(|word| is(claim, word));
        Ok(all.iter().map(is_named).collect())
    }
}

/// A folder by its own name, as `results/latest` will be another one, and from the checkout on, where it lies in it.
fn within_checkout(folder: &Path, root: Option<&Path>) -> PathBuf {
    let whole = (folder.canonicalize().ok(), root.and_then(|root| root.canonicalize().ok()));
    let within = if let (Some(folder), Some(root)) = &whole { folder.strip_prefix(root).ok() } else { None };
    within.unwrap_or(folder).to_path_buf()
}

/// What is to be seen, by which claims.
struct Wanted<'a> {
    margin: f64,
    /// The pilot's.
    folder: PathBuf,
    /// The names of the experiments that were given.
    given: HashSet<String>,
    claims: Vec<Claim>,
    pilot: Pilot,
    plan: &'a Plan,
}

/// What a number of processes leads to.
struct Chosen {
    plan: Plan,
    /// Of each claim that is wanted.
    needs: Vec<Result<Need, String>>,
    /// What all of the plan takes.
    seconds: u64,
}

/// What a claim needs.
struct Need {
    deviation: f64,
    blocks: u32,
    processes: Vec<u32>,
    /// What its own cells take in so many blocks, seconds.
    seconds: f64,
}

impl Chosen {
    fn out_of_reach(&self) -> usize {
        self.needs.iter().filter(|need| need.is_err()).count()
    }
}

impl Wanted<'_> {
    /// What is needed with at most so many processes of a cell in a block.
    fn with(&self, most_processes: u32) -> Chosen {
        let equal_time = Some(EqualTime { most_processes, ..EQUAL_TIME });
        let plan = Plan { equal_time, ..self.plan.clone() };
        let settled = self.settled(&plan);
        let processes = settled.cells.iter().map(|planned| (&*planned.cell.id, planned.processes)).collect();
        let all: Vec<bool> = self.pilot.scatters.iter().map(Result::is_ok).collect();
        let first = self.needs(&processes, &all);
        let within_reach: Vec<bool> = first.iter().map(Result::is_ok).collect();
        // What is out of reach is not judged, and takes nothing from the others.
        let needs = self.needs(&processes, &within_reach).into_iter().zip(first);
        let needs: Vec<_> = needs.map(|(need, first)| if first.is_err() { first } else { need }).collect();
        let plan = self.cut(plan, &needs);
        let seconds = self.settled(&plan).equal_time.and_then(|rule| rule.expected_seconds).unwrap_or(0);
        Chosen { plan, needs, seconds }
    }

    /// A plan as block 0 would settle it, were it like the pilot.
    fn settled(&self, plan: &Plan) -> Plan {
        let row = |(cell, lasted): (&String, &Duration)| TrialRow {
            cell: cell.clone(),
            pass: Pass::Timed,
            process_lifetime_ns: u64::try_from(lasted.as_nanos()).ok(),
            ..TrialRow::default()
        };
        let rows: Vec<TrialRow> = self.pilot.lifetimes.iter().map(row).collect();
        let mut plan = plan.clone();
        pace::settle(&mut plan, &rows, None, Duration::ZERO);
        plan
    }

    /// What each claim needs, where those that are `judged` are judged together.
    fn needs(&self, processes: &HashMap<&str, u32>, judged: &[bool]) -> Vec<Result<Need, String>> {
        let judged: Vec<&Claim> =
            self.claims.iter().zip(judged).filter(|(_, judged)| **judged).map(|(claim, _)| claim).collect();
        let need = |(claim, scatter): (&Claim, &Result<Scatter, String>)| {
            let scatter = scatter.as_ref().map_err(|why| why.trim_end_matches('.').to_owned())?;
            let processes = |cell: &str| processes.get(cell).copied().unwrap_or(1);
            let deviation = scatter.with(processes);
            let blocks = match Blocks::to_see(self.margin, deviation, scatter.between, tests(claim, &judged))
            {
                Blocks::Enough(blocks) => blocks,
                Blocks::SittingsDiffer => {
                    let by = share(scatter.between.deviation);
                    return Err(format!("no number of blocks can detect it: sittings differ by {by}"));
                }
                Blocks::TooMany => {
                    return Err(format!("needs more than {} blocks", human::count(MOST_BLOCKS as u64)));
                }
            };
            let lasts = |cell: &str| self.pilot.lifetimes.get(cell).map_or(0.0, Duration::as_secs_f64);
            let cells = || claim.quantity.cells().map(|cell| &*cell.cell);
            let seconds: f64 = cells().map(|cell| lasts(cell) * f64::from(processes(cell) * blocks)).sum();
            Ok(Need { deviation, blocks, processes: cells().map(processes).collect(), seconds })
        };
        self.claims.iter().zip(&self.pilot.scatters).map(need).collect()
    }

    /// The plan with the claims that are within reach and the cells they are about, in as many blocks as the one of their
    /// experiment needs that needs most. Experiments that were not given, as that of known truth, stay as they are.
    fn cut(&self, mut plan: Plan, needs: &[Result<Need, String>]) -> Plan {
        let mut blocks: HashMap<&str, u32> = HashMap::new();
        let mut cells: HashSet<&str> = HashSet::new();
        let mut within_reach: HashSet<(&str, &str)> = HashSet::new();
        for (claim, need) in self.claims.iter().zip(needs) {
            let Ok(need) = need else { continue };
            let most = blocks.entry(&claim.experiment).or_default();
            *most = need.blocks.max(*most);
            cells.extend(claim.quantity.cells().map(|cell| &*cell.cell));
            within_reach.insert((&claim.experiment, &claim.id));
        }
        let is_other = |experiment: &str| !self.given.contains(experiment);
        plan.claims.retain(|claim| {
            is_other(&claim.experiment) || within_reach.contains(&(&*claim.experiment, &*claim.id))
        });
        plan.claims_sha256 = results::hash(&plan.claims);
        plan.cells.retain(|planned| is_other(&planned.cell.experiment) || cells.contains(&*planned.cell.id));
        plan.experiments.retain(|one| is_other(&one.name) || blocks.contains_key(&*one.name));
        for planned in &mut plan.cells {
            let chosen = blocks.get(&*planned.cell.experiment);
            planned.timed = chosen.map_or(planned.timed, |blocks| BURN_IN_BLOCKS + blocks);
        }
        for experiment in &mut plan.experiments {
            let chosen = blocks.get(&*experiment.name);
            let before = experiment.preset.blocks;
            experiment.preset.blocks = chosen.map_or(before, |blocks| BURN_IN_BLOCKS + blocks);
        }
        plan.sittings = sittings(plan.blocks());
        plan.sensitivity = Some(Sensitivity { margin: self.margin, pilot: self.folder.clone() });
        plan
    }

    /// What was chosen for each claim that is within reach.
    fn table(&self, chosen: &Chosen) -> String {
        let header = ["claim", "blocks differ by", "sittings differ by", "blocks", "processes", "time"];
        let mut table = new_table(&header);
        for ((claim, need), scatter) in self.claims.iter().zip(&chosen.needs).zip(&self.pilot.scatters) {
            let (Ok(need), Ok(scatter)) = (need, scatter) else { continue };
            let known = scatter.between.sittings > 1;
            let between = if known { share(scatter.between.deviation) } else { "not known".into() };
            let processes: Vec<String> = need.processes.iter().map(u32::to_string).collect();
            let (deviation, blocks) = (share(need.deviation), need.blocks.to_string());
            let time = about(Duration::from_secs_f64(need.seconds));
            table.add_row([claim.id.clone(), deviation, between, blocks, processes.join(" and "), time]);
        }
        table.to_string()
    }

    /// The claims that are out of reach, a line each, with why.
    fn left_out(&self, chosen: &Chosen) -> String {
        let out = self.claims.iter().zip(&chosen.needs);
        out.filter_map(|(claim, need)| Some(format!("\nLeft out: {}: {}", claim.id, need.as_ref().err()?)))
            .collect()
    }

    /// What all of it comes to, and what it rests on.
    fn sentence(&self, chosen: &Chosen) -> String {
        let blocks = chosen.plan.experiments.iter().filter(|one| self.given.contains(&one.name));
        let blocks = blocks.map(|one| format!("{} of {}", one.preset.blocks - BURN_IN_BLOCKS, one.name));
        let blocks: Vec<String> = blocks.collect();
        let known = || self.pilot.scatters.iter().flatten();
        let fewest = known().map(|scatter| scatter.blocks).min().unwrap_or(0);
        let mut text = format!(
            "Blocks besides the burn-in, to detect {} with power {POWER}: {}. The whole plan takes about \
             {}.\nThis estimate comes from at least {fewest} blocks in {}.",
            human::exact(self.margin, "share"),
            if blocks.is_empty() { "none".into() } else { blocks.join(", ") },
            about(Duration::from_secs(chosen.seconds)),
            self.folder.display()
        );
        if known().any(|scatter| scatter.between.sittings == 1) {
            text += " It has a single sitting, so differences between sittings are unknown and not counted.";
        }
        if known().all(|scatter| scatter.within.is_empty()) {
            text += " It has one process per cell and block, so the effect of more processes is unknown, \
                     and all scatter counts as scatter of blocks.";
        }
        let is_unknown = |id: &&str| !self.pilot.lifetimes.contains_key(*id);
        let unknown = chosen.plan.cells.iter().map(|planned| &*planned.cell.id).filter(is_unknown).count();
        if unknown > 0 {
            let _ = write!(text, " {unknown} cells are not in it, so their time is not counted.");
        }
        text
    }
}

/// Among how many claims one has to be decided first: those of its kind in its experiment. Variants have what those as
/// published pass on, and that is half where most of them are decided.
fn tests(claim: &Claim, judged: &[&Claim]) -> usize {
    let of_experiment = || judged.iter().filter(|other| other.experiment == claim.experiment);
    let published = of_experiment().filter(|other| !other.variant).count();
    let variants = of_experiment().count() - published;
    match (claim.variant, published) {
        (false, _) => published,
        (true, 0) => variants,
        (true, _) => 2 * variants,
    }
}

/// In per cent.
fn share(share: f64) -> String {
    human::rough(share, "share")
}

/// In seconds, or in minutes where there are ten: the estimate is no better.
fn about(time: Duration) -> String {
    let unit = if time.as_secs() < 600 { 1 } else { 60 };
    humantime::format_duration(Duration::from_secs(time.as_secs().max(1) / unit * unit)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_share_half_of_what_claims_as_published_have() {
        let claim = |id: &str, variant| -> Claim {
            let value = serde_json::json!({"experiment": "x", "id": id, "says": "", "variant": variant,
                "source": {"title": "", "author": "", "date": ""}, "metric": "makespan_ns",
                "quantity": {"value": {"of": {"cell": "", "runtime": "", "group": "", "tasks": 1}}},
                "expect": {"text": ">= 1", "low": 1.0}});
            serde_json::from_value(value).unwrap()
        };
        let (first, second, variant) = (claim("a", false), claim("b", false), claim("c", true));
        let all = [&first, &second, &variant];
        assert_eq!((tests(&first, &all), tests(&variant, &all)), (2, 2));
        assert_eq!(tests(&variant, &[&variant]), 1);
    }

    #[test]
    fn times_are_said_as_precisely_as_they_are_known() {
        let said = [0.2, 65.4, 725.0, 7384.0].map(|seconds| about(Duration::from_secs_f64(seconds)));
        assert_eq!(said, ["1s", "1m 5s", "12m", "2h 3m"]);
    }
}

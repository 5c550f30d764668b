//! What was not the same around two runs, or was asked for differently. `environment.json` is compared
//! key by key as it stands in the file, so that what only a later version writes is compared as well.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use results::difference::Difference;
use results::difference::differences_of;
use results::folder::{ENVIRONMENT, PLAN};
use results::grouping::distinct;
use results::{Cell, EqualTime, Error, Plan, Problem};
use serde::Serialize;
use serde_json::{Value, json};

use super::run::Run;

/// All differences: the machine's first, then the plan's, then those of single cells.
pub(super) fn differences(a: &Run, b: &Run) -> Vec<Difference> {
    let mut found = Vec::new();
    match (&a.environment, &b.environment) {
        (Some(a), Some(b)) => found.extend(of_runtimes_together(differences_of(a, b))),
        // Not to know is no sameness.
        (a, b) => {
            let known = |one: &Option<Value>| one.as_ref().map_or(Value::Null, |_| "there".into());
            found.push(Difference { what: ENVIRONMENT.into(), a: known(a), b: known(b) });
        }
    }
    let seen: BTreeSet<String> = found.iter().map(|difference| difference.what.clone()).collect();
    let of_plan = differences_of(&circumstances(&a.plan), &circumstances(&b.plan));
    // Both files have the version of kilotask.
    found.extend(of_plan.into_iter().filter(|difference| !seen.contains(&difference.what)));
    found.extend(of_cells(&cells(&a.plan), &cells(&b.plan)));
    found
}

/// A part of what may differ between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recorded {
    /// The machine, its kernel and its limits.
    Machine,
    /// What a process inherits: the CPUs it may use, its priority, quotas of its control group.
    Circumstances,
    /// Which programs ran.
    Build,
    /// What was asked for.
    Plan,
}

/// The parts that both runs have on record: only of these can it be said that nothing differs.
pub(super) fn on_record(a: &Run, b: &Run) -> Vec<Recorded> {
    let all = [Recorded::Machine, Recorded::Circumstances, Recorded::Build, Recorded::Plan];
    all.into_iter().filter(|part| [a, b].iter().all(|run| has(run, *part))).collect()
}

fn has(run: &Run, part: Recorded) -> bool {
    let Some(environment) = &run.environment else { return part == Recorded::Plan };
    match part {
        Recorded::Machine | Recorded::Plan => true,
        Recorded::Circumstances => environment["circumstances"].is_object(),
        // Of a runtime that is not here there is no program.
        Recorded::Build => environment["runtimes"].as_array().is_some_and(|runtimes| {
            let is_known = |one: &Value| one["runner"]["sha256"].is_string() || one["status"] != "ok";
            runtimes.iter().all(is_known)
        }),
    }
}

/// What was not the same around the runs of a side, each compared with the first.
///
/// # Errors
/// When they are not of the same cells.
pub(super) fn within(folders: &[PathBuf], runs: &[Run]) -> Result<Vec<Difference>, Error> {
    let mut found: Vec<Difference> = Vec::new();
    for (folder, run) in folders.iter().zip(runs).skip(1) {
        if let Some(what) = other_cells(&runs[0].plan, &run.plan) {
            let problem = format!("{what} in {}, and the two are runs of one side", folders[0].display());
            let remedy = "compare several runs of one plan; kilotask reproduce makes another";
            return Err(Problem::new(1, problem, remedy).at(&folder.join(PLAN)));
        }
        let new = differences(&runs[0], run);
        found.extend(new.into_iter().filter(|new| !found.contains(new)).collect::<Vec<_>>());
    }
    Ok(found)
}

/// The plan without its seed and id, which are meant to be others, without what was seen as the run went, and without the parts
/// that are compared one by one: its cells, what it leaves out, and its claims.
fn circumstances(plan: &Plan) -> Value {
    let (cells, left_out, claims) = (Vec::new(), Vec::new(), Vec::new());
    let plan = Plan { seed: 0, cells, left_out, claims, claims_sha256: String::new(), ..plan.clone() };
    let equal_time = plan.equal_time.map(|rule| EqualTime { expected_seconds: None, ..rule });
    let plan = Plan { id: None, equal_time, going_on: Vec::new(), earlier: None, ..plan };
    serde_json::to_value(plan).expect("a plan is JSON")
}

/// What differs alike in several runtimes is said once: how their programs were built, mostly. Of hashes, which differ from
/// one another in any case, all are given.
fn of_runtimes_together(found: Vec<Difference>) -> Vec<Difference> {
    let parts = |one: &Difference| {
        let (name, rest) = one.what.strip_prefix("runtimes.")?.split_once('.')?;
        let values = if rest.ends_with("sha256") { String::new() } else { format!("{} {}", one.a, one.b) };
        Some(((rest.to_string(), values), name.to_string()))
    };
    let mut alike: BTreeMap<(String, String), Vec<(String, Difference)>> = BTreeMap::new();
    let mut others = Vec::new();
    for one in found {
        match parts(&one) {
            Some((key, name)) => alike.entry(key).or_default().push((name, one)),
            None => others.push(one),
        }
    }
    others.extend(alike.into_iter().map(|((rest, _), all)| match &all[..] {
        [(_, alone)] => alone.clone(),
        all => {
            let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
            let what = format!("{rest} of {} runtimes: {}", names.len(), names.join(", "));
            let [a, b] = [|one: &Difference| one.a.clone(), |one: &Difference| one.b.clone()]
                .map(|side| together(all.iter().map(|(_, one)| side(one))));
            Difference { what, a, b }
        }
    }));
    others
}

/// The only value there is; of several, a list of them.
fn together(values: impl Iterator<Item = Value>) -> Value {
    let mut found = distinct(values);
    if found.len() == 1 { found.remove(0) } else { found.into() }
}

/// The cells of a plan, by name.
fn cells(plan: &Plan) -> BTreeMap<&str, &Cell> {
    plan.cells.iter().map(|planned| (planned.cell.id.as_str(), &planned.cell)).collect()
}

/// Why two runs are not of the same cells, if they are not: what the second has, or has not, or otherwise.
fn other_cells(a: &Plan, b: &Plan) -> Option<String> {
    let (a, b) = (cells(a), cells(b));
    let only = |a: &BTreeMap<&str, &Cell>, b: &BTreeMap<&str, &Cell>| {
        a.keys().find(|cell| !b.contains_key(*cell)).map(ToString::to_string)
    };
    let missing = only(&a, &b).map(|cell| format!("there is no cell `{cell}`, as there is"));
    let new = || only(&b, &a).map(|cell| format!("there is a cell `{cell}`, which is not"));
    let other = || of_cells(&a, &b).first().map(|other| format!("{} are not as", other.what));
    missing.or_else(new).or_else(other)
}

/// What differs in cells with the same name: each difference once, with the number of cells.
fn of_cells(a: &BTreeMap<&str, &Cell>, b: &BTreeMap<&str, &Cell>) -> Vec<Difference> {
    let settings = |cell: &Cell| {
        let Cell { workload, tasks, workers, rounds, params, .. } = cell;
        [json!(workload), json!(tasks), json!(workers), json!(rounds), json!(params)]
    };
    let names = ["workload", "tasks", "workers", "rounds", "params"];
    let mut found: BTreeMap<(usize, String, String), (u64, Difference)> = BTreeMap::new();
    for (id, a) in a {
        let Some(b) = b.get(id) else { continue };
        let both = settings(a).into_iter().zip(settings(b));
        for (place, (a, b)) in both.enumerate().filter(|(_, (a, b))| a != b) {
            let kind = (place, a.to_string(), b.to_string());
            found.entry(kind).or_insert((0, Difference { what: names[place].into(), a, b })).0 += 1;
        }
    }
    let counted = found.into_values().map(|(cells, difference)| {
        let cells = if cells == 1 { "one cell".into() } else { format!("{cells} cells") };
        Difference { what: format!("{} of {cells}", difference.what), ..difference }
    });
    counted.collect()
}

#[cfg(test)]
mod tests {
    use results::PresetName;

    use super::*;

    #[test]
    fn what_differs_in_several_runtimes_alike_is_said_once_with_their_names() {
        let runtime = |name: &str, flags: &str, hash: &str| json!({"name": name, "runner": {"build": {"flags": flags}, "sha256": hash}});
        let all = |flags, hashes: [&str; 3]| {
            let runtimes =
                ["a", "b", "c"].into_iter().zip(hashes).map(|(name, hash)| runtime(name, flags, hash));
            json!({"cpus": 1, "runtimes": runtimes.collect::<Vec<_>>()})
        };
        let (before, after) = (all("", ["1", "2", "3"]), all("-C opt-level=0", ["4", "5", "3"]));
        let found = of_runtimes_together(differences_of(&before, &after)).into_iter();
        let found = found.map(|one| (one.what, one.a, one.b)).collect::<Vec<_>>();
        let expected = [
            ("runner.build.flags of 3 runtimes: a, b, c".to_string(), json!(""), json!("-C opt-level=0")),
            ("runner.sha256 of 2 runtimes: a, b".to_string(), json!(["1", "2"]), json!(["4", "5"])),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_seed_of_a_plan_is_no_circumstance_and_its_preset_is() {
        let plan = |preset, seed| circumstances(&Plan::empty(preset, seed));
        assert_eq!(differences_of(&plan(PresetName::Quick, 1), &plan(PresetName::Quick, 2)), []);
        let found = differences_of(&plan(PresetName::Quick, 1), &plan(PresetName::Full, 1));
        let expected = Difference { what: "preset".into(), a: json!("quick"), b: json!("full") };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn what_differs_in_many_cells_is_said_once() {
        let planned = |cells: &[(&str, u32, u32)]| {
            let planned = |(id, workers, rounds): &(&str, u32, u32)| {
                json!({"id": id, "experiment": "e", "group": "g", "label": "a", "runtime": "a",
                    "workload": "sleep", "tasks": 1, "workers": workers, "rounds": rounds, "params": {},
                    "timed": workers, "counted": 0, "traced": 0})
            };
            let cells = cells.iter().map(planned).collect();
            Plan { cells: serde_json::from_value(cells).unwrap(), ..Plan::empty(PresetName::Quick, 1) }
        };
        let a = planned(&[("x", 2, 5), ("y", 2, 5), ("z", 1, 5), ("only-a", 2, 5)]);
        let b = planned(&[("x", 8, 5), ("y", 8, 5), ("z", 1, 2)]);
        let expected = [
            Difference { what: "workers of 2 cells".into(), a: json!(2), b: json!(8) },
            Difference { what: "rounds of one cell".into(), a: json!(5), b: json!(2) },
        ];
        assert_eq!(of_cells(&cells(&a), &cells(&b)), expected);
    }
}

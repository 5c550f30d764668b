//! What was not the same around two runs, or was asked otherwise: `environment.json` and `plan.json`, held
//! against each other key by key, so that what a later version notes down is compared as well.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::run::Run;
use results::folder::ENVIRONMENT;

/// Parts of the plan that say nothing of the circumstances: the seed is to be another, and cells and claims
/// have lists of their own.
const NO_CIRCUMSTANCE: [&str; 6] = ["schema", "seed", "cells", "claims", "claims_sha256", "left_out"];

/// What is asked of a cell, and may be asked otherwise under the same name.
const ASKED: [&str; 5] = ["workload", "tasks", "workers", "rounds", "params"];

/// Something that was not the same around two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// What: its place in the file, `limits.memlock_bytes`, `runtimes.tokio.version`.
    pub what: String,
    /// What the first run has; null where it has none, or does not say. Of two lists, what only it has.
    pub a: Value,
    /// What the second run has.
    pub b: Value,
}

/// All differences, the machine's first, then the plan's, then those of what was asked of cells.
pub(super) fn differences(a: &Run, b: &Run) -> Vec<Difference> {
    let mut found = Vec::new();
    match (&a.environment, &b.environment) {
        (Some(a), Some(b)) => walk("", a, b, &mut found),
        // Not to know is no sameness.
        (a, b) => {
            let known = |one: &Option<Value>| one.as_ref().map_or(Value::Null, |_| "there".into());
            found.push(Difference { what: ENVIRONMENT.into(), a: known(a), b: known(b) });
        }
    }
    let seen: BTreeSet<String> = found.iter().map(|difference| difference.what.clone()).collect();
    let mut of_plan = Vec::new();
    walk("", &circumstances(&a.plan), &circumstances(&b.plan), &mut of_plan);
    // Both files have the version of kilotask.
    found.extend(of_plan.into_iter().filter(|difference| !seen.contains(&difference.what)));
    found.extend(asked_otherwise(&a.plan["cells"], &b.plan["cells"]));
    found
}

fn circumstances(plan: &Value) -> Value {
    let all = plan.as_object().into_iter().flatten();
    let kept = all.filter(|(key, _)| !NO_CIRCUMSTANCE.contains(&key.as_str()));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Walks down both values where they have the same shape, and notes where they part.
fn walk(what: &str, a: &Value, b: &Value, found: &mut Vec<Difference>) {
    if a == b {
        return;
    }
    if let (Some(a), Some(b)) = (fields(a), fields(b)) {
        let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            let name = if what.is_empty() { key.clone() } else { format!("{what}.{key}") };
            let of = |one: &Map<String, Value>| one.get(key).cloned().unwrap_or_default();
            walk(&name, &of(&a), &of(&b), found);
        }
        return;
    }
    let (a, b) = match (a, b) {
        (Value::Array(a), Value::Array(b)) => (only_in(a, b), only_in(b, a)),
        _ => (told(a), told(b)),
    };
    found.push(Difference { what: what.into(), a, b });
}

/// The fields of an object; of a list of objects with names, the objects by name.
fn fields(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(fields) => Some(fields.clone()),
        Value::Array(list) => {
            list.iter().map(|one| Some((one["name"].as_str()?.to_string(), one.clone()))).collect()
        }
        _ => None,
    }
}

/// What one list has and another has not. Lists that differ in their order alone differ in nothing else.
fn only_in(list: &[Value], other: &[Value]) -> Value {
    list.iter().filter(|one| !other.contains(one)).cloned().collect()
}

/// Of what only one run has at all, its version says enough.
fn told(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.get("version").cloned().unwrap_or_else(|| "there".into()),
        other => other.clone(),
    }
}

/// What was asked otherwise of cells with the same name: each difference once, with the number of cells.
fn asked_otherwise(a: &Value, b: &Value) -> Vec<Difference> {
    let (a, b) = (by_id(a), by_id(b));
    let mut found: BTreeMap<(usize, String, String), (u64, Difference)> = BTreeMap::new();
    for (id, a) in &a {
        let Some(b) = b.get(id) else { continue };
        for (place, key) in ASKED.iter().enumerate().filter(|(_, key)| a[**key] != b[**key]) {
            let (a, b) = (a[*key].clone(), b[*key].clone());
            let kind = (place, a.to_string(), b.to_string());
            let difference = Difference { what: (*key).into(), a, b };
            found.entry(kind).or_insert((0, difference)).0 += 1;
        }
    }
    let told = found.into_values().map(|(cells, difference)| {
        let cells = if cells == 1 { "one cell".into() } else { format!("{cells} cells") };
        Difference { what: format!("{} of {cells}", difference.what), ..difference }
    });
    told.collect()
}

fn by_id(cells: &Value) -> BTreeMap<&str, &Value> {
    let cells = cells.as_array().into_iter().flatten();
    cells.filter_map(|cell| Some((cell["id"].as_str()?, cell))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn walked(a: &Value, b: &Value) -> Vec<(String, Value, Value)> {
        let mut found = Vec::new();
        walk("", a, b, &mut found);
        found.into_iter().map(|Difference { what, a, b }| (what, a, b)).collect()
    }

    fn one(what: &str, a: Value, b: Value) -> Vec<(String, Value, Value)> {
        vec![(what.into(), a, b)]
    }

    #[test]
    fn a_difference_is_named_by_its_place() {
        let environment = |bytes: u64| json!({"cpus": 2, "limits": {"memlock_bytes": bytes, "other": 1}});
        assert_eq!(walked(&environment(1), &environment(1)), []);
        assert_eq!(walked(&environment(1), &environment(2)), one("limits.memlock_bytes", json!(1), json!(2)));
    }

    #[test]
    fn what_one_run_does_not_say_is_null() {
        assert_eq!(walked(&json!({"governor": null}), &json!({})), [], "neither says");
        let found = walked(&json!({"governor": "performance"}), &json!({}));
        assert_eq!(found, one("governor", json!("performance"), Value::Null));
    }

    #[test]
    fn lists_of_named_things_are_matched_by_name_and_one_that_is_missing_is_one_difference() {
        let runtime = |name: &str, version: &str| json!({"name": name, "version": version, "model": "m"});
        let a = json!({"runtimes": [runtime("tokio", "1.0"), runtime("may", "0.3")]});
        let b = json!({"runtimes": [runtime("may", "0.4")]});
        let found = walked(&a, &b);
        assert_eq!(found[0], ("runtimes.may.version".into(), json!("0.3"), json!("0.4")));
        assert_eq!(found[1], ("runtimes.tokio".into(), json!("1.0"), Value::Null));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn of_two_lists_only_what_the_other_has_not_is_told() {
        let found = walked(&json!({"workloads": ["sleep", "cpu"]}), &json!({"workloads": ["sleep", "echo"]}));
        assert_eq!(found, one("workloads", json!(["cpu"]), json!(["echo"])));
    }

    #[test]
    fn the_seed_and_the_cells_of_a_plan_are_no_circumstance() {
        let plan = |seed: u64| json!({"seed": seed, "preset": "quick", "cells": [seed]});
        assert_eq!(walked(&circumstances(&plan(1)), &circumstances(&plan(2))), []);
    }

    #[test]
    fn what_was_asked_otherwise_of_many_cells_is_told_once() {
        let cell = |id: &str, workers: u32, rounds: u32| json!({"id": id, "workload": "sleep", "workers": workers, "rounds": rounds, "timed": workers});
        let a = json!([cell("x", 2, 5), cell("y", 2, 5), cell("z", 1, 5), cell("only-a", 2, 5)]);
        let b = json!([cell("x", 8, 5), cell("y", 8, 5), cell("z", 1, 2)]);
        let found = asked_otherwise(&a, &b);
        let expected = [
            Difference { what: "workers of 2 cells".into(), a: json!(2), b: json!(8) },
            Difference { what: "rounds of one cell".into(), a: json!(5), b: json!(2) },
        ];
        assert_eq!(found, expected);
    }
}

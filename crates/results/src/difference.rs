//! What differs between two JSON values, each difference named by its place.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that was not the same around two runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// What: its place in the file, `limits.memlock_bytes`, `runtimes.tokio.version`.
    pub what: String,
    /// What the first run has; null where it has none, or does not say. Of two lists, what only it has.
    pub a: Value,
    /// What the second run has.
    pub b: Value,
}

/// All differences of two values. Of objects, and of lists of objects with names, each field is compared by itself.
pub fn differences_of(a: &Value, b: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk("", a, b, &mut found);
    found
}

/// Goes down both values where they have the same shape, and notes where they differ.
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
        _ => (in_short(a), in_short(b)),
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

/// For what only one run has at all, its version is enough.
fn in_short(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.get("version").cloned().unwrap_or_else(|| "there".into()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn walked(a: &Value, b: &Value) -> Vec<(String, Value, Value)> {
        differences_of(a, b).into_iter().map(|Difference { what, a, b }| (what, a, b)).collect()
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
    fn of_two_lists_only_what_the_other_has_not_is_named() {
        let found = walked(&json!({"workloads": ["sleep", "cpu"]}), &json!({"workloads": ["sleep", "echo"]}));
        assert_eq!(found, one("workloads", json!(["cpu"]), json!(["echo"])));
    }
}

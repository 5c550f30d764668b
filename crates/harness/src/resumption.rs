//! Whether a run is resumed in the circumstances that it began in.
//!
//! Its trials are compared with one another. On another machine, or with another program, the rest of it would be another
//! run; what differs less is told and put on record.

use results::difference::{Difference, differences_of};
use results::machine::is_same_memory;
use serde_json::Value;

/// What makes another machine of it, by name in `environment.json`.
const MACHINE: [&str; 10] = [
    "machine",
    "kernel",
    "cpu_model",
    "cpus",
    "memory_bytes",
    "memory_limit_bytes",
    "virtualisation",
    "clock_source",
    AFFINITY,
    "circumstances.cpu_quota",
];

const AFFINITY: &str = "circumstances.affinity";

/// What means that there is no limit, where it is `null` in a run that has it on record.
const NULL_IS_NO_LIMIT: [&str; 3] =
    ["memory_limit_bytes", "circumstances.cpu_quota", "circumstances.address_space_bytes"];

/// What another start of the same run may have as it likes: who started it, and when it was resumed before.
const OF_NO_MATTER: [&str; 2] = ["lab", "resumed"];

/// What is another than when the run began.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Changes {
    /// Makes another machine of it.
    pub machine: Vec<Difference>,
    /// Programs of runners that are other ones.
    pub programs: Vec<Difference>,
    /// Worth knowing.
    pub others: Vec<Difference>,
}

impl Changes {
    /// From the environment that the run began in to the one here. What an older version has not noted is unknown, and no
    /// difference.
    pub fn between(there: &Value, here: &Value) -> Self {
        let mut changes = Self::default();
        for difference in differences_of(there, here) {
            let what = difference.what.as_str();
            // A run that has any circumstances on record has all of these.
            let is_known = NULL_IS_NO_LIMIT.contains(&what) && there["circumstances"].is_object();
            if difference.a.is_null() && !is_known {
                continue;
            }
            let first = what.split('.').next().unwrap_or_default();
            if OF_NO_MATTER.contains(&first) || (first == "memory_bytes" && has_same_memory(&difference)) {
                continue;
            }
            if MACHINE.contains(&first) || MACHINE.contains(&what) {
                changes.machine.push(difference);
            } else if what.starts_with("runtimes.") && what.ends_with(".runner.sha256") {
                changes.programs.push(difference);
            } else {
                changes.others.push(difference);
            }
        }
        changes
    }
}

fn has_same_memory(difference: &Difference) -> bool {
    let (Some(a), Some(b)) = (difference.a.as_f64(), difference.b.as_f64()) else { return false };
    is_same_memory(a, b)
}

/// Where another machine differs in its name alone: the name that it had. It may be the same one under another name.
pub(crate) fn only_renamed(machine: &[Difference]) -> Option<&str> {
    match machine {
        [Difference { what, a, .. }] if what == "machine.name" => a.as_str(),
        _ => None,
    }
}

/// Differences in words: `cpus was 2 and is 1`.
pub fn in_words(differences: &[Difference]) -> String {
    let value = |value: &Value| if value.is_null() { "none".into() } else { value.to_string() };
    let words = |it: &Difference| format!("{} was {} and is {}", it.what, value(&it.a), value(&it.b));
    differences.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// How to get back to where a run began, as far as a command can do that.
pub(crate) fn way_back(differences: &[Difference]) -> String {
    let affinity = differences.iter().find(|it| it.what == AFFINITY).and_then(|it| it.a.as_str());
    affinity.map_or_else(String::new, |cpus| format!(" (taskset -c {cpus} kilotask run …)"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn other_machines_and_other_programs_are_told_from_what_is_only_worth_knowing() {
        let environment = |cpus: u32, memory: u64, files: u64, sha256: &str| {
            json!({"cpus": cpus, "memory_bytes": memory, "limits": {"open_files": files}, "lab": {"x": files},
                "runtimes": [{"name": "tokio", "runner": {"sha256": sha256}}]})
        };
        let there = environment(2, 1000, 1024, "a");
        assert_eq!(Changes::between(&there, &there), Changes::default());
        assert_eq!(Changes::between(&there, &environment(2, 1009, 1024, "a")), Changes::default());

        let Changes { machine, programs, others } = Changes::between(&there, &environment(1, 500, 64, "b"));
        assert_eq!(in_words(&machine), "cpus was 2 and is 1; memory_bytes was 1000 and is 500");
        assert_eq!(in_words(&programs), "runtimes.tokio.runner.sha256 was \"a\" and is \"b\"");
        assert_eq!(in_words(&others), "limits.open_files was 1024 and is 64");
    }

    #[test]
    fn another_affinity_and_another_quota_make_another_machine_also_where_there_was_none() {
        let with = |affinity: &str, quota: Value| json!({"circumstances": {"affinity": affinity, "cpu_quota": quota}});
        let machine = |there: &Value, here: &Value| in_words(&Changes::between(there, here).machine);
        let free = with("0-1", Value::Null);
        assert_eq!(machine(&free, &free), "");
        assert_eq!(machine(&free, &with("0-1", 0.5.into())), "circumstances.cpu_quota was none and is 0.5");
        assert_eq!(machine(&with("0-1", 0.5.into()), &free), "circumstances.cpu_quota was 0.5 and is none");
        let moved = Changes::between(&with("0", Value::Null), &with("1", Value::Null)).machine;
        assert_eq!(in_words(&moved), "circumstances.affinity was \"0\" and is \"1\"");
        assert_eq!(way_back(&moved), " (taskset -c 0 kilotask run …)");
        let limited =
            json!({"circumstances": {"affinity": "0-1", "cpu_quota": null}, "memory_limit_bytes": 1000});
        assert_eq!(machine(&free, &limited), "memory_limit_bytes was none and is 1000");
        assert_eq!(machine(&json!({}), &limited), "", "it is not on record");
    }

    #[test]
    fn a_machine_under_another_name_is_another_one_until_somebody_says_that_it_is_not() {
        let environment = |name: &str, id: &str| json!({"machine": {"name": name, "id": id}});
        let between =
            |name: &str, id: &str| Changes::between(&environment("n0", "a"), &environment(name, id)).machine;
        assert_eq!(between("n0", "a"), []);
        assert_eq!(only_renamed(&between("n1", "a")), Some("n0"));
        assert_eq!(in_words(&between("n0", "b")), "machine.id was \"a\" and is \"b\"");
        assert_eq!(only_renamed(&between("n1", "b")), None);
        assert_eq!(Changes::between(&json!({}), &environment("n0", "a")), Changes::default());
    }

    #[test]
    fn what_an_older_version_did_not_note_is_no_difference() {
        assert_eq!(Changes::between(&json!({}), &json!({"cpus": 1})), Changes::default());
    }
}

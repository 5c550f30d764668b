//! Whether parts were run by the same programs, key by key of their `environment.json`.

use std::collections::{BTreeMap, BTreeSet};

use protocol::Status;
use results::Environment;
use results::difference::Difference;
use serde_json::{Value, json};

use crate::error::MergeError;
use crate::part::PartRun;

/// Refuses parts that were not run from one commit, with one lock file and the same versions of the runtimes.
pub fn check(parts: &[PartRun]) -> Result<(), MergeError> {
    let Some((first, others)) = parts.split_first() else { return Ok(()) };
    let expected = facts(&first.environment);
    for part in others {
        let found = facts(&part.environment);
        let is_other = |(what, a): (&String, &Value)| {
            let b = found.get(what)?;
            (a != b).then(|| Difference { what: what.clone(), a: a.clone(), b: b.clone() })
        };
        let differences: Vec<Difference> = expected.iter().filter_map(is_other).collect();
        if !differences.is_empty() {
            return Err(MergeError::AnotherProgram {
                a: first.folder.clone(),
                b: part.folder.clone(),
                differences,
            });
        }
    }
    Ok(())
}

/// Refuses parts of a plan that was not dealt to all of them in the same way. Whole blocks are whole blocks, to however many
/// shards they were dealt.
pub fn check_deal(parts: &[PartRun]) -> Result<(), MergeError> {
    let Some((first, others)) = parts.split_first() else { return Ok(()) };
    let is_other = |other: &&PartRun| {
        let (a, b) = (&first.part, &other.part);
        a.deal != b.deal || (!a.deal.is_blocks() && a.shard.of != b.shard.of)
    };
    match others.iter().find(is_other) {
        None => Ok(()),
        Some(other) => Err(MergeError::AnotherDeal {
            a: first.folder.clone(),
            b: other.folder.clone(),
            found: first.part.deal_in_words(),
            wanted: other.part.deal_in_words(),
        }),
    }
}

/// What has to be the same. Of a runtime that did not work on a machine nothing is known there.
fn facts(environment: &Environment) -> BTreeMap<String, Value> {
    let Environment { kilotask, commit, lock_file_sha256, runtimes, .. } = environment;
    let mut facts: BTreeMap<String, Value> = [
        ("kilotask".to_string(), json!(kilotask)),
        ("commit".to_string(), json!(commit)),
        ("lock_file_sha256".to_string(), json!(lock_file_sha256)),
    ]
    .into();
    for runtime in runtimes.iter().filter(|runtime| runtime.status == Status::Ok) {
        facts.insert(format!("runtimes.{}.version", runtime.info.name), json!(runtime.info.version));
    }
    facts
}

/// The runtimes whose programs are not the same file everywhere: they may have been built on each machine.
pub fn other_programs(parts: &[PartRun]) -> BTreeSet<String> {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    let mut others = BTreeSet::new();
    for runtime in parts.iter().flat_map(|part| &part.environment.runtimes) {
        let Some(sha256) = runtime.runner.sha256.as_deref() else { continue };
        if *known.entry(&runtime.info.name).or_insert(sha256) != sha256 {
            others.insert(runtime.info.name.clone());
        }
    }
    others
}

//! Which parts were run on one machine, and a name for each machine that no other has.

use std::collections::BTreeMap;

use crate::part::PartRun;
use crate::same::other_programs;

/// The machines of some parts.
pub struct Machines {
    /// Their names, sorted as the parts are.
    pub names: Vec<String>,
    /// For each part its machine.
    pub of_part: Vec<usize>,
}

impl Machines {
    /// The parts of a machine.
    pub fn parts(&self, machine: usize) -> impl Iterator<Item = usize> {
        self.of_part.iter().enumerate().filter(move |(_, of)| **of == machine).map(|(part, _)| part)
    }
}

/// The machines of these parts, which are sorted by machine; and what should be known of them.
///
/// A machine is the same if it has the same name and id, and is of the same kind: after it was given other CPUs, or another
/// kernel, its times are those of another.
pub fn of(parts: &[PartRun]) -> (Machines, Vec<String>) {
    let mut first: Vec<&PartRun> = Vec::new();
    let mut of_part = Vec::new();
    for part in parts {
        let is_same = |one: &&PartRun| one.machine == part.machine && one.kind.is_same(&part.kind);
        let machine = first.iter().position(is_same).unwrap_or_else(|| {
            first.push(part);
            first.len() - 1
        });
        of_part.push(machine);
    }
    let (names, mut notes) = names(&first);
    notes.extend(of_one_id(&first, &names));
    let others: Vec<String> = other_programs(parts).into_iter().collect();
    if !others.is_empty() {
        notes.push(format!("the programs of {} are not the same files on all machines", others.join(", ")));
    }
    (Machines { names, of_part }, notes)
}

/// A name for each; the second of one name gets a number.
fn names(machines: &[&PartRun]) -> (Vec<String>, Vec<String>) {
    let (mut names, mut notes): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for part in machines {
        let wanted = &part.machine.name;
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let is_free = |name: &String| {
            let is_anothers = name != wanted && machines.iter().any(|other| other.machine.name == *name);
            !names.contains(name) && !is_anothers
        };
        let name = std::iter::once(wanted.clone()).chain(numbered).find(is_free).expect("numbers do not end");
        if name != *wanted {
            notes.push(format!(
                "more than one machine is called {wanted}, or it was changed meanwhile (CPUs, memory, kernel): one of them is \
                 {name} here"
            ));
        }
        names.push(name);
    }
    (names, notes)
}

/// That machines have one id: they may be one.
fn of_one_id(machines: &[&PartRun], names: &[String]) -> Vec<String> {
    let mut by_id: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (part, name) in machines.iter().zip(names).filter(|(part, _)| !part.machine.id.is_empty()) {
        by_id.entry(&part.machine.id).or_default().push(name);
    }
    let shared = by_id.into_values().filter(|names| names.len() > 1);
    shared
        .map(|names| {
            format!("{} have one id: they are one machine, or were made from one image", names.join(", "))
        })
        .collect()
}

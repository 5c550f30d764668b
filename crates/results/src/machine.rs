//! Which machine a run was made on: its name, its identity, and what kind of machine it is.
//!
//! Nothing of it fluctuates: no clock rate, no load, no temperature. It is the same after the machine was started anew, so
//! that two sittings on one machine are known to be of one machine.

use serde::{Deserialize, Serialize};

use crate::names::is_file_name;

/// A machine. What kind it is stands beside it in `environment.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Machine {
    /// As it was named, or is called where it stands: the node of a cluster, the host.
    pub name: String,
    /// What it is known by whatever its name: 16 hexadecimal digits of a hash. Machines that were made from one image may
    /// have it in common.
    pub id: String,
}

/// The longest name of a machine: that of a host on Linux.
const MAX_MACHINE_NAME: usize = 64;

/// Whether a name can be that of a machine, and of a folder.
pub fn is_machine_name(name: &str) -> bool {
    name.len() <= MAX_MACHINE_NAME && is_file_name(name)
}

/// The name of a machine that is like a text: what cannot stand in one becomes a hyphen.
pub fn machine_name_like(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = text.chars().map(|c| if fits(c) { c } else { '-' }).take(MAX_MACHINE_NAME).collect();
    let name = name.trim_start_matches(['.', '-']);
    if name.is_empty() { "machine".into() } else { name.into() }
}

/// What kind of machine it is, as far as a run may use it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kind {
    /// The model of its processors.
    pub cpu_model: Option<String>,
    /// CPUs that the lab may use.
    pub cpus: u32,
    /// Its memory, bytes.
    pub memory_bytes: Option<u64>,
    /// Its kernel.
    pub kernel: String,
    /// `bare metal`, or what runs it.
    pub virtualisation: Option<String>,
}

/// By how much the memory of one machine may differ from one start of it to the next, as a share.
pub const SAME_MEMORY: f64 = 0.01;

/// Whether two numbers of bytes may be the memory of one machine.
pub fn is_same_memory(a: f64, b: f64) -> bool {
    (a - b).abs() <= a * SAME_MEMORY
}

impl Kind {
    /// Whether a machine can have been of the one kind and then of the other, nothing of it having been changed.
    pub fn is_same(&self, other: &Self) -> bool {
        let has_same_memory = match (self.memory_bytes, other.memory_bytes) {
            (Some(a), Some(b)) => is_same_memory(a as f64, b as f64),
            (a, b) => a == b,
        };
        has_same_memory
            && Self { memory_bytes: None, ..self.clone() } == Self { memory_bytes: None, ..other.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_a_folder_and_any_text_can_be_made_one() {
        for (text, name) in [
            ("n0", "n0"),
            ("node-7.cluster.example", "node-7.cluster.example"),
            ("../etc", "etc"),
            ("a b/c", "a-b-c"),
            ("", "machine"),
            ("..", "machine"),
        ] {
            assert_eq!(machine_name_like(text), name);
            assert!(is_machine_name(name));
        }
        let long = "x".repeat(65);
        assert!(!is_machine_name(&long) && is_machine_name(&machine_name_like(&long)));
        assert!(["", ".", "a/b", "a b", "-a"].iter().all(|name| !is_machine_name(name)));
    }

    #[test]
    fn a_little_memory_more_or_less_is_the_same_machine_and_another_number_of_cpus_is_not() {
        let kind = |cpus, memory_bytes| Kind { cpus, memory_bytes: Some(memory_bytes), ..Kind::default() };
        assert!(kind(2, 1000).is_same(&kind(2, 1009)));
        assert!(!kind(2, 1000).is_same(&kind(2, 1100)));
        assert!(!kind(2, 1000).is_same(&kind(1, 1000)));
    }
}

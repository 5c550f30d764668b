//! `machines.csv`: the machines whose parts were merged into one folder.

use crate::folder;
use crate::machine::Kind;
use crate::table::rows;

rows! {
    /// One machine of a merged folder.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct MachineRow in folder::MACHINES;
    row: "machine of a merged folder";
    key: [machine];
    machine: String, [], "its name, as in the column `machine` of `trials.csv`";
    id: String, [empty when "its runs are older than the id"],
        "what it is known by whatever its name, as in `environment.json`; machines that were made from one image may have it in common";
    cpu_model: Option<String>, [empty when "the machine does not say"], "the model of its processors";
    cpus: u32, ["CPUs"], "CPUs that the lab might use";
    memory_bytes: Option<u64>, ["bytes"; empty when "the machine does not say"], "its memory";
    kernel: String, [], "its kernel";
    virtualisation: Option<String>, [empty when "the machine does not say"], "`bare metal`, or what runs it";
    parts: u64, ["parts"], "parts that it has run: turns of shards";
    blocks: u64, ["blocks"], "blocks that it has whole, without the burn-in";
    trials: u64, ["trials"], "its rows in `trials.csv`";
    dealt: Option<String>, [empty when "it was dealt whole blocks, of all groups"],
        "the shards whose groups it was dealt, where the plan was dealt by groups: `0/4 2/4`";
}

impl MachineRow {
    /// What kind of machine it is.
    pub fn kind(&self) -> Kind {
        Kind {
            cpu_model: self.cpu_model.clone(),
            cpus: self.cpus,
            memory_bytes: self.memory_bytes,
            kernel: self.kernel.clone(),
            virtualisation: self.virtualisation.clone(),
        }
    }
}

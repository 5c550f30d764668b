//! What several machines say together, on one screen: which machines, how the claims went, and where machines differ.

use std::path::Path;

use aggregate::Merged;
use report::format::counted;
use results::folder::{ACROSS, BY_MACHINE, CROSSOVERS_ACROSS, VERDICTS_ACROSS};
use results::human::count;
use results::merged::kinds;
use results::{AcrossVerdict, AcrossVerdictRow, MachineRow, human};

use super::bounded::{MOST_LINES, Part, fitted};
use super::layout::{Fit, Layout, WIDTH, cut};
use crate::lab::program;

/// The most kinds of machines that have a line.
const MOST_KINDS: usize = 8;
/// The most claims that are named: those of which machines differ.
const MOST_CLAIMS: usize = 12;

/// What is shown once a merged folder is summarised.
pub fn ending(folder: &Path, merged: &Merged) -> String {
    let layout = Layout::of_stdout(Fit::Cut).at_most(WIDTH);
    let shown = |line: &str| cut(line, layout.width);
    let kinds = kinds(&merged.machines);
    let head = format!(
        "{} of {}:",
        counted(merged.machines.len() as u64, "machine"),
        counted(kinds.len() as u64, "kind")
    );
    let of_kinds = kinds.iter().map(|kind| shown(&format!("  {}", kind_in_words(kind)))).collect();
    let lists = format!("{}/machines.csv", folder.display());
    let mut parts = vec![Part::of(vec![head], of_kinds, lists).at_most(MOST_KINDS), Part::gap()];
    if !merged.verdicts.is_empty() {
        let differing = merged.verdicts.iter().filter(|row| row.verdict == AcrossVerdict::DiffersByMachine);
        let differing = differing.map(|row| shown(&format!("  {}: {}", row.claim, row.reason))).collect();
        let rest = format!("{}/{VERDICTS_ACROSS}", folder.display());
        parts.push(Part::of(vec![shown(&score(&merged.verdicts))], differing, rest).at_most(MOST_CLAIMS));
        parts.push(Part::gap());
    }
    let presence = &merged.presence;
    if presence.trials < presence.planned {
        let (trials, planned) = (count(presence.trials), count(presence.planned));
        parts.push(Part::whole([shown(&format!(
            "{trials} of {planned} trials of the plan are in the parts"
        ))]));
    }
    let folder = folder.display();
    parts.push(Part::whole([
        format!("All machines: {folder}/{ACROSS}, {CROSSOVERS_ACROSS}, {VERDICTS_ACROSS}"),
        format!("Each machine: {folder}/{BY_MACHINE}/NAME/"),
        format!("What the columns mean: {} describe-csv {VERDICTS_ACROSS}", program()),
    ]));
    fitted(&parts, MOST_LINES).join("\n")
}

/// `2 × Intel Xeon, 4 CPUs, 8 GiB: m1, m2`.
fn kind_in_words(kind: &[&MachineRow]) -> String {
    let MachineRow { cpu_model, cpus, memory_bytes, .. } = kind[0];
    let model = cpu_model.as_deref().unwrap_or("unknown processor");
    let memory = memory_bytes.map_or_else(String::new, |bytes| format!(", {}", human::bytes(bytes as f64)));
    let names: Vec<&str> = kind.iter().map(|machine| &*machine.machine).collect();
    format!("{} × {model}, {}{memory}: {}", kind.len(), counted((*cpus).into(), "CPU"), names.join(", "))
}

/// How many claims have each verdict.
fn score(verdicts: &[AcrossVerdictRow]) -> String {
    let counts = AcrossVerdict::ALL.into_iter().filter_map(|verdict| {
        let count = verdicts.iter().filter(|row| row.verdict == verdict).count();
        (count > 0).then(|| format!("{count} {}", verdict.name().replace('-', " ")))
    });
    format!(
        "{} over all machines: {}",
        counted(verdicts.len() as u64, "claim"),
        counts.collect::<Vec<_>>().join(", ")
    )
}

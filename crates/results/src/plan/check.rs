//! Whether a plan makes sense. One that is read may be a stranger's, and one that is made may be too large: both pass the
//! same checks, so that nothing later has to doubt a name, a number or a sum.

use std::collections::HashSet;

use serde_json::Value;

use super::blocks::{MOST_LOOKS, MOST_SITTINGS};
use super::{BURN_IN_BLOCKS, MAX_BLOCKS, MAX_CELLS, MAX_MEMORY_MIB, Plan, PlannedCell};
use crate::cell::bounded;
use crate::names::{is_file_name, is_plain, is_runtime_name};
use crate::rows::Pass;
use crate::sanitize::{MAX_NAME, is_obeyed, one_line};

/// The most processes of a cell in a block.
const MAX_PROCESSES: u32 = 1000;
/// The most trials of a block, which are all put in order at once.
const MAX_TRIALS_OF_BLOCK: u64 = 10_000_000;
/// The longest text of a plan, bytes.
const MAX_TEXT_BYTES: usize = 16 << 10;

impl Plan {
    /// Checks every name, every number and every text.
    ///
    /// # Errors
    /// With the first that cannot be, and why.
    pub fn check(&self) -> Result<(), String> {
        if let Some(id) = &self.id {
            named("plan", id, is_plain)?;
        }
        self.check_numbers()?;
        self.check_cells()?;
        for cell in self.going_on.iter().flatten() {
            named("cell that goes on", cell, is_file_name)?;
        }
        for experiment in &self.experiments {
            named("experiment", &experiment.name, is_plain)?;
            named("file of an experiment", &experiment.file, |file| !file.contains('/'))?;
        }
        for claim in &self.claims {
            named("experiment of a claim", &claim.experiment, is_plain)?;
            named("claim", &claim.id, |id| id.split('/').all(is_runtime_name))?;
            for cell in claim.quantity.cells().filter(|cell| !cell.cell.is_empty()) {
                named("cell of a claim", &cell.cell, is_file_name)?;
            }
        }
        for runtime in self.described.keys().chain(self.runners.keys()) {
            named("runtime", runtime, is_runtime_name)?;
        }
        check_texts(&serde_json::to_value(self).map_err(|error| format!("it cannot be written: {error}"))?)
    }

    fn check_numbers(&self) -> Result<(), String> {
        if self.burn_in_blocks != BURN_IN_BLOCKS {
            return Err(format!(
                "`burn_in_blocks` is {}, and is always {BURN_IN_BLOCKS}",
                self.burn_in_blocks
            ));
        }
        bounded("sittings", self.sittings, MOST_SITTINGS)?;
        bounded("looks", self.looks, u32::try_from(MOST_LOOKS).unwrap_or(u32::MAX))?;
        if self.going_on.len() >= self.looks as usize {
            return Err(format!("`going_on` has {} looks of {}", self.going_on.len() + 1, self.looks));
        }
        if let Some(rule) = self.equal_time {
            bounded("processes", rule.most_processes, MAX_PROCESSES)?;
        }
        let shares =
            [("precision", self.precision), ("margin", self.sensitivity.as_ref().map(|one| one.margin))];
        match shares.into_iter().find(|(_, share)| share.is_some_and(|share| !(share > 0.0 && share <= 1.0)))
        {
            Some((name, share)) => Err(format!("`{name}` is {}, and is a share", share.unwrap_or_default())),
            None => Ok(()),
        }
    }

    fn check_cells(&self) -> Result<(), String> {
        if self.cells.len() > MAX_CELLS {
            return Err(format!("{} cells are too many: at most {MAX_CELLS} are possible", self.cells.len()));
        }
        let mut ids = HashSet::new();
        for planned in &self.cells {
            let id = planned.cell.id.as_str();
            planned.check().map_err(|problem| format!("cell {}: {problem}", quoted(id)))?;
            if !ids.insert(id) {
                return Err(format!(
                    "cell {} is planned twice; name each experiment and combination only once",
                    quoted(id)
                ));
            }
        }
        let trials: u64 = self.cells.iter().map(PlannedCell::trials_of_block).sum();
        if trials > MAX_TRIALS_OF_BLOCK {
            return Err(format!(
                "{trials} trials of a block are too many: at most {MAX_TRIALS_OF_BLOCK} are possible"
            ));
        }
        Ok(())
    }
}

impl PlannedCell {
    fn check(&self) -> Result<(), String> {
        self.cell.check()?;
        bounded("blocks", self.timed, MAX_BLOCKS)?;
        bounded("processes", self.processes, MAX_PROCESSES)?;
        for pass in Pass::ALL {
            // There may be none.
            bounded(&format!("{pass} trials"), self.blocks_of(pass).max(1), MAX_BLOCKS)?;
        }
        self.memory_limit_mib.map_or(Ok(()), |mib| bounded("MiB of memory", mib, MAX_MEMORY_MIB))
    }

    fn trials_of_block(&self) -> u64 {
        u64::from(self.processes)
            + Pass::ALL.map(|pass| u64::from(self.blocks_of(pass).min(1))).iter().sum::<u64>()
    }
}

/// Refuses a name that is not as it has to be.
fn named(what: &str, name: &str, fits: impl Fn(&str) -> bool) -> Result<(), String> {
    if fits(name) { Ok(()) } else { Err(format!("{} is no name of a {what}", quoted(name))) }
}

/// A name that may be anything, in an error.
fn quoted(name: &str) -> String {
    format!("{:?}", one_line(name, MAX_NAME))
}

/// Every text is short, and none holds what a terminal would obey.
pub(super) fn check_texts(value: &Value) -> Result<(), String> {
    let within = |key: &str, problem: String| {
        let dot = if problem.starts_with(['.', '[']) { "" } else { " " };
        format!("{key}{dot}{problem}")
    };
    match value {
        Value::String(text) => check_text(text),
        Value::Array(list) => (0..).zip(list).try_for_each(|(place, one): (usize, _)| {
            check_texts(one).map_err(|problem| within(&format!("[{place}]"), problem))
        }),
        Value::Object(fields) => fields.iter().try_for_each(|(key, one)| {
            check_text(key).map_err(|problem| format!("a name {problem}"))?;
            check_texts(one).map_err(|problem| within(&format!(".{key}"), problem))
        }),
        _ => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), String> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(format!("has {} bytes of text: at most {MAX_TEXT_BYTES} are possible", text.len()));
    }
    match text.chars().find(|letter| is_obeyed(*letter)) {
        Some(letter) => {
            Err(format!("holds the character {}, which a terminal obeys", letter.escape_unicode()))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::fixture::planned;
    use crate::plan::{EqualTime, PresetName};

    use super::*;

    fn plan() -> Plan {
        Plan { cells: ["a", "b"].map(|id| planned(id, 3)).into(), ..Plan::empty(PresetName::Quick, 7) }
    }

    /// Changes of a plan, and what is said of each.
    type Case = (fn(&mut Plan), &'static str);

    #[test]
    fn whatever_cannot_be_is_refused_and_named() {
        let cases: [Case; 25] = [
            (|plan| plan.cells[0].cell.id = "../../../victim/thesis-data".into(), "no name of a cell"),
            (|plan| plan.cells[0].cell.id = "a\nb".into(), "\"a b\": \"a b\" is no name of a cell"),
            (|plan| plan.cells[0].cell.group = "/etc".into(), "no name of a group"),
            (|plan| plan.cells[0].cell.label = "=1".into(), "no name of a label"),
            (|plan| plan.cells[0].cell.runtime = "x y".into(), "no name of a runtime"),
            (|plan| plan.cells[0].cell.experiment = String::new(), "no name of an experiment"),
            (|plan| plan.cells[0].cell.workload = "sl\u{1b}eep".into(), "no name of a workload"),
            (|plan| plan.cells[0].cell.params.extend([("a\nb".to_string(), 1)]), "no name of a parameter"),
            (|plan| plan.cells[0].cell.tasks = 1 << 60, "1152921504606846976 tasks: at most 10000000"),
            (|plan| plan.cells[0].cell.tasks = 0, "0 tasks: at least 1"),
            (|plan| plan.cells[0].cell.workers = u32::MAX, "4294967295 workers: at most"),
            (|plan| plan.cells[0].cell.rounds = 0, "0 rounds: at least 1"),
            (|plan| plan.cells[0].timed = u32::MAX, "4294967295 blocks: at most"),
            (|plan| plan.cells[0].processes = 0, "0 processes: at least 1"),
            (|plan| plan.cells[0].counted = u32::MAX, "4294967295 counted trials: at most"),
            (|plan| plan.cells[0].instructions = u32::MAX, "4294967295 instructions trials: at most"),
            (|plan| plan.cells[0].memory_limit_mib = Some(0), "0 MiB of memory: at least 1"),
            (|plan| plan.cells[0].memory_limit_mib = Some(1 << 44), "MiB of memory: at most"),
            (|plan| plan.cells[1] = plan.cells[0].clone(), "cell \"a\" is planned twice"),
            (|plan| plan.burn_in_blocks = 0, "`burn_in_blocks` is 0, and is always 1"),
            (|plan| plan.sittings = 0, "0 sittings"),
            (|plan| plan.looks = u32::MAX, "looks: at most"),
            (|plan| plan.going_on.push(BTreeSet::new()), "`going_on` has 2 looks of 1"),
            (|plan| plan.precision = Some(-1.0), "`precision` is -1"),
            (
                |plan| drop(plan.runners.insert("tokio".into(), "/a\u{202e}b".into())),
                ".runners.tokio holds the character \\u{202e}",
            ),
        ];
        assert_eq!(plan().check(), Ok(()));
        for (change, words) in cases {
            let mut plan = plan();
            change(&mut plan);
            let said = plan.check().unwrap_err();
            assert!(said.contains(words), "{said}, not {words}");
            assert!(!said.chars().any(is_obeyed), "{said}");
        }
    }

    #[test]
    fn more_cells_or_trials_than_fit_into_memory_are_refused() {
        let many = (0..=MAX_CELLS).map(|id| planned(&id.to_string(), 2)).collect();
        let said = Plan { cells: many, ..plan() }.check().unwrap_err();
        assert!(said.starts_with("100001 cells are too many"), "{said}");
        let mut wide = plan();
        wide.cells = (0..20_000).map(|id| planned(&id.to_string(), 2)).collect();
        wide.cells.iter_mut().for_each(|planned| planned.processes = MAX_PROCESSES);
        assert!(wide.check().unwrap_err().contains("trials of a block are too many"));
        let rule = EqualTime { block_ms: 1, most_processes: 0, long_ms: 1, expected_seconds: None };
        assert!(Plan { equal_time: Some(rule), ..plan() }.check().is_err());
    }

    #[test]
    fn a_text_without_end_is_refused_with_its_place() {
        let mut long = plan();
        long.kilotask = "x".repeat(1 << 20);
        let said = long.check().unwrap_err();
        assert!(said.starts_with(".kilotask has 1048576 bytes of text"), "{said}");
    }
}

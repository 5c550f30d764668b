//! What a bundle is about, in a few facts: machines, date, trials, verdicts.

use std::path::Path;

use protocol::Status;
use results::folder::{ENVIRONMENT, PLAN, TRIALS, VERDICTS, VERDICTS_ACROSS, is_merged};
use results::merged::machines;
use results::read::{Rows, json_if_any, rows};
use results::sanitize::{MAX_NAME, one_line};
use results::{
    AcrossVerdict, AcrossVerdictRow, Environment, Error, MachineRow, Plan, TrialRow, Verdict, VerdictRow,
};
use serde::Serialize;

/// What a bundle is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// The machines: one, or those of a merged folder.
    pub machines: Vec<MachineFacts>,
    /// The day on which its first trial began, `2026-11-29`, UTC; empty without trials.
    pub date: String,
    /// How much was measured.
    pub preset: String,
    /// The experiments, by name.
    pub experiments: Vec<String>,
    /// Rows of trials.
    pub rows: u64,
    /// Those of them whose status is `ok`.
    pub rows_ok: u64,
    /// Those that failed. Of the others the machine or the runtime could not do the work.
    pub rows_failed: u64,
    /// How many claims have each verdict, as it was handed in; nothing where that cannot be read.
    pub verdicts: Vec<Count>,
}

/// How many claims have a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The verdict.
    pub verdict: &'static str,
    /// How many.
    pub claims: usize,
}

/// A machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct MachineFacts {
    pub name: String,
    pub cpu_model: Option<String>,
    pub cpus: u32,
    pub kernel: String,
    pub virtualisation: Option<String>,
}

impl Facts {
    /// Those of the run in a folder, with the verdicts in another.
    pub fn of(run: &Path, derived: &Path) -> Result<Self, Error> {
        let plan = Plan::read(&run.join(PLAN))?;
        let machines = if is_merged(run) {
            machines(run)?.into_iter().map(MachineFacts::from).collect()
        } else {
            vec![json_if_any::<Environment>(&run.join(ENVIRONMENT))?.unwrap_or_default().into()]
        };
        let (mut date, mut rows, mut rows_ok, mut rows_failed) = (String::new(), 0, 0, 0);
        Rows::<TrialRow>::open(&run.join(TRIALS), plan.row_key())?.each(|row| {
            rows += 1;
            rows_ok += u64::from(row.status == Status::Ok);
            rows_failed += u64::from(row.status.is_failure());
            if date.is_empty() || row.started_at < date {
                date = row.started_at;
            }
        })?;
        Ok(Self {
            machines,
            date: date.chars().take_while(|letter| *letter != 'T').take("2026-11-29".len()).collect(),
            preset: plan.preset.to_string(),
            experiments: plan.experiments.iter().map(|one| one.name.clone()).collect(),
            rows,
            rows_ok,
            rows_failed,
            verdicts: if is_merged(run) { verdicts_across(derived) } else { verdicts(derived) },
        })
    }
}

fn verdicts(folder: &Path) -> Vec<Count> {
    let verdicts = rows::<VerdictRow>(&folder.join(VERDICTS)).unwrap_or_default();
    let count = |one: Verdict| verdicts.iter().filter(|row| row.verdict == one).count();
    counts(Verdict::ALL.map(|one| (one.name(), count(one))))
}

fn verdicts_across(folder: &Path) -> Vec<Count> {
    let verdicts = rows::<AcrossVerdictRow>(&folder.join(VERDICTS_ACROSS)).unwrap_or_default();
    let count = |one: AcrossVerdict| verdicts.iter().filter(|row| row.verdict == one).count();
    counts(AcrossVerdict::ALL.map(|one| (one.name(), count(one))))
}

fn counts(all: impl IntoIterator<Item = (&'static str, usize)>) -> Vec<Count> {
    let counts = all.into_iter().map(|(verdict, claims)| Count { verdict, claims });
    counts.filter(|count| count.claims > 0).collect()
}

impl From<Environment> for MachineFacts {
    fn from(environment: Environment) -> Self {
        let kind = environment.kind();
        Self {
            // Older versions did not note it.
            name: environment.machine.map_or_else(String::new, |machine| machine.name),
            cpu_model: kind.cpu_model,
            cpus: kind.cpus,
            kernel: kind.kernel,
            virtualisation: kind.virtualisation,
        }
        .in_short()
    }
}

impl From<MachineRow> for MachineFacts {
    fn from(row: MachineRow) -> Self {
        let MachineRow { machine: name, cpu_model, cpus, kernel, virtualisation, .. } = row;
        Self { name, cpu_model, cpus, kernel, virtualisation }.in_short()
    }
}

impl MachineFacts {
    /// No text is longer than a name.
    fn in_short(self) -> Self {
        let short = |text: String| one_line(&text, MAX_NAME);
        Self {
            name: short(self.name),
            cpu_model: self.cpu_model.map(short),
            kernel: short(self.kernel),
            virtualisation: self.virtualisation.map(short),
            ..self
        }
    }
}

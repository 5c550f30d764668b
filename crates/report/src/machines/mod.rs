//! The page of a merged folder: which machines it is of, and what they say of each claim together.
//!
//! The results of one machine have the page of an ordinary run, in `machines/NAME/`; this page links to them.

mod forest;

use std::collections::BTreeSet;
use std::path::Path;

use askama::Template;
use results::folder::{self, PAGE, of_machine};
use results::grouping::grouped;
use results::merged::{kinds, machines, origins_of_spans};
use results::{
    AcrossVerdict, AcrossVerdictRow, Estimate, MachineRow, Plan, VerdictRow, estimate, human, read, write,
};

use crate::chart;
use crate::content::verdicts::{compared, name_of};
use crate::error::Error;
use crate::figure::Figure;
use crate::figures::thousand_tasks;
use crate::format::{counted, list};
use crate::run::Run;

/// What a merged folder holds, as far as its page shows it.
struct Merged {
    plan: Plan,
    machines: Vec<MachineRow>,
    verdicts: Vec<AcrossVerdictRow>,
    /// The verdicts of each machine, in the order of the machines.
    of_machines: Vec<Vec<VerdictRow>>,
}

/// Writes the page of the merged folder `dir`, after `aggregate`.
///
/// # Errors
/// A file that cannot be used, or the page cannot be written; see [`Error`].
pub fn write_merged(dir: &Path) -> Result<(), Error> {
    let merged = Merged::read(dir)?;
    let picture = picture(dir)?;
    let page = merged.page(dir, picture).render().map_err(|error| Error::Layout(error.to_string()))?;
    Ok(write::whole(dir, PAGE, page.as_bytes())?)
}

/// The page. The template escapes all texts, but not the style and the drawings, which are ours.
#[derive(Template)]
#[template(path = "machines.html")]
struct Page<'a> {
    title: String,
    style: &'static str,
    chart_style: &'static str,
    facts: Vec<String>,
    machines: Vec<Machine<'a>>,
    /// The thousand tasks, and the machine that they ran on.
    picture: Option<(String, Figure)>,
    chapters: Vec<Chapter<'a>>,
}

/// The thousand tasks of the first machine whose spans were kept and can be drawn, in the order of the names of cells.
fn picture(dir: &Path) -> Result<Option<(String, Figure)>, Error> {
    let mut seen = BTreeSet::new();
    for origin in origins_of_spans(dir)?.into_values() {
        let machine = origin.machine;
        let Some(folder) = of_machine(dir, &machine).filter(|_| seen.insert(machine.clone())) else {
            continue;
        };
        if let Some(figure) = thousand_tasks(&Run::read_without_trials(&folder)?) {
            return Ok(Some((machine, figure)));
        }
    }
    Ok(None)
}

/// A machine, in a row of the table.
struct Machine<'a> {
    row: &'a MachineRow,
    /// The number of its kind, from 1.
    kind: usize,
    memory: String,
    /// Its own page, where there is one.
    page: Option<String>,
}

/// The claims of an experiment.
struct Chapter<'a> {
    experiment: &'a str,
    question: &'a str,
    counts: String,
    claims: Vec<Shown<'a>>,
}

/// A claim.
struct Shown<'a> {
    row: &'a AcrossVerdictRow,
    name: &'a str,
    of: String,
    verdict: String,
    class: &'static str,
    expected: String,
    measured: Option<Estimate>,
    /// The drawing, where a machine has a value.
    forest: Option<String>,
}

impl Merged {
    fn read(dir: &Path) -> Result<Self, Error> {
        let machines = machines(dir)?;
        let of_machine = |machine: &MachineRow| {
            let folder = of_machine(dir, &machine.machine).unwrap_or_else(|| dir.into());
            read::rows(&folder.join(folder::VERDICTS))
        };
        Ok(Self {
            plan: Plan::read(&dir.join(folder::PLAN))?,
            verdicts: read::rows(&dir.join(folder::VERDICTS_ACROSS))?,
            of_machines: machines.iter().map(of_machine).collect::<Result<_, _>>()?,
            machines,
        })
    }

    fn page(&self, dir: &Path, picture: Option<(String, Figure)>) -> Page<'_> {
        let kinds = kinds(&self.machines);
        let title = format!(
            "{} of {}",
            counted(self.machines.len() as u64, "machine"),
            counted(kinds.len() as u64, "kind")
        );
        let trials: u64 = self.machines.iter().map(|machine| machine.trials).sum();
        let facts = vec![
            format!("kilotask {}", self.plan.kilotask),
            format!("preset {}", self.plan.preset),
            format!("seed {}", self.plan.seed),
            counted(trials, "trial"),
        ];
        let machine = |row| {
            let kind = kinds.iter().position(|kind| kind.contains(&row)).map_or(0, |place| place + 1);
            let page = format!("{}/{}/{PAGE}", folder::BY_MACHINE, row.machine);
            let memory = row.memory_bytes.map_or_else(String::new, |bytes| human::bytes(bytes as f64));
            Machine { row, kind, memory, page: dir.join(&page).exists().then_some(page) }
        };
        Page {
            title,
            style: include_str!("../../templates/page.css"),
            chart_style: chart::STYLE,
            facts,
            machines: self.machines.iter().map(machine).collect(),
            picture,
            chapters: self.chapters(),
        }
    }

    fn chapters(&self) -> Vec<Chapter<'_>> {
        let placed = self.verdicts.iter().map(|row| (&*row.experiment, row));
        grouped(placed).into_iter().map(|(experiment, rows)| self.chapter(experiment, &rows)).collect()
    }

    fn chapter<'a>(&'a self, experiment: &'a str, rows: &[&'a AcrossVerdictRow]) -> Chapter<'a> {
        Chapter {
            experiment,
            question: self.question(experiment),
            counts: list(counts(rows)),
            claims: rows.iter().map(|row| self.shown(row)).collect(),
        }
    }

    fn question(&self, experiment: &str) -> &str {
        self.plan.experiments.iter().find(|one| one.name == experiment).map_or("", |one| &*one.question)
    }

    fn shown<'a>(&'a self, row: &'a AcrossVerdictRow) -> Shown<'a> {
        // Where the plan was dealt by groups, a machine may not have it.
        let of_machine = |(machine, rows): (&'a MachineRow, &'a Vec<VerdictRow>)| {
            let is_it = |one: &&VerdictRow| (&one.experiment, &one.claim) == (&row.experiment, &row.claim);
            Some((&*machine.machine, rows.iter().find(is_it)?))
        };
        let on: Vec<_> = self.machines.iter().zip(&self.of_machines).filter_map(of_machine).collect();
        let is_it = |claim: &&results::Claim| (&claim.experiment, &claim.id) == (&row.experiment, &row.claim);
        let claim = self.plan.claims.iter().find(is_it);
        Shown {
            row,
            name: name_of(&row.claim),
            of: compared(&row.runtime, &row.baseline),
            verdict: row.verdict.name().replace('-', " "),
            class: class(row.verdict),
            expected: human::claimed(&row.expected, &row.unit),
            measured: row
                .measured
                .map(|mean| estimate(mean, row.ci_low, row.ci_high, &row.unit).named(&row.unit)),
            forest: forest::forest(claim, row, &on),
        }
    }
}

/// How many claims have each verdict.
fn counts(rows: &[&AcrossVerdictRow]) -> Vec<String> {
    let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    let counts = AcrossVerdict::ALL.map(|verdict| (count(verdict), verdict.name().replace('-', " ")));
    counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect()
}

/// The class of a verdict's colour.
fn class(verdict: AcrossVerdict) -> &'static str {
    match verdict {
        AcrossVerdict::Supported | AcrossVerdict::Equivalent => "good",
        AcrossVerdict::Refuted => "bad",
        AcrossVerdict::ByMachine => "",
        _ => "unsure",
    }
}

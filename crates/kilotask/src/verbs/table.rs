//! `kilotask table`: what a run measured, table by table, and its claims.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use protocol::Workload;
use report::Run;
use report::content::headline::headlines;
use report::content::sheets::{Sheet, sheets};
use report::content::verdicts::name_of;
use results::VerdictRow;
use results::grouping::distinct;

use crate::arguments::is_like;
use crate::exit::ExitStatus;
use crate::lab::{Lab, program, say, tell_presence};
use crate::table::rows::{Form, rows};
use crate::table::{claims, whole};

/// The run by default, from the checkout on.
const LATEST: &str = "results/latest";

/// Show what a run measured: the tables of workloads, its claims, or what was left out
#[derive(clap::Args)]
#[command(
    override_usage = "kilotask table [RUN] [WORKLOAD]... [--runtimes A,B] [--csv | --json]\n       \
kilotask table [RUN] --claims [CLAIM]... [--csv | --json]\n       kilotask table [RUN] --left-out",
    after_help = "Examples:\n  kilotask table\n  kilotask table results/reference echo --runtimes tokio,threads\n  \
kilotask table sleep hold --runtimes 'python-*,tokio'\n  kilotask table --claims\n  \
kilotask table results/reference --claims asyncio-faster\n  \
kilotask table echo --json | jq 'select(.runtime == \"tokio\") | .median'\n\n\
Without a workload it lists what there is, and shows the thousand tasks in full. Lines are as wide as the terminal, \
or as COLUMNS says; 100 without either. --csv and --json give the rows of summary.csv that the tables show, or with \
--claims those of verdicts.csv."
)]
pub struct Arguments {
    /// The folder of a run [default: results/latest], then workloads; with --claims, the names of claims or experiments
    #[arg(value_name = "RUN or WORKLOAD")]
    words: Vec<String>,

    /// Only these runtimes; `*` stands for any letters
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    runtimes: Vec<String>,

    /// Show the verdicts, refuted claims first; one that is named with its sentence, its source and its reason
    #[arg(long)]
    claims: bool,

    /// Show what was not measured and what was left out, with the reasons
    #[arg(long, conflicts_with_all = ["claims", "runtimes", "csv", "json"])]
    left_out: bool,

    #[command(flatten)]
    form: FormArguments,
}

/// How the numbers are printed, where it is not for people.
#[derive(clap::Args)]
#[group(multiple = false)]
struct FormArguments {
    /// Print the numbers as CSV, unformatted
    #[arg(long)]
    csv: bool,

    /// Print the numbers as JSON, an object per line
    #[arg(long)]
    json: bool,
}

impl FormArguments {
    fn get(&self) -> Option<Form> {
        match (self.csv, self.json) {
            (true, _) => Some(Form::Csv),
            (_, true) => Some(Form::JsonLines),
            _ => None,
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let (folder, words) = arguments.folder_and_words()?;
    let run = Run::read(&folder)?;
    tell_presence(&folder, &run.presence);
    let asked = Asked { arguments, folder: &folder, words, run: &run };
    say(&if arguments.left_out {
        asked.left_out()?
    } else if arguments.claims {
        asked.claims()?
    } else {
        asked.tables()?
    })?;
    Ok(ExitStatus::Good)
}

impl Arguments {
    /// The folder of the run, and the other words. The first word is a folder where there is one, or where it looks like
    /// a path; a workload's name is a workload.
    fn folder_and_words(&self) -> Result<(PathBuf, &[String])> {
        if let Some((first, others)) = self.words.split_first() {
            let is_name = !self.claims && Workload::from_name(first).is_some();
            let is_path = !self.claims && first.contains('/');
            if !is_name && (is_path || Path::new(first).is_dir()) {
                return Ok((first.into(), others));
            }
            ensure!(
                is_name || self.claims,
                "unknown workload {first:?}, and no folder has that name{}",
                harness::did_you_mean(first, Workload::NAMES)
            );
        }
        let here = PathBuf::from(LATEST);
        let folder = if here.exists() { here } else { Lab::root()?.join(LATEST) };
        Ok((folder, &self.words))
    }
}

/// What was asked of a run.
struct Asked<'a> {
    arguments: &'a Arguments,
    folder: &'a Path,
    /// Workloads, or claims.
    words: &'a [String],
    run: &'a Run,
}

impl Asked<'_> {
    fn left_out(&self) -> Result<String> {
        if let Some(word) = self.words.first() {
            bail!("--left-out is of the whole run; leave {word:?} out");
        }
        Ok(whole::left_out(self.run).join("\n"))
    }

    /// The tables of the workloads that were named, or a list of all and the thousand tasks.
    fn tables(&self) -> Result<String> {
        self.check_workloads()?;
        self.check_runtimes()?;
        let mut found = sheets(self.run, &|label| self.is_picked(label));
        if self.words.is_empty() {
            found.truncate(usize::from(!headlines(self.run).is_empty()));
        } else {
            found.retain(|sheet| self.words.iter().any(|word| word == sheet.workload));
            found.sort_by_key(|sheet| self.words.iter().position(|word| word == sheet.workload));
        }
        found.retain(|sheet| !sheet.table.rows.is_empty());
        ensure!(
            !found.is_empty() || self.words.is_empty(),
            "nothing was measured of {} on {}; {} says why",
            self.arguments.runtimes.join(", "),
            self.words.join(", "),
            self.command("--left-out")
        );
        if let Some(form) = self.arguments.form.get() {
            return Ok(rows(&numbers(&found), form));
        }
        let mut parts: Vec<Vec<String>> = found.iter().map(whole::sheet).collect();
        if self.words.is_empty() {
            let hint = format!("One of them in full: {}", self.command("WORKLOAD"));
            parts.insert(0, [whole::list(self.run), vec![hint]].concat());
        }
        Ok(parts.iter().map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n"))
    }

    fn command(&self, more: &str) -> String {
        format!("{} table {} {more}", program(), self.folder.display())
    }

    fn check_workloads(&self) -> Result<()> {
        let known = distinct(self.run.cells().map(|cell| cell.workload.as_str()));
        if let Some(word) = self.words.iter().find(|word| !known.contains(&word.as_str())) {
            let there_are = format!("; there are: {}", known.join(", "));
            ensure!(
                Workload::from_name(word).is_none(),
                "the run in {} has no workload {word}{there_are}",
                self.folder.display()
            );
            bail!("unknown workload {word:?}{}", harness::did_you_mean(word, known.iter().copied()));
        }
        Ok(())
    }

    fn check_runtimes(&self) -> Result<()> {
        let known = distinct(self.run.cells().map(|cell| cell.label.as_str()));
        for pattern in &self.arguments.runtimes {
            ensure!(
                known.iter().any(|label| is_like(pattern, label)),
                "unknown runtime {pattern:?}{}",
                harness::did_you_mean(pattern, known.iter().copied())
            );
        }
        Ok(())
    }

    fn is_picked(&self, label: &str) -> bool {
        let patterns = &self.arguments.runtimes;
        patterns.is_empty() || patterns.iter().any(|pattern| is_like(pattern, label))
    }

    /// The verdicts in a list; of claims that were named in full.
    fn claims(&self) -> Result<String> {
        self.check_runtimes()?;
        self.check_claims()?;
        let verdicts = self.run.verdicts.iter();
        let asked =
            verdicts.filter(|row| self.words.is_empty() || self.words.iter().any(|word| is_of(row, word)));
        let picked = asked.filter(|row| self.is_picked(&row.runtime) || self.is_picked(&row.baseline));
        let picked: Vec<&VerdictRow> = picked.collect();
        if let Some(form) = self.arguments.form.get() {
            return Ok(rows(&picked.into_iter().cloned().collect::<Vec<_>>(), form));
        }
        let is_named = |row: &&VerdictRow| self.words.iter().any(|word| is_claim(row, word));
        if !self.words.is_empty() && picked.iter().all(is_named) {
            let parts = picked.iter().map(|row| claims::whole(self.run, row).join("\n"));
            return Ok(parts.collect::<Vec<_>>().join("\n\n"));
        }
        let mut lines = claims::list(&picked);
        lines.push(format!("One of them in full: {}", self.command("--claims CLAIM")));
        Ok(lines.join("\n"))
    }

    fn check_claims(&self) -> Result<()> {
        let verdicts = &self.run.verdicts;
        ensure!(!verdicts.is_empty(), "the run in {} has no claims", self.folder.display());
        if let Some(word) = self.words.iter().find(|word| !verdicts.iter().any(|row| is_of(row, word))) {
            let known = verdicts.iter().flat_map(|row| [&*row.claim, name_of(&row.claim), &*row.experiment]);
            bail!("unknown claim {word:?}{}", harness::did_you_mean(word, distinct(known)));
        }
        Ok(())
    }
}

/// Whether a word names the claim or its experiment.
fn is_of(row: &VerdictRow, word: &str) -> bool {
    row.experiment == word || is_claim(row, word)
}

/// Whether a word names the claim: the whole id, or what it has in common with those of the same sentence.
fn is_claim(row: &VerdictRow, word: &str) -> bool {
    row.claim == word || name_of(&row.claim) == word
}

/// The rows that the tables show, each once.
fn numbers(sheets: &[Sheet]) -> Vec<results::SummaryRow> {
    let mut seen = HashSet::new();
    let all = sheets.iter().flat_map(|sheet| sheet.rows.iter().copied());
    all.filter(|row| seen.insert((&row.cell, row.metric))).cloned().collect()
}

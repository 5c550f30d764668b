//! `kilotask describe-csv`: describes the columns of the CSV files.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use results::readme::with_tables;
use results::rows::{self, TABLES};
use results::table::Table;

use crate::exit::ExitStatus;
use crate::lab::say;
use crate::table::new_table;

/// Describe each column of each CSV file: its meaning, unit and source, and when it is empty
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask describe-csv\n  kilotask describe-csv trials.csv\n  \
kilotask describe-csv results/latest/spans/thousand-tasks_sleep-1000-1ms_tokio.csv\n  \
kilotask describe-csv --json | jq -r '.[].columns[] | select(.unit == \"bytes\") | .name'\n\n\
datapackage.json beside the files has the same content, for programs that read Frictionless data packages.")]
pub struct Arguments {
    /// A file of a run, by its name or path [default: all]
    #[arg(value_name = "FILE")]
    file: Option<String>,

    /// Print an array of files, each with its columns, instead of tables
    #[arg(long)]
    json: bool,

    /// Write the tables into a README, between its markers
    #[arg(long, value_name = "README", hide = true, conflicts_with_all = ["file", "json"])]
    readme: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    if let Some(readme) = &arguments.readme {
        let text = fs::read_to_string(readme).with_context(|| format!("reading {}", readme.display()))?;
        let written = with_tables(&text).map_err(|problem| anyhow!("{}: {problem}", readme.display()))?;
        fs::write(readme, written).with_context(|| format!("writing {}", readme.display()))?;
        return Ok(ExitStatus::Good);
    }
    let tables = match &arguments.file {
        Some(file) => vec![table_of(file)?],
        None => TABLES.to_vec(),
    };
    if arguments.json {
        say(&serde_json::to_string_pretty(&tables)?)?;
        return Ok(ExitStatus::Good);
    }
    let described: Vec<String> = tables.into_iter().map(describe).collect();
    say(&described.join("\n\n"))?;
    Ok(ExitStatus::Good)
}

fn table_of(file: &str) -> Result<&'static Table> {
    let Some(table) = rows::find(file) else {
        let name = file.rsplit('/').next().unwrap_or(file);
        bail!(
            "{file} is not a CSV file of a run{}",
            harness::did_you_mean(name, TABLES.iter().map(|table| table.file))
        );
    };
    Ok(table)
}

fn describe(table: &Table) -> String {
    let mut text = new_table(&["column", "type", "unit", "what it is, and where from", "empty when"]);
    for column in table.columns {
        let empty_when = column.empty_when.unwrap_or("never");
        text.add_row([column.name, column.kind.name(), column.unit, column.description, empty_when]);
    }
    format!("{}: one row per {}\n{text}", table.file, table.row)
}

//! `kilotask schema`: what goes over the wire, and a trial's row, as JSON Schemas.

use anyhow::Result;

use crate::exit::ExitStatus;
use crate::lab::say;

/// The schemas as they are committed; a test of the crate `schemas` holds them to the types.
const SCHEMAS: [(&str, &str); 5] = [
    ("job", include_str!("../../../../schemas/job.json")),
    ("event", include_str!("../../../../schemas/event.json")),
    ("description", include_str!("../../../../schemas/description.json")),
    ("probe", include_str!("../../../../schemas/probe.json")),
    ("sample", include_str!("../../../../schemas/sample.json")),
];

/// Print the JSON Schema of a line of the wire, or of a trial's row
#[derive(clap::Args)]
#[command(after_help = "Example:\n  kilotask schema event > event.json\n\n\
job, event, description and probe are what PROTOCOL.md is about; sample is what kilotask trial --json prints,\n\
a row of trials.csv.")]
pub struct Arguments {
    /// Of what
    #[arg(value_parser = known, value_name = "job|event|description|probe|sample")]
    name: &'static str,
}

/// Prints the schema.
pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let schema = SCHEMAS.iter().find(|(name, _)| *name == arguments.name);
    let (_, text) = schema.expect("the parser lets no other name pass");
    say(text.trim_end())?;
    Ok(ExitStatus::Good)
}

fn known(text: &str) -> Result<&'static str, String> {
    let names = SCHEMAS.map(|(name, _)| name);
    let found = names.into_iter().find(|name| *name == text);
    found.ok_or_else(|| format!("there is no schema of it{}", harness::did_you_mean(text, names)))
}

//! `kilotask schema`: JSON Schemas of the wire and of a trial's row.

use anyhow::Result;

use crate::arguments::one_of;
use crate::exit::ExitStatus;
use crate::lab::say;

/// The committed schemas; a test of the crate `schemas` compares them with the types.
const SCHEMAS: [(&str, &str); 6] = [
    ("job", include_str!("../../../../schemas/job.json")),
    ("go", include_str!("../../../../schemas/go.json")),
    ("event", include_str!("../../../../schemas/event.json")),
    ("description", include_str!("../../../../schemas/description.json")),
    ("probe", include_str!("../../../../schemas/probe.json")),
    ("sample", include_str!("../../../../schemas/sample.json")),
];

/// Print the JSON Schema of a message of the protocol, or of a trial's row
#[derive(clap::Args)]
#[command(after_help = "Example:\n  kilotask schema event > event.json\n\n\
PROTOCOL.md explains job, go, event, description and probe; sample is a row of trials.csv, which \
kilotask trial --json prints.")]
pub struct Arguments {
    /// Which schema
    #[arg(value_parser = known, value_name = "job|go|event|description|probe|sample")]
    name: &'static str,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let schema = SCHEMAS.iter().find(|(name, _)| *name == arguments.name);
    let (_, text) = schema.expect("the parser lets no other name pass");
    say(text.trim_end())?;
    Ok(ExitStatus::Good)
}

fn known(text: &str) -> Result<&'static str, String> {
    one_of("unknown schema", &SCHEMAS.map(|(name, _)| name), |name| name, text)
}

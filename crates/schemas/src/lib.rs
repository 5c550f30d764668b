//! JSON Schemas of what goes over the wire and of a trial's row, generated from the types of
//! [`protocol`].
//!
//! They stand in `schemas/` at the root of the checkout, where a test holds them to the types;
//! `cargo run -p schemas` writes them anew. A crate of its own, so that no runner is built with what
//! generates them.

use std::path::PathBuf;

use protocol::{Description, Event, Go, Job, Probe};
use results::TrialRow;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

/// The schemas: name and text. Each tells its reader what may be counted on: what the lab writes (a job,
/// a row) has every key that is not optional, what a runner writes may leave out what has a default.
pub fn all() -> Vec<(&'static str, String)> {
    let written = || SchemaSettings::draft2020_12().for_serialize();
    let read = || SchemaSettings::draft2020_12().for_deserialize();
    vec![
        ("job", text(&schema::<Job>(written()))),
        ("go", text(&schema::<Go>(written()))),
        ("event", text(&schema::<Event>(read()))),
        ("description", text(&schema::<Description>(read()))),
        ("probe", text(&schema::<Probe>(read()))),
        ("sample", text(&schema::<TrialRow>(written()))),
    ]
}

/// Where the schema of that name is committed.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../schemas/{name}.json"))
}

fn schema<T: JsonSchema>(settings: SchemaSettings) -> Schema {
    settings.into_generator().into_root_schema_for::<T>()
}

/// The text of a schema. Links of rustdoc in its descriptions become plain words, each on one line.
fn text(schema: &Schema) -> String {
    let text = serde_json::to_string_pretty(schema).expect("a schema is JSON");
    let plain = [("(crate::proof)", ""), ("[`", "`"), ("`]", "`"), ("\\n", " ")];
    plain.iter().fold(text, |text, (of_rustdoc, plain)| text.replace(of_rustdoc, plain)) + "\n"
}

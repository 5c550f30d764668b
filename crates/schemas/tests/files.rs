//! The committed schemas are those of the types, and they tell right from wrong.

use std::fs;

use jsonschema::Validator;
use protocol::{Job, Workload};
use serde_json::{Value, json};

fn validator(name: &str) -> Validator {
    let text = fs::read_to_string(schemas::path(name)).expect("a committed schema");
    jsonschema::validator_for(&serde_json::from_str(&text).expect("JSON")).expect("a schema")
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    for (name, text) in schemas::all() {
        // As values: the order of keys is that of whoever else is built along.
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let committed = fs::read_to_string(schemas::path(name)).unwrap_or_default();
        assert!(
            value(&committed) == value(&text),
            "schemas/{name}.json is not that of the type: cargo run -p schemas, and commit it"
        );
    }
}

#[test]
fn a_job_as_the_lab_writes_it_holds() {
    let mut job = serde_json::to_value(Job::new("x", Workload::Sleep, 10, 7)).unwrap();
    assert!(validator("job").is_valid(&job));
    job["tasks"] = json!("ten");
    assert!(!validator("job").is_valid(&job));
}

#[test]
fn what_no_reader_would_take_does_not_hold() {
    let wrong: [(&str, Value); 6] = [
        ("event", json!({"event": "redy"})),
        ("event", json!({"event": "done"})),
        (
            "event",
            json!({"event": "done", "rounds": [{"makespan_ns": 1.5, "completed": 1, "checksum": "1"}]}),
        ),
        ("event", json!({"event": "done", "rounds": [{"makespan_ns": 1, "completed": 1, "checksum": 1}]})),
        ("event", json!({"event": "refused", "status": "ok", "reason": ""})),
        ("probe", json!({"available": "yes"})),
    ];
    for (name, value) in wrong {
        assert!(!validator(name).is_valid(&value), "{name}: {value}");
    }
}

#[test]
fn an_event_with_a_key_that_nobody_knows_holds() {
    assert!(validator("event").is_valid(&json!({"event": "ready", "mood": "good"})));
}

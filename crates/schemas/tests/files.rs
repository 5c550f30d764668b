//! The committed schemas are those of the types, and they tell right from wrong.

mod support;

use std::fs;

use protocol::{Job, Workload};
use serde_json::{Value, json};
use support::Schema;

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
    let mut job = serde_json::to_value(Job::new("x", Workload::Sleep, 10)).unwrap();
    assert!(Schema::committed("job").is_valid(&job));
    job["tasks"] = json!("ten");
    assert!(!Schema::committed("job").is_valid(&job));
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
        assert!(!Schema::committed(name).is_valid(&value), "{name}: {value}");
    }
}

#[test]
fn an_event_with_any_value_of_another_kind_does_not_hold() {
    let (event, report) =
        (Schema::committed("event"), json!({"makespan_ns": 1, "completed": 1, "checksum": "18"}));
    let usage = json!({"cpu_user_ns": 1, "allocations": 1, "faults_major": 0});
    let done = json!({"event": "done", "rounds": [report], "usage": usage});
    assert!(event.is_valid(&done));
    for place in ["/rounds/0/makespan_ns", "/rounds/0/completed", "/usage/cpu_user_ns", "/usage/allocations"]
    {
        for wrong in [json!(-1), json!(1.5), json!("1"), json!([])] {
            let mut done = done.clone();
            *done.pointer_mut(place).expect("it stands there") = wrong;
            assert!(!event.is_valid(&done), "{done}");
        }
    }
    for wrong in [json!(18), json!("-18"), json!("1.8e1"), json!("0x12"), json!(""), Value::Null] {
        let mut done = done.clone();
        done["rounds"][0]["checksum"] = wrong;
        assert!(!event.is_valid(&done), "{done}");
    }
}

#[test]
fn an_event_with_a_key_that_nobody_knows_holds() {
    assert!(Schema::committed("event").is_valid(&json!({"event": "ready", "mood": "good"})));
}

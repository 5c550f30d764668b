//! What every built runner says keeps to the schemas: each of its runtimes in each workload that it
//! claims, what it says of itself, and the row that a trial of it comes to.
//!
//! The runners are those of a release build, as `make test` makes them; one that is not built or not
//! available here has nothing to say.

mod support;

use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use harness::cell::{Cell, Request};
use harness::discover::{Runtime, discover};
use harness::process::{Bounds, Line, Side};
use harness::trial::{self, Instruments, Place};
use protocol::wire::GO;
use protocol::workload::{DURATION_NS, FILE_BYTES, SLICES, STEPS, TIMES};
use protocol::{Params, Status, Workload};
use results::Pass;
use serde_json::Value;
use support::Schema;

fn validate(runtime: &str, schema: &Schema, text: &str) {
    let value: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{runtime}: {error}: {text}"));
    if let Some(mistake) = schema.mistake_in(&value) {
        panic!("{runtime}: {text}: {mistake}");
    }
}

/// The runtimes of this checkout that work here; the reason why one does not is printed.
static RUNTIMES: LazyLock<Vec<Runtime>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout");
    discover(&root).expect("runners").into_iter().filter(works_here).collect()
});

fn works_here(runtime: &Runtime) -> bool {
    let Err(fault) = runtime.probe() else { return true };
    assert_eq!(fault.status(), Status::Unavailable, "{}: {fault}", runtime.info.name);
    eprintln!("{} is not tested: {fault}", runtime.info.name);
    false
}

/// The workloads that a runtime claims.
fn claimed(runtime: &Runtime) -> impl Iterator<Item = Workload> {
    runtime.info.workloads.iter().filter_map(|name| Workload::from_name(name))
}

/// A cell of two tasks that is soon over, but not before both have begun on a busy machine; `None` where the
/// runtime has no such cell.
fn short_cell(runtime: &Runtime, workload: Workload) -> Option<Cell> {
    let shorter = [(TIMES, 2), (STEPS, 10), (SLICES, 2), (DURATION_NS, 20_000_000), (FILE_BYTES, 1 << 16)];
    let params: Params = shorter
        .iter()
        .filter(|(name, _)| workload.param_spec(name).is_some())
        .map(|&(name, value)| (name.to_string(), value))
        .collect();
    let request = Request { experiment: "x".into(), workload, tasks: 2, workers: None, rounds: 1, params };
    request.on(&runtime.info, &runtime.info.name, 1).ok()
}

#[test]
fn every_trial_says_what_the_schemas_allow_and_is_such_a_row() {
    static GO_ON: AtomicBool = AtomicBool::new(false);
    let [job, go, event, row] = ["job", "go", "event", "sample"].map(Schema::committed);
    let place = Place::alone(Pass::Timed, 7);
    let bounds = Bounds { timeout: Duration::from_secs(60), memory_bytes: 1 << 34, interrupted: &GO_ON };
    let mut instruments = Instruments::plain(bounds);
    let mut lines = 0;
    for runtime in RUNTIMES.iter() {
        let name = &runtime.info.name;
        for cell in claimed(runtime).filter_map(|workload| short_cell(runtime, workload)) {
            let outcome = trial::run(runtime, &cell, place, &mut instruments).expect("nobody interrupts");
            assert!(!outcome.sample.status.is_failure(), "{name}: {}", outcome.sample.reason);
            validate(name, &row, &serde_json::to_string(&outcome.sample).expect("JSON"));
            for Line { from, text } in outcome.traffic.iter().filter(|line| line.text != GO) {
                // The first `go` is followed by an object.
                let given = text.strip_prefix(GO).filter(|_| *from == Side::Harness);
                let schema = if *from == Side::Runner {
                    &event
                } else if given.is_some() {
                    &go
                } else {
                    &job
                };
                validate(name, schema, given.unwrap_or(text));
                lines += 1;
            }
        }
    }
    assert!(lines == 0 || lines > 100, "only {lines} lines were said");
    eprintln!("{lines} lines keep to the schemas");
}

#[test]
fn every_runtime_in_rust_says_of_every_workload_whether_it_has_it() {
    // Those on request are of known truth and compute: they need say no more.
    let ours = |one: &&Runtime| one.info.language == "rust" && !one.info.on_request;
    for runtime in RUNTIMES.iter().filter(ours) {
        let claimed: Vec<Workload> = claimed(runtime).collect();
        for workload in Workload::ALL {
            let refused = runtime.info.unsupported.contains_key(workload.name());
            assert_ne!(claimed.contains(&workload), refused, "{} {}", runtime.info.name, workload.name());
        }
    }
}

#[test]
fn every_runner_describes_itself_and_is_probed_as_the_schemas_allow() {
    let (description, probe) = (Schema::committed("description"), Schema::committed("probe"));
    for runtime in RUNTIMES.iter() {
        let name = &runtime.info.name;
        for (schema, question) in [(&description, &["describe"][..]), (&probe, &["probe", name])] {
            let mut command = runtime.runner.command(false).expect("every runner has a command");
            let said = command.args(question).output().expect("the runner starts").stdout;
            validate(name, schema, &String::from_utf8_lossy(&said));
        }
    }
}

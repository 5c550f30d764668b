//! What every built runner really says holds against the schemas: each of its runtimes in each workload
//! that it claims, and what it says of itself.
//!
//! The runners are those of a release build, as `make test` makes them; one that is not built or not
//! available here has nothing to say.

use std::fs;
use std::path::Path;

use harness::cell::Request;
use harness::discover::{Runtime, discover};
use jsonschema::Validator;
use protocol::workload::{DURATION_NS, FILE_BYTES, SLICES, STEPS, TIMES};
use protocol::{Job, Params, Pass, Workload};
use serde_json::Value;
use wire_test::{Line, Side, traffic};

/// The schemas that lines are held against.
struct Schemas {
    job: Validator,
    event: Validator,
}

fn validator(name: &str) -> Validator {
    let text = fs::read_to_string(schemas::path(name)).expect("a committed schema");
    jsonschema::validator_for(&serde_json::from_str(&text).expect("JSON")).expect("a schema")
}

impl Schemas {
    fn read() -> Self {
        Self { job: validator("job"), event: validator("event") }
    }

    fn check(&self, runtime: &str, line: &Line) {
        let schema = match line.from {
            Side::Harness if line.text == "go" => return,
            Side::Harness => &self.job,
            Side::Runner => &self.event,
        };
        hold(runtime, schema, &line.text);
    }
}

fn hold(runtime: &str, schema: &Validator, text: &str) {
    let value: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{runtime}: {error}: {text}"));
    let mistakes: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(mistakes.is_empty(), "{runtime}: {text}: {}", mistakes.join("; "));
}

/// The runtimes of this checkout that work here.
fn runtimes() -> Vec<Runtime> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout");
    let runtimes = discover(&root).expect("runners");
    runtimes.into_iter().filter(|runtime| runtime.probe().is_ok()).collect()
}

/// A job of two tasks that is soon over; `None` where the runtime has no such job.
fn short_job(runtime: &Runtime, workload: Workload) -> Option<Job> {
    let shorter = [(TIMES, 2), (STEPS, 10), (SLICES, 2), (DURATION_NS, 1_000_000), (FILE_BYTES, 1 << 16)];
    let params: Params = shorter
        .iter()
        .filter(|(name, _)| workload.param_spec(name).is_some())
        .map(|&(name, value)| (name.to_string(), value))
        .collect();
    let request = Request { experiment: "x".into(), workload, tasks: 2, workers: None, rounds: 1, params };
    request.on(&runtime.info, &runtime.info.name, 1).ok().map(|cell| cell.job(Pass::Timed, 7))
}

#[test]
fn every_runner_says_what_the_schemas_allow() {
    let schemas = Schemas::read();
    let mut lines = 0;
    for runtime in runtimes() {
        let claimed =
            Workload::ALL.iter().filter(|it| runtime.info.workloads.iter().any(|name| name == it.name()));
        for job in claimed.filter_map(|&workload| short_job(&runtime, workload)) {
            let mut command = runtime.runner.command(false).expect("every runner has a command");
            let said = traffic(&mut command, &job);
            for line in &said {
                schemas.check(&runtime.info.name, line);
            }
            lines += said.len();
        }
    }
    assert!(lines == 0 || lines > 100, "{lines} lines were heard");
    eprintln!("{lines} lines hold against the schemas");
}

#[test]
fn every_runner_describes_itself_and_is_probed_as_the_schemas_allow() {
    let (description, probe) = (validator("description"), validator("probe"));
    for runtime in runtimes() {
        let name = &runtime.info.name;
        for (schema, question) in [(&description, &["describe"][..]), (&probe, &["probe", name])] {
            let mut command = runtime.runner.command(false).expect("every runner has a command");
            let said = command.args(question).output().expect("the runner starts").stdout;
            hold(name, schema, &String::from_utf8_lossy(&said));
        }
    }
}

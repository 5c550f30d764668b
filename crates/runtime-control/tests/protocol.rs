//! PROTOCOL.md says what a runner really says, and its arithmetic is that of the proofs.

use harness::conformance::runner_test::RunnerTest;
use harness::process::{Line, Side};
use protocol::proof::{block, expected, sleep_ns};
use protocol::wire::decode;
use protocol::workload::{DURATION_NS, JITTER_NS};
use protocol::{Description, Done, Event, Go, Job, PROTOCOL, Params, ProofInputs, Usage, Workload};
use serde_json::{Value, json};

const PAGE: &str = include_str!("../../../PROTOCOL.md");

/// The lines of the page's transcript.
fn transcript() -> Vec<Line> {
    let said = |line: &str| {
        let (from, text) = match line.split_once(' ')? {
            ("→", text) => (Side::Harness, text),
            ("←", text) => (Side::Runner, text),
            _ => return None,
        };
        Some(Line { from, text: text.into() })
    };
    PAGE.lines().filter_map(said).collect()
}

/// What kind of values stand where; what must be said as it is stands as it is.
fn shape(text: &str) -> Value {
    fn of(value: &Value) -> Value {
        match value {
            Value::Object(entries) => {
                let exact = ["event", "completed", "checksum"];
                let entry = |(key, value): (&String, &Value)| {
                    (key.clone(), if exact.contains(&&**key) { value.clone() } else { of(value) })
                };
                entries.iter().map(entry).collect()
            }
            Value::Array(values) => values.iter().map(of).collect(),
            Value::String(_) => json!("text"),
            Value::Number(_) => json!("number"),
            other => other.clone(),
        }
    }
    let (word, object) = text.strip_prefix("go ").map_or(("", text), |object| ("go ", object));
    serde_json::from_str(object).map_or_else(|_| json!(text), |value| json!([word, of(&value)]))
}

#[test]
fn the_transcript_is_what_the_floor_says() {
    let page = transcript();
    let job: Job = decode(page[0].text.as_bytes()).expect("the page begins with a job");
    let go = Go::of_line(page[2].text.as_bytes()).expect("go comes after ready");
    let said = RunnerTest::new(env!("CARGO_BIN_EXE_runtime-control")).traffic(&job, go.seed);
    let shapes = |lines: &[Line]| lines.iter().map(|line| (line.from, shape(&line.text))).collect::<Vec<_>>();
    assert_eq!(shapes(&page), shapes(&said), "PROTOCOL.md has another transcript than {said:#?}");
}

#[test]
fn the_description_on_the_page_is_one() {
    let line = PAGE.lines().find(|line| line.starts_with("{\"protocol\"")).expect("a description");
    let description: Description = decode(line.as_bytes()).expect("a description");
    assert_eq!((description.protocol, &*description.runtimes[0].name), (PROTOCOL, "foo"));
}

/// The cells of the rows of the table of results, backquotes left out.
fn rows() -> Vec<[String; 5]> {
    let (_, table) = PAGE.split_once("Expected results, for").expect("the table of results");
    let (table, _) = table.split_once("\n## ").expect("the next section");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().replace('`', "")).collect();
        cells[1..6].to_vec().try_into().expect("five cells")
    })
    .collect()
}

/// `times 2, capacity 1`.
fn params(cell: &str) -> Params {
    let pairs = cell.split(", ").filter_map(|pair| pair.split_once(' '));
    pairs.map(|(name, value)| (name.into(), value.parse().expect("a number"))).collect()
}

#[test]
fn the_results_on_the_page_are_those_of_the_proofs() {
    let rows = rows();
    assert!(rows.len() >= 10, "{rows:?}");
    for [workload, tasks, given, completed, checksum] in rows {
        let workload = Workload::from_name(&workload).expect("a workload");
        let params = params(&given);
        assert!(params.keys().all(|name| workload.param_spec(name).is_some()), "{given}");
        let job = Job { params, ..Job::new("x", workload, tasks.parse().expect("a number")) };
        let expected = expected(workload, &job, 0, ProofInputs { seed: 7, ..ProofInputs::default() });
        let on_the_page = (completed.parse().expect("a number"), checksum.parse().expect("a number"));
        assert_eq!((expected.completed, expected.checksum), on_the_page, "{}", workload.name());
    }
}

#[test]
fn what_only_the_lab_can_add_up_has_an_example_of_its_own() {
    let params = Params::from([(DURATION_NS.into(), 1_000_000), (JITTER_NS.into(), 500_000)]);
    let sleeps = [0, 1, 2].map(|task| sleep_ns(&params, 7, task).to_string());
    assert!(PAGE.contains(&format!("are {}, {} and {} ns", sleeps[0], sleeps[1], sleeps[2])), "{sleeps:?}");
    let blocks = [0, 1, 2].map(|read| block(7, 0, read, 16384).to_string());
    assert!(PAGE.contains(&format!("begins with {}", blocks.join(", "))), "{blocks:?}");
}

#[test]
fn every_workload_every_parameter_and_every_key_is_on_the_page() {
    let job = Job { spans_file: Some("x".into()), ..Job::new("x", Workload::Sleep, 1) };
    let go = Go { seed: 7, origin: Some(([127, 0, 0, 1], 1).into()), file: Some("x".into()) };
    let usage = Usage {
        cpu_user_ns: Some(1),
        cpu_system_ns: Some(1),
        switches_voluntary: Some(1),
        switches_involuntary: Some(1),
        faults_minor: Some(1),
        faults_major: Some(1),
        allocations: Some(1),
        deallocations: Some(1),
        reallocations: Some(1),
        allocated_bytes: Some(1),
    };
    let done = Event::Done(Done { rounds: Vec::new(), usage });
    let keys = |value: Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let mut words = keys(json!(job));
    words.extend(keys(json!(go)));
    words.extend(keys(json!(done)));
    words.extend(keys(json!(usage)));
    for workload in Workload::ALL {
        words.push(workload.name().into());
        words.extend(workload.params().iter().map(|spec| spec.name.into()));
    }
    for word in words {
        assert!(
            PAGE.contains(&format!("`{word}`")) || PAGE.contains(&format!("\"{word}\"")),
            "{word} is not on the page"
        );
    }
}

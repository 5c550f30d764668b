//! A run in the formats of other tools, and the description of its files.

use std::fs;
use std::path::PathBuf;

use crate::support::Checkout;
use results::folder::TRIALS;
use serde_json::Value;

#[test]
fn a_run_goes_to_standard_output_in_each_format() {
    let checkout = Checkout::with_run(&["a", "b"], 4);
    let export = |format: &str| -> Value { checkout.run(&["export", "results", "--format", format]).json() };
    // Three blocks count; a disturbed trial has another beside it.
    let timed = |cell: &str| {
        let trials = checkout.read("results/trials.csv");
        let row = |row: &&str| row.contains(&format!(",{cell},")) && row.contains(",timed,");
        trials.lines().filter(row).count() - 1
    };
    let (of_a, of_b) = (timed("x_spawn-10_a"), timed("x_spawn-10_b"));
    assert!(of_a >= 3 && of_b >= 3, "{of_a} {of_b}");
    let hyperfine = export("hyperfine");
    assert_eq!(hyperfine["results"].as_array().unwrap().len(), 2);
    assert_eq!(hyperfine["results"][0]["times"], serde_json::json!(vec![1e-6; of_a]));
    assert_eq!(export("hyperfine-2")["results"][1]["measurements"].as_array().unwrap().len(), of_b);
    let pyperf = export("pyperf");
    assert_eq!(pyperf["benchmarks"][0]["runs"].as_array().unwrap().len(), of_a);
    assert!(pyperf["metadata"]["cpu_count"].as_u64().is_some_and(|cpus| cpus > 0));
    assert_eq!(export("bencher")["x_spawn-10_a"]["makespan_ns"]["value"], 1000.0);
}

#[test]
fn spans_become_a_log_of_latencies() {
    let folder = results::fixture::reference();
    let log = Checkout::new().succeed(&["export", folder.to_str().unwrap(), "--format", "hdr"]);
    let spans = fs::read_dir(folder.join("spans")).unwrap().count();
    assert_eq!(log.lines().filter(|line| line.starts_with("Tag=")).count(), spans);
    assert!(log.contains("#[StartTime: "), "{}", log.lines().next().unwrap());
}

#[test]
fn out_is_a_file_or_the_folder_of_one() {
    let checkout = Checkout::with_run(&["a", "b"], 4);
    let export = |out: &str| {
        assert_eq!(checkout.succeed(&["export", "results", "--format", "pyperf", "--out", out]), "");
    };
    export("mine.json");
    fs::create_dir(checkout.path().join("others")).unwrap();
    export("others");
    let text = checkout.read("mine.json");
    assert_eq!(text, checkout.read("others/pyperf.json"));
    assert!(text.ends_with("}\n"));
}

#[test]
fn metrics_are_chosen_and_what_a_format_cannot_hold_is_named() {
    let checkout = Checkout::with_run(&["a", "b"], 4);
    let metrics = ["--metric", "startup_ns", "--metric", "makespan_ns", "--metric", "startup_ns"];
    let arguments = [&["export", "results", "--format", "pyperf"][..], &metrics].concat();
    let suite = checkout.run(&arguments).json();
    let names: Vec<&Value> = suite["benchmarks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|benchmark| &benchmark["metadata"]["name"])
        .collect();
    let cells = ["x_spawn-10_a", "x_spawn-10_b"];
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(
        cells.iter().all(|cell| names.contains(&&Value::from(format!("{cell}/startup_ns")))),
        "{names:?}"
    );
    let all = checkout.succeed(&["export", "results", "--format", "bencher", "--metric", "all"]);
    assert!(all.contains("process_lifetime_ns") && all.contains("makespan_ns"), "{all}");
    let said = checkout.run(&["export", "results", "--format", "pyperf", "--metric", "all"]);
    assert!(said.code == 0 && said.err.contains("pyperf holds only what is above 0"), "{}", said.err);
}

#[test]
fn wrong_input_is_refused_with_what_is_wrong_and_how_to_fix_it() {
    let checkout = Checkout::with_run(&["a", "b"], 4);
    fs::create_dir(checkout.path().join("empty")).unwrap();
    for format in ["hyperfine", "hyperfine-2", "pyperf", "bencher", "hdr"] {
        for expected in ["empty/plan.json", "name the folder of a run"] {
            checkout.refuse(&["export", "empty", "--format", format], expected);
        }
    }
    for (arguments, expected) in [
        (&["hyperfin"][..], "unknown format; did you mean \"hyperfine\"?"),
        (&["pyperf", "--metric", "makespan"], "did you mean \"makespan_ns\"?"),
        (&["pyperf", "--metric", "threads_peak"], "no trial that counts has threads_peak"),
        (&["hdr"], "results: it has no spans"),
        (&["bencher", "--out", "/proc/nowhere/x.json"], "writing /proc/nowhere/x.json: "),
        (&["bencher", "--out", "/proc/nowhere/x.json"], "name a file in a writable folder with --out"),
    ] {
        checkout.refuse(&[&["export", "results", "--format"], arguments].concat(), expected);
    }
}

#[test]
fn a_run_describes_its_files_in_the_same_bytes_each_time() {
    let checkout = Checkout::with_run(&["a", "b"], 4);
    let before = checkout.read("results/datapackage.json");
    let package: Value = serde_json::from_str(&before).unwrap();
    let resources = package["resources"].as_array().unwrap();
    let described: Vec<&str> = resources.iter().map(|one| one["path"].as_str().unwrap()).collect();
    let files: Vec<PathBuf> = (fs::read_dir(checkout.path().join("results")).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .collect();
    assert_eq!(described.len(), files.len(), "{described:?} of {files:?}");
    for (file, resource) in described.iter().zip(resources) {
        let text = checkout.read(&format!("results/{file}"));
        let fields = resource["schema"]["fields"].as_array().unwrap();
        let names: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
        assert_eq!(text.lines().next().unwrap(), names.join(","), "{file}");
    }
    checkout.succeed(&["aggregate", "results"]);
    assert_eq!(checkout.read("results/datapackage.json"), before);
}

#[test]
fn each_column_is_described_to_people_and_to_programs() {
    let checkout = Checkout::new();
    let all = checkout.succeed(&["describe-csv"]);
    assert!(
        all.contains("trials.csv: one row per trial") && all.contains("calibration.csv: one row per"),
        "{all}"
    );
    let one = checkout.succeed(&["describe-csv", "results/latest/spans/some-cell.csv"]);
    assert!(
        one.starts_with("spans/CELL.csv: ") && one.contains("finish_ns") && !one.contains("trials.csv:"),
        "{one}"
    );
    let files = checkout.run(&["describe-csv", TRIALS, "--json"]).json();
    let columns = files[0]["columns"].as_array().unwrap();
    let later = columns.iter().find(|column| column["name"] == "later_makespan_ns").unwrap();
    assert_eq!((&later["type"], &later["unit"]), (&"integer".into(), &"ns".into()));
    assert_eq!(later["empty_when"], "one round");
    assert_eq!(columns[0]["empty_when"], Value::Null);
}

#[test]
fn a_file_that_no_run_has_is_answered_with_the_nearest_that_one_has() {
    Checkout::new().refuse(&["describe-csv", "results/latest/trails.csv"], "did you mean \"trials.csv\"?");
}

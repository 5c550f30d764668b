use std::fs;

use protocol::Params;
use protocol::workload::DURATION_NS;

use super::*;
use crate::cell::Workers;
use crate::plan::Plan;

fn runtime(name: &str) -> RuntimeInfo {
    RuntimeInfo {
        name: name.into(),
        workloads: vec!["sleep".into(), "hold".into()],
        params: Params::from([("stack_bytes".into(), 1)]),
        ..RuntimeInfo::default()
    }
}

fn read(text: &str) -> Result<Experiment, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.toml");
    fs::write(&path, text).unwrap();
    let runtimes = [runtime("tokio"), runtime("floor")];
    Experiment::read(&path, &runtimes.iter().collect::<Vec<_>>()).map_err(|error| {
        let text = error.to_string();
        text.strip_prefix(&format!("{}/", folder.path().display())).unwrap_or(&text).to_string()
    })
}

const HEAD: &str = "question = \"?\"\nruntimes = \"all\"\n";
const SLEEP: &str = "[[workload]]\nname = \"sleep\"\ntasks = [1]\n";

#[test]
fn every_combination_of_the_axes_is_a_request() {
    let text = "[[workload]]\nname = \"sleep\"\ntasks = [1, 10]\nduration = [\"1ms\", \"2ms\"]\nworkers = [1, \"all\"]\nrounds = 3";
    let experiment = read(&format!("{HEAD}{text}")).unwrap();
    assert_eq!(experiment.name, "x");
    assert_eq!(experiment.grids[0].requests.len(), 8);
    assert_eq!(experiment.grids[0].requests[7].params[DURATION_NS], 2_000_000);
    assert_eq!(experiment.grids[0].requests[7].workers, Some(Workers::All));
}

#[test]
fn a_runtime_can_stand_under_two_names() {
    let runtimes = "runtimes = [\"floor\", { runtime = \"floor\", label = \"floor-2\" }]";
    let text = format!("question = \"?\"\n{runtimes}\n{SLEEP}");
    let labels: Vec<String> =
        read(&text).unwrap().grids.remove(0).runtimes.unwrap().into_iter().map(|one| one.label).collect();
    assert_eq!(labels, ["floor", "floor-2"]);
}

#[test]
fn versions_are_found_wherever_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.toml");
    let text = "question = \"?\"\nruntimes = [\"tokio\", \"tokio@1.2.3\"]\n[[workload]]\nname = \"sleep\"\n\
                tasks = [1]\nruntimes = [{ runtime = \"floor@0.1.0\", label = \"old\" }, \"tokio@1.2.3\"]";
    fs::write(&path, text).unwrap();
    let names: Vec<String> = Experiment::versions(&path).unwrap().iter().map(Versioned::to_string).collect();
    assert_eq!(names, ["floor@0.1.0", "tokio@1.2.3"]);
    let error = read(text).unwrap_err();
    assert!(error.contains("x.toml:2: unknown runtime \"tokio@1.2.3\""), "{error}");
}

#[test]
fn an_opt_in_runtime_takes_part_only_where_it_is_named() {
    let grid = |text: &str| read(text).unwrap().grids.remove(0);
    let known = [RuntimeInfo { on_request: true, ..runtime("floor") }, runtime("tokio")];
    let names = |grid: &Grid| -> Vec<String> {
        grid.chosen(known.iter()).into_iter().map(|(info, _)| info.name.clone()).collect()
    };
    assert_eq!(names(&grid(&format!("{HEAD}{SLEEP}"))), ["tokio"]);
    let by_name = format!("question = \"?\"\nruntimes = [\"floor\"]\n{SLEEP}");
    assert_eq!(names(&grid(&by_name)), ["floor"]);
}

#[test]
fn a_workload_can_have_runtimes_of_its_own() {
    let grids = read(&format!("{HEAD}{SLEEP}runtimes = [\"floor\"]\n{SLEEP}")).unwrap().grids;
    assert_eq!(grids[0].runtimes.as_ref().unwrap()[0].runtime, "floor");
    assert!(grids[1].runtimes.is_none());
}

/// Asserts that each mistake of a table is reported. A row has the lines that follow the head, separated
/// by semicolons, and how the report begins or what it contains.
fn reported(head: &str, table: &str) {
    for row in table.trim().lines() {
        let (text, expected) = row.split_once('|').unwrap();
        let error = read(&format!("{head}{}", text.trim().replace("; ", "\n"))).unwrap_err();
        assert!(error.contains(expected.trim()), "{text}\n  gave {error}\n  not  {expected}");
    }
}

#[test]
fn mistakes_are_reported_with_file_and_line_and_the_nearest_word() {
    reported(
        HEAD,
        r#"
[[workload]]; name = "slep"; tasks = [1]                       | x.toml:4: unknown workload "slep"; did you mean "sleep"?
[[workload]]; name = "sleep"; taks = [1]                       | x.toml:5: unknown key "taks"; did you mean "tasks"?
[[workload]]; name = "sleep"; tasks = [1,;  0]                 | x.toml:6: 0 tasks: at least 1 is needed
[[workload]]; name = "sleep"; tasks = [-5]                     | x.toml:5: -5 tasks: at least 1 is needed
[[workload]]; name = "sleep"; tasks = [99999999999]            | x.toml:5: 99999999999 tasks: at most
[[workload]]; name = "hold"; tasks = [1]; duration = ["1ms"]   | x.toml:6: hold has no parameter "duration_ns"
[presets.quick]; blocks = 1; [[workload]]; name = "sleep"; tasks = [1] | 1 blocks are too few
[presets.full]; blocks = 4294967295; [[workload]]; name = "sleep"; tasks = [1] | 4294967295 blocks: at most 100000
[presets.full]; blocks = 2; max_rounds = 0; [[workload]]; name = "sleep"; tasks = [1] | 0 rounds: at least 1
                                                               | x.toml:1: missing field `workload`
"#,
    );
    reported(
        &format!("{HEAD}{SLEEP}"),
        r#"
duration = ["5"]                         | x.toml:6: "5" is not a duration
duration = ["-1ms"]                      | x.toml:6: "-1ms" is not a duration
duration = [5]                           | x.toml:6: 5 has no unit; write it like "5ms"
rounds = 1; params = { stack_byte = 1 }  | x.toml:7: sleep has no parameter "stack_byte"; did you mean "stack_bytes"?
rounds = 0                               | x.toml:6: 0 rounds: at least 1 is needed
leave_out = { tokyo = "far" }            | x.toml:6: unknown runtime "tokyo"; did you mean "tokio"?
workers = ["many"]                       | x.toml:6: workers = "many"
memory_limit_mib = 0                     | x.toml:6: 0 MiB of memory: at least 1 is needed
memory_limit_mib = 4611686018427387904   | x.toml:6: 4611686018427387904 MiB of memory: at most
most_blocks = 0                          | x.toml:6: 0 blocks: at least 1 is needed
"#,
    );
    let workload = SLEEP.trim_end().replace('\n', "; ");
    reported(
        "question = \"?\"\n",
        &format!(
            r#"
runtimes = [{{ runtime = "floor", labl = "x" }}]; {workload} | x.toml:2: expected a runtime's name, or {{ runtime =
runtimes = [;   "floor",;   "tokoi",; ]                      | missing field
runtimes = [;   "floor",;   "tokoi",; ]; {workload}          | x.toml:4: unknown runtime "tokoi"
"#
        ),
    );
}

const CLAIM: &str = "[source.a]\ntitle = \"t\"\nauthor = \"a\"\ndate = \"2025\"\n\
    [[workload]]\nname = \"sleep\"\ntasks = [1, 10, 100]\n[[claim]]\nid = \"faster\"\nsays = \"it is\"\n\
    source = \"a\"\nmetric = \"makespan_ns\"\n";

#[test]
fn a_claim_with_a_list_is_a_claim_of_each_and_named_after_it() {
    let text = "cell = \"sleep-10-1ms\"\nof = \"floor\"\nover = [\"tokio\", \"floor\"]\nexpect = \">= 2\"";
    let claims = read(&format!("{HEAD}{CLAIM}{text}")).unwrap().claims;
    let plan = Plan::empty(PresetName::Quick, 7);
    let claims: Vec<results::Claim> = claims.iter().map(|claim| claim.bind("x", &plan)).collect();
    let ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
    assert_eq!(ids, ["faster/tokio", "faster/floor"]);
    let untestable = claims[0].untestable.as_ref().unwrap();
    assert_eq!(untestable, "floor on sleep-10-1ms is not run: it is not in the plan");
}

#[test]
fn a_claim_without_the_other_is_about_a_value_and_with_a_star_about_a_crossover() {
    for text in [
        "cell = \"sleep-10-1ms\"\nof = \"floor\"\nexpect = \"<= 20ms\"",
        "cell = \"sleep-100-1ms\"\nover_cell = \"sleep-10-1ms\"\nof = \"floor\"\nexpect = \"<= 2\"",
        "cell = \"sleep-*-1ms\"\nof = \"floor\"\nover = \"tokio\"\nexpect = \"10 to 100\"",
    ] {
        assert!(read(&format!("{HEAD}{CLAIM}{text}")).is_ok(), "{text}");
    }
}

#[test]
fn a_claim_about_what_is_not_run_is_reported_with_its_line() {
    reported(
        &format!("{HEAD}{CLAIM}"),
        r#"
cell = "sleep-20-1ms"; of = "floor"; expect = "<= 20ms" | x.toml:15: the experiment runs no cell "sleep-20-1ms"; did you mean
cell = "sleep-10-1ms"; of = "tokoi"; expect = "<= 20ms" | x.toml:16: the experiment does not run "tokoi" on sleep-10-1ms; did you mean "tokio"?
cell = "sleep-10-1ms"; of = "floor"; expect = "fast"    | x.toml:17: "fast" is no
cell = "sleep-*-1ms"; of = "floor"; expect = "<= 20ms"  | x.toml:15: a crossover compares two
"#,
    );
    for (from, to, expected) in [
        ("makespan_ns", "makespan", "x.toml:14: unknown metric \"makespan\"; did you mean"),
        ("source = \"a\"", "source = \"b\"", "x.toml:13: unknown source \"b\""),
        ("\"faster\"", "\"Faster!\"", "x.toml:11: \"Faster!\" is not a valid name"),
    ] {
        let claim = "cell = \"sleep-10-1ms\"; of = \"floor\"; expect = \"<= 20ms\"";
        reported(&format!("{HEAD}{}", CLAIM.replace(from, to)), &format!("{claim} | {expected}"));
    }
}

#[test]
fn a_short_file_cannot_ask_for_more_cells_than_a_run_may_have() {
    let list = |count: u64| (1..=count).map(|value| value.to_string()).collect::<Vec<_>>().join(", ");
    let durations = (1..=900).map(|ms| format!("\"{ms}ms\"")).collect::<Vec<_>>().join(", ");
    // 900 to the fourth power: they are counted, and none is made.
    let axes = format!(
        "tasks = [{0}]\nduration = [{durations}]\njitter = [{durations}]\nworkers = [{0}]\n",
        list(900)
    );
    let error = read(&format!("{HEAD}[[workload]]\nname = \"sleep\"\n{axes}")).unwrap_err();
    assert!(error.starts_with("x.toml:3: its combinations on all runtimes"), "{error}");
    let error =
        read(&format!("{HEAD}[[workload]]\nname = \"sleep\"\ntasks = [{}]", list(60_000))).unwrap_err();
    assert!(error.contains("are 120000 cells: at most 100000"), "{error}");
}

#[test]
fn texts_for_people_are_of_one_line_and_show_what_a_terminal_would_obey() {
    let text = format!("question = \"\"\"=1\nwhy\\u001b[2J\\u202E\"\"\"\nruntimes = \"all\"\n{SLEEP}");
    assert_eq!(read(&text).unwrap().question, "'=1 why\\u{1b}[2J\\u{202e}");
    assert!(
        read(&format!("question = \"{}\"\nruntimes = \"all\"\n{SLEEP}", "x".repeat(99_999)))
            .is_ok_and(|experiment| experiment.question.len() == results::sanitize::MAX_TEXT)
    );
}

#[test]
fn claims_of_many_on_many_are_counted_before_they_are_made() {
    let many = vec!["\"floor\""; 100].join(", ");
    let text = format!("cell = \"sleep-10-1ms\"\nof = [{many}]\nover = [{many}]\nexpect = \">= 2\"");
    let error = read(&format!("{HEAD}{CLAIM}{text}")).unwrap_err();
    assert!(
        error.contains("x.toml:11: with the 10000 of this table there are more than 2000 claims"),
        "{error}"
    );
}

#[test]
fn what_is_no_regular_file_is_no_experiment() {
    let error = Experiment::read(Path::new("/dev/zero"), &[]).unwrap_err().to_string();
    assert_eq!(error, "/dev/zero: it is a device, where a regular file must be");
}

//! The page of several machines, and those of each.

use std::fs;
use std::path::Path;

use results::fixture::{cell_of, timed, write_merged};
use results::folder::{MERGE, PAGE, SPANS, SPANS_TASKS, of_machine, spans_of};
use results::merged::SpansOf;
use results::write::csv_file;
use results::{
    CellRef, Claim, Expectation, MachineRow, Metric, Plan, PresetName, Quantity, Source, SpanRow, TrialRow,
};
use tempfile::TempDir;

const BLOCKS: u32 = 13;

fn cell_ref(runtime: &str) -> CellRef {
    CellRef { cell: runtime.into(), runtime: runtime.into(), group: "g".into(), tasks: 10 }
}

fn claim(id: &str, quantity: Quantity, expect: &str) -> Claim {
    Claim {
        experiment: "e".into(),
        id: id.into(),
        says: "<b>so</b> it is said".into(),
        variant: false,
        source: Source { title: "T".into(), author: "A".into(), date: "2025".into(), address: None },
        metric: Metric::Makespan,
        expect: Expectation::parse(expect, quantity.unit("ns")).unwrap(),
        quantity,
        untestable: None,
    }
}

/// Blocks in which a takes so many times as long as the floor, for so many tasks.
fn trials_of(tasks: u64, factor: u64) -> Vec<TrialRow> {
    trials(factor).into_iter().map(|row| TrialRow { tasks, ..row }).collect()
}

fn trials(factor: u64) -> Vec<TrialRow> {
    let of_block = |block: u32| {
        let floor = 1_000_000 + 1000 * u64::from(block);
        [timed("a", block, floor * factor / 10 + u64::from(block % 3)), timed("floor", block, floor)]
    };
    (1..=BLOCKS).flat_map(of_block).collect()
}

/// A merged folder of four machines of two kinds, of which the last contradicts the others.
fn merged() -> TempDir {
    merged_of(10)
}

fn merged_of(tasks: u64) -> TempDir {
    let ratio = Quantity::Ratio { of: cell_ref("a"), over: cell_ref("floor") };
    let claims = vec![
        claim("more", ratio.clone(), ">= 1.1"),
        claim("close", ratio, ">= 0.5"),
        claim("short", Quantity::Value { of: cell_ref("a") }, "<= 10ms"),
    ];
    let plan = Plan {
        cells: ["a", "floor"].map(|id| cell_of(&TrialRow { tasks, ..timed(id, 0, 1) }, BLOCKS + 1)).into(),
        claims_sha256: results::hash(&claims),
        claims,
        ..Plan::empty(PresetName::Default, 7)
    };
    let machine = |(place, factor)| {
        let cpus = if place < 3 { 2 } else { 4 };
        let row = MachineRow { machine: format!("m{place}"), cpus, trials: 26, ..MachineRow::default() };
        (row, trials_of(tasks, factor))
    };
    let dir = tempfile::tempdir().unwrap();
    write_merged(dir.path(), &plan, [(1, 12), (2, 13), (3, 12), (4, 8)].map(machine));
    aggregate::aggregate_merged(dir.path()).unwrap();
    dir
}

fn page_of(folder: &Path) -> String {
    fs::read_to_string(folder.join(PAGE)).unwrap()
}

#[test]
fn the_page_names_the_machines_and_draws_each_claim() {
    let dir = merged();
    report::write_merged(dir.path()).unwrap();
    let page = page_of(dir.path());
    assert!(page.contains("<h1>4 machines of 2 kinds</h1>"));
    assert!(page.contains("<b>differs by machine</b>") && page.contains("holds on 3 of 4"), "{page}");
    assert!(
        page.contains("&lt;b&gt;so&lt;/b&gt;") || page.contains("&#60;b&#62;so&#60;/b&#62;"),
        "texts are escaped"
    );
    // A drawing of each claim, the last without a mean: its number has a unit.
    assert_eq!(page.matches("<svg").count(), 3);
    assert_eq!(page.matches("\nmean over machines\n").count(), 2);
    assert!(!page.contains("href=\"machines/"), "there are no pages of machines yet");
}

#[test]
fn a_machine_has_the_page_of_a_run_and_is_linked() {
    let dir = merged();
    let folder = of_machine(dir.path(), "m4").unwrap();
    report::write(&folder).unwrap();
    report::write_merged(dir.path()).unwrap();
    assert!(page_of(dir.path()).contains("<a href=\"machines/m4/report.html\">m4</a>"));
    assert!(page_of(&folder).contains("26, of which"), "its own trials alone");
    let page = page_of(&folder);
    assert!(page.contains("<a href=\"../../report.html\">All 4 machines</a>. This is m4."), "the way back");
    assert!(page.contains("<a href=\"../m1/report.html\">m1</a>") && !page.contains("../m4/"), "the others");
    // Its rows are among those of all.
    for file in ["trials.csv", "plan.json", "environment/m4.json"] {
        assert!(page.contains(&format!("href=\"../../{file}\"")), "{file}");
    }
    let whole = report::write(dir.path()).unwrap_err().to_string();
    assert!(whole.contains("has the parts of several machines; name one of them, as"), "{whole}");
}

#[test]
fn the_picture_of_a_thousand_tasks_is_on_the_page_of_all_and_on_that_of_the_machine_it_is_of() {
    let dir = merged_of(SPANS_TASKS);
    let spans: Vec<SpanRow> =
        (0..SPANS_TASKS).map(|task| SpanRow { start_ns: task, finish_ns: task + 1_000_000 }).collect();
    fs::create_dir(dir.path().join(SPANS)).unwrap();
    for cell in ["a", "floor"] {
        fs::write(spans_of(dir.path(), cell).unwrap(), csv_file(&spans)).unwrap();
    }
    let origin = SpansOf { machine: "m2".into(), part: "part".into() };
    let origins = ["a", "floor"].map(|cell| (cell, origin.clone()));
    let merge = serde_json::json!({ "spans": std::collections::BTreeMap::from(origins) });
    fs::write(dir.path().join(MERGE), merge.to_string()).unwrap();
    let pages = ["m1", "m2"].map(|machine| {
        let folder = of_machine(dir.path(), machine).unwrap();
        report::write(&folder).unwrap();
        page_of(&folder)
    });
    report::write_merged(dir.path()).unwrap();
    let all = page_of(dir.path());
    assert!(all.contains("All of it was measured on m2."), "it says on which machine");
    assert_eq!(pages.each_ref().map(|page| page.contains("id=\"figure-spans")), [false, true]);
    assert!(pages[1].contains("href=\"../../spans/\""), "the file is found");
}

#[test]
fn the_same_folder_gives_the_same_page() {
    let dir = merged();
    report::write_merged(dir.path()).unwrap();
    let before = page_of(dir.path());
    report::write_merged(dir.path()).unwrap();
    assert_eq!(page_of(dir.path()), before);
}

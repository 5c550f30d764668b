//! The ending of a run fits one screen, whatever was run.

use protocol::{Params, Status};
use report::Run;
use results::fixture::reference;
use results::folder::{ENDING, ENVIRONMENT, PAGE, PLAN, TRIALS};
use results::write::csv_file;
use results::{
    Cell, CellRef, Claim, Expectation, Metric, Plan, PlannedCell, PlannedExperiment, Preset, PresetName,
    Quantity, Source, TrialRow, estimate,
};
use std::fs;

use crate::support::Checkout;

/// What fits a terminal of 40 lines and 100 columns.
const LINES: usize = 40;
const COLUMNS: usize = 100;

/// Asserts that a text fits. A path or a command may be longer than a line: it is never cut.
fn fits(said: &str, columns: usize) {
    assert!(said.lines().count() <= LINES, "{} lines:\n{said}", said.lines().count());
    let is_too_long = |line: &&str| line.chars().count() > columns && !line.contains("kilotask ");
    assert_eq!(said.lines().find(is_too_long), None, "{said}");
}

/// The ending of a run of these files, aggregated in a folder of its own; `columns` as a shell exports it.
fn ending(checkout: &Checkout, columns: &str) -> String {
    let output = checkout.kilotask().env("COLUMNS", columns).args(["aggregate", "run"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_ending_of_the_reference_fits_and_has_the_numbers_of_its_files() {
    let checkout = Checkout::new();
    let folder = checkout.path().join("run");
    fs::create_dir(&folder).unwrap();
    for file in [PLAN, TRIALS, ENVIRONMENT, ENDING, PAGE] {
        fs::copy(reference().join(file), folder.join(file)).unwrap();
    }
    let said = ending(&checkout, "100");
    fits(&said, COLUMNS);
    fits(&ending(&checkout, "80"), 80);

    let run = Run::read(&folder).unwrap();
    let cell = run.cell_of("thousand-tasks_sleep-1000-1ms", "tokio").unwrap();
    let cold = run.summary_of(&cell.id, Metric::Makespan).unwrap();
    let shown = estimate(cold.median, cold.ci_low, cold.ci_high, &cold.unit).value;
    let line = said.lines().find(|line| line.starts_with("tokio")).unwrap();
    assert!(line.contains(&format!("{shown} [")), "{shown} is not in {line}");
    for words in ["41 of 41 blocks", "93 claims: ", "refuted: ", "Page: run/report.html"] {
        assert!(said.contains(words), "{words:?} is not in:\n{said}");
    }
    for command in ["kilotask table run", "kilotask table run echo --runtimes tokio,threads", "--claims"] {
        assert!(said.contains(command), "{command:?} is not in:\n{said}");
    }
}

/// A cell of an experiment with a thousand tasks.
fn cell(experiment: &str, label: &str, workload: &str) -> Cell {
    Cell {
        id: format!("{experiment}_{workload}-1000_{label}"),
        experiment: experiment.into(),
        group: format!("{experiment}_{workload}-1000"),
        label: label.into(),
        runtime: label.into(),
        workload: workload.into(),
        tasks: 1000,
        workers: 2,
        workers_asked: None,
        rounds: 1,
        params: if workload == "sleep" {
            Params::from([("duration_ns".into(), 1_000_000)])
        } else {
            Params::new()
        },
    }
}

/// A claim that no runtime keeps.
fn claim(number: usize, of: &Cell) -> Claim {
    let experiment = of.experiment.clone();
    let of =
        CellRef { cell: of.id.clone(), runtime: of.label.clone(), group: of.group.clone(), tasks: of.tasks };
    let says =
        "a task that waits costs next to nothing, whatever else there is to do on the machine ".repeat(3);
    let expect = Expectation::parse(">= 100s", "ns").unwrap();
    let source = Source { title: "t".into(), author: "a".into(), date: "2026".into(), address: None };
    Claim {
        experiment,
        id: format!("claim-{number}"),
        says,
        source,
        variant: false,
        metric: Metric::Makespan,
        quantity: Quantity::Value { of },
        expect,
        untestable: None,
    }
}

/// Fifteen trials of a cell, which takes longer the later its place.
fn trials_of(cell: &Cell, place: usize) -> impl Iterator<Item = TrialRow> {
    (0..15).map(move |block| {
        let makespan = 1_000_000 + 50_000 * place as u64 + 1000 * u64::from(block);
        TrialRow {
            makespan_ns: Some(makespan),
            startup_ns: Some(makespan / 2),
            process_lifetime_ns: Some(2 * makespan),
            started_at: format!("2026-01-01T00:00:{block:02}Z"),
            ..cell.blank_row(block, 0, results::Pass::Timed)
        }
    })
}

/// A run of a workload on 60 runtimes, with 200 claims of 20 other experiments, in a folder `run`.
fn large_run(workload: &str, change: impl Fn(&mut TrialRow)) -> Checkout {
    let checkout = Checkout::new();
    let usual = ["tokio", "threads", "java-virtual-threads", "python-asyncio", "python-threading"];
    let labels: Vec<String> = (0..60)
        .map(|number| match usual.get(number) {
            Some(label) => (*label).into(),
            None => format!("another-runtime-{number}"),
        })
        .collect();
    let experiments: Vec<String> = (0..20).map(|number| format!("experiment-{number}")).collect();
    let claimed: Vec<Cell> = experiments.iter().map(|name| cell(name, "tokio", "yield")).collect();
    let claims: Vec<Claim> = (0..200).map(|number| claim(number, &claimed[number % 20])).collect();
    let cells: Vec<Cell> = labels.iter().map(|label| cell("x", label, workload)).chain(claimed).collect();
    let preset =
        Preset { blocks: 15, counted: 0, traced: 0, instructions: 0, max_rounds: None, max_tasks: None };
    let planned = |name: &String| PlannedExperiment {
        name: name.clone(),
        file: format!("{name}.toml"),
        sha256: String::new(),
        question: "?".into(),
        preset,
    };
    let mut plan = Plan::empty(PresetName::Default, 7);
    plan.experiments = std::iter::once(&"x".to_string()).chain(&experiments).map(planned).collect();
    plan.claims_sha256 = results::hash(&claims);
    plan.claims = claims;
    let trials = cells.iter().enumerate().flat_map(|(place, cell)| trials_of(cell, place));
    let mut trials: Vec<TrialRow> = trials.collect();
    trials.iter_mut().for_each(change);
    let rows = |cell: Cell| PlannedCell { cell, ..results::fixture::planned("", 15) };
    plan.cells = cells.into_iter().map(rows).collect();
    fs::create_dir(checkout.path().join("run")).unwrap();
    fs::write(checkout.path().join("run").join(PLAN), plan.file()).unwrap();
    fs::write(checkout.path().join("run").join(TRIALS), csv_file(&trials)).unwrap();
    checkout
}

#[test]
fn sixty_runtimes_and_two_hundred_claims_fit_as_well() {
    let checkout = large_run("sleep", |_| ());
    let said = ending(&checkout, "100");
    fits(&said, COLUMNS);
    assert!(said.contains("more: kilotask table run --claims"), "{said}");
    assert!(said.contains("java-virtual-threads") && !said.contains("another-runtime-59"), "{said}");
    assert!(said.contains("refuted: "), "{said}");
    for columns in [80, 60] {
        fits(&ending(&checkout, &columns.to_string()), columns);
    }
}

#[test]
fn what_failed_comes_first_and_still_all_fits() {
    let fails = |trial: &mut TrialRow| {
        if trial.runtime.starts_with("another") {
            (trial.status, trial.makespan_ns) = (Status::Crashed, None);
            trial.reason = format!("exit status: 9 of {} {}", trial.runtime, "and more ".repeat(20));
        }
    };
    let said = ending(&large_run("sleep", fails), "100");
    fits(&said, COLUMNS);
    let failed: Vec<&str> = said.lines().take_while(|line| !line.is_empty()).collect();
    assert!(failed[0] == "Failed:" && failed[1].contains("another-runtime-5, 15 trials"), "{said}");
    assert!(
        failed.len() <= 6 && failed.last().unwrap().contains("51 more: kilotask table run --left-out"),
        "{said}"
    );
}

#[test]
fn a_run_without_the_thousand_tasks_shows_its_first_workload() {
    let said = ending(&large_run("spawn", |_| ()), "100");
    fits(&said, COLUMNS);
    assert!(said.lines().any(|line| line.starts_with("tokio") && line.contains("1.0")), "{said}");
}

#[test]
fn a_comparison_of_two_large_runs_fits_unless_all_is_asked_for() {
    let before = large_run("sleep", |_| ());
    let after = large_run("sleep", |trial| trial.makespan_ns = trial.makespan_ns.map(|ns| 200_000 * ns));
    let [a, b] = [&before, &after].map(|checkout| {
        ending(checkout, "100");
        checkout.path().join("run").to_str().unwrap().to_string()
    });
    let compare =
        |more: &[&str]| before.succeed(&[&["compare", &a, &b, "--metric", "makespan_ns"], more].concat());
    let said = compare(&[]);
    fits(&said, COLUMNS);
    for words in ["more: --all", "verdict A", "200 claims: 0 agree"] {
        assert!(said.contains(words), "{words:?} is not in:\n{said}");
    }
    let all = compare(&["--all"]);
    assert!(
        all.contains("x_sleep-1000_another-runtime-59") && all.contains("experiment-19: claim-199"),
        "{all}"
    );
}

#[test]
fn the_thousand_tasks_are_shown_once_they_are_known_and_the_run_goes_on() {
    let Some(checkout) = Checkout::with_threads() else { return };
    let text = "question = \"?\"\nruntimes = [\"threads\"]\npresets.default = { blocks = 4, counted = 0, traced = 0 }\n\
                [[workload]]\nname = \"sleep\"\ntasks = [1000]\nduration = [\"1ms\"]\n";
    checkout.write("x.toml", text);
    let said = checkout.run(&["run", "x.toml", "--out", "results", "--sittings", "2"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let (_, early) = said.err.split_once("So far (the run goes on):\n").expect("a table comes early");
    for text in [early, &said.out] {
        assert!(text.contains("1,000 tasks that sleep 1 ms each") && text.contains("\nthreads"), "{text}");
    }
    assert!(!said.out.contains("So far"), "{}", said.out);
}

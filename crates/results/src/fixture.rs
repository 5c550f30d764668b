//! Made-up runs, for the tests of the crates that read runs (feature `fixture`).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use protocol::Params;
use tempfile::TempDir;

use crate::checksum::Checksums;
use crate::folder::{ENDING, ENVIRONMENT, MACHINES, PLAN, ROUNDS, SPANS, TRIALS};
use crate::write::{csv_file, csv_rows, header, json_file, sealed_file};
use crate::{
    Cell, Ending, Environment, MachineRow, Pass, Plan, PlannedCell, PresetName, RoundRow, SpanRow, Stopped,
    TrialRow,
};

/// A timed trial that is `ok`, of a cell named after its runtime, in which nothing was measured.
pub fn sample(runtime: &str, block: u32) -> TrialRow {
    TrialRow {
        experiment: "e".into(),
        cell: runtime.into(),
        group: "g".into(),
        block,
        runtime: runtime.into(),
        runtime_version: "1.0".into(),
        language: "rust".into(),
        workload: "sleep".into(),
        tasks: 10,
        workers: 2,
        rounds: 1,
        params: "duration_ns=1000000".into(),
        started_at: format!("2026-01-01T00:00:{block:02}.250000Z"),
        ..TrialRow::default()
    }
}

/// A timed trial with this makespan.
pub fn timed(runtime: &str, block: u32, makespan_ns: u64) -> TrialRow {
    TrialRow { makespan_ns: Some(makespan_ns), ..sample(runtime, block) }
}

/// A cell of this name with so many timed trials.
pub fn planned(id: &str, timed: u32) -> PlannedCell {
    let cell = Cell {
        id: id.into(),
        experiment: "x".into(),
        group: "x".into(),
        label: id.into(),
        runtime: id.into(),
        workload: "sleep".into(),
        tasks: 1,
        workers: 1,
        workers_asked: None,
        rounds: 1,
        params: Params::new(),
    };
    PlannedCell {
        cell,
        timed,
        processes: 1,
        counted: 0,
        traced: 0,
        instructions: 0,
        ceiling: false,
        memory_limit_mib: None,
        expected_us: None,
        burn_in: true,
    }
}

/// The cell of a trial with so many timed ones.
pub fn cell_of(row: &TrialRow, timed: u32) -> PlannedCell {
    let planned = planned(&row.cell, timed);
    let params = row.params.split(';').filter_map(|param| param.split_once('='));
    let cell = Cell {
        experiment: row.experiment.clone(),
        group: row.group.clone(),
        label: row.runtime.clone(),
        runtime: row.runtime.clone(),
        workload: row.workload.clone(),
        tasks: row.tasks,
        workers: row.workers,
        rounds: row.rounds,
        params: params.filter_map(|(name, value)| Some((name.into(), value.parse().ok()?))).collect(),
        ..planned.cell
    };
    PlannedCell { cell, ..planned }
}

/// The folder of a run of these trials, whose block 0 is burn-in.
pub fn run(trials: &[TrialRow]) -> TempDir {
    run_of(&Plan::empty(PresetName::Default, 7), trials)
}

/// The folder of a run of this plan.
pub fn run_of(plan: &Plan, trials: &[TrialRow]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in [(PLAN, plan.file()), (TRIALS, sealed_file(trials, plan.row_key()))] {
        std::fs::write(folder.path().join(name), bytes).expect("a temporary folder can be written");
    }
    folder
}

/// Writes a folder into which the parts of these machines were merged, one part of each; their rows are made one after
/// the other, so that they do not have to fit into memory.
pub fn write_merged<T: IntoIterator<Item = TrialRow>>(
    folder: &Path,
    plan: &Plan,
    machines: impl IntoIterator<Item = (MachineRow, T)>,
) {
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.join(name), bytes).expect("a temporary folder can be written");
    };
    write(PLAN, plan.file().as_ref());
    let with_names = |row: Vec<u8>, names: &str| {
        let row = String::from_utf8(row).expect("what a run writes is UTF-8");
        format!("{},{names}\n", row.trim_end())
    };
    let file = File::create(folder.join(TRIALS)).expect("a temporary folder can be written");
    let mut file = BufWriter::new(file);
    let mut append = |row: String| file.write_all(row.as_bytes()).expect("a temporary file can be written");
    append(with_names(header::<TrialRow>(), "machine,part"));
    let mut listed = Vec::new();
    for (machine, trials) in machines {
        for trial in trials {
            append(with_names(csv_rows(&[trial]), &format!("{},part", machine.machine)));
        }
        listed.push(machine);
    }
    file.flush().expect("a temporary file can be written");
    write(MACHINES, &csv_file(&listed));
}

/// The folder of a run that has all of its plan and all of its files, those of `aggregate` and `report` aside: two cells of
/// a group, with several processes, three rounds, the other passes, spans, and checksums of its rows.
pub fn whole() -> TempDir {
    whole_of("7e57")
}

/// The same of a plan with this `id`.
pub fn whole_of(id: &str) -> TempDir {
    let (id, cells) = (Some(id.into()), ["a", "b"].map(whole_cell).into());
    let plan = Plan { id, cells, cores: 2, ..Plan::empty(PresetName::Default, 7) };
    let (mut trials, mut rounds) = (Vec::new(), Vec::new());
    for block in 0..plan.blocks() {
        for planned in &plan.cells {
            for pass in Pass::ALL {
                for process in 0..plan.trials_in(planned, pass, block, plan.blocks()) {
                    let row = TrialRow { process, ..planned.cell.blank_row(block, 0, pass) };
                    let row = proven(row);
                    rounds.extend(rounds_of(&row));
                    trials.push(row);
                }
            }
        }
    }
    let folder = run_of(&plan, &trials);
    let ending = Ending { stopped: Stopped::Plan, blocks: 4, of: 4, ended_at: "2026-01-01T01:00:00Z".into() };
    let span = |task: u64| SpanRow { start_ns: 10 * task, finish_ns: 10 * task + 1_050_000 };
    let spans: Vec<SpanRow> = (0..1000).map(span).collect();
    std::fs::create_dir(folder.path().join(SPANS)).expect("a temporary folder can be written");
    let of_cells =
        plan.cells.iter().map(|planned| (format!("{SPANS}/{}.csv", planned.cell.id), csv_file(&spans)));
    let others = [
        (ROUNDS.to_string(), sealed_file(&rounds, plan.row_key())),
        (
            ENVIRONMENT.into(),
            json_file(&Environment { cpus: 2, kernel: "Linux".into(), ..Environment::default() }),
        ),
        (ENDING.into(), json_file(&ending)),
    ];
    for (name, bytes) in others.into_iter().chain(of_cells) {
        std::fs::write(folder.path().join(name), bytes).expect("a temporary folder can be written");
    }
    folder
}

/// Takes the checksums of the rows of a run anew, as somebody could who has changed its files.
pub fn seal_again(folder: &Path) {
    let plan = Plan::read(&folder.join(PLAN)).expect("the plan can be read");
    for path in [TRIALS, ROUNDS].map(|name| folder.join(name)) {
        let mut reader = csv::Reader::from_path(&path).expect("the run has that file");
        let header = reader.headers().expect("it has a header").clone();
        let mut checksums = Checksums::of(plan.row_key(), header.iter())
            .expect("its rows have checksums")
            .expect("the plan has an id");
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).expect("memory does not fail");
        for row in reader.byte_records() {
            let mut row = row.expect("it is a table");
            checksums.seal(&mut row);
            writer.write_byte_record(&row).expect("memory does not fail");
        }
        std::fs::write(&path, writer.into_inner().expect("memory does not fail"))
            .expect("the folder can be written");
    }
}

/// The trials of [`whole`]: 2 cells × (1 + 3 × 2 timed, 1 counted, 1 traced and 1 that counts instructions).
pub const WHOLE_TRIALS: u64 = 20;

fn whole_cell(label: &str) -> PlannedCell {
    let group = "e_sleep-1000-1ms";
    let cell = Cell {
        id: format!("{group}_{label}"),
        experiment: "e".into(),
        group: group.into(),
        label: label.into(),
        runtime: label.into(),
        workload: "sleep".into(),
        tasks: 1000,
        workers: 2,
        workers_asked: None,
        rounds: 3,
        params: Params::from([("duration_ns".into(), 1_000_000), ("jitter_ns".into(), 0)]),
    };
    PlannedCell {
        cell,
        timed: 4,
        processes: 2,
        counted: 1,
        traced: 1,
        instructions: 1,
        ceiling: false,
        memory_limit_mib: None,
        expected_us: None,
        burn_in: true,
    }
}

/// The trial with measurements that fit together.
fn proven(row: TrialRow) -> TrialRow {
    let (block, process) = (u64::from(row.block), u64::from(row.process));
    let makespan = 2_000_000 + 10_000 * block + 100 * process + if row.runtime == "b" { 500_000 } else { 0 };
    let seen = makespan * u64::from(row.rounds) + 50_000;
    let of = |pass, value: u64| (row.pass == pass).then_some(value);
    TrialRow {
        runtime_version: "1.0".into(),
        language: "rust".into(),
        process_lifetime_ns: Some(seen + 900_000),
        startup_ns: Some(800_000),
        makespan_ns: Some(makespan),
        go_to_done_ns: Some(seen),
        later_makespan_ns: (row.rounds > 1).then_some(makespan - 1000),
        completed: Some(row.tasks),
        operations: Some(row.tasks),
        peak_in_flight: Some(row.tasks),
        latency_p50_ns: Some(1_050_000),
        latency_p90_ns: Some(1_060_000),
        latency_p99_ns: Some(1_070_000),
        latency_p999_ns: Some(1_080_000),
        latency_max_ns: Some(1_090_000),
        lateness_p50_ns: Some(50_000),
        lateness_p99_ns: Some(70_000),
        lateness_max_ns: Some(90_000),
        finish_spread_ns: Some(40_000),
        cpu_user_ns: Some(300_000),
        cpu_system_ns: Some(200_000),
        rss_ready_bytes: Some(2_000_000),
        rss_peak_bytes: Some(3_000_000),
        virtual_ready_bytes: Some(5_000_000),
        virtual_peak_bytes: Some(6_000_000),
        syscalls: of(Pass::Traced, 3000),
        instructions: of(Pass::Instructions, 700_000),
        allocations: of(Pass::Counted, 2000),
        started_at: format!("2026-01-01T00:00:{block:02}.250000Z"),
        ..row
    }
}

fn rounds_of(row: &TrialRow) -> impl Iterator<Item = RoundRow> {
    let makespan = row.makespan_ns.unwrap_or(0);
    (0..row.rounds).zip([makespan, makespan - 1500, makespan - 500]).map(|(round, makespan_ns)| RoundRow {
        cell: row.cell.clone(),
        block: row.block,
        pass: row.pass,
        process: row.process,
        round,
        makespan_ns,
        completed: row.tasks,
        peak_in_flight: Some(row.tasks),
        latency_p50_ns: row.latency_p50_ns,
        latency_p99_ns: row.latency_p99_ns,
        latency_max_ns: row.latency_max_ns,
        checksum: None,
    })
}

/// The run that is committed with the lab, as a bundle.
pub fn reference() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../results/reference");
    assert!(folder.join(TRIALS).exists(), "the committed run is not unpacked: run `make reference` first");
    folder
}

//! How long `report` takes over a large run, and how much memory.
//!
//!     CELLS=1000 BLOCKS=7 cargo bench -p report
//!
//! Each group has a cell of each of 31 runtimes: 31,000 cells in all. Forty groups are one experiment: ten workloads of four
//! sizes. The trials are made up and fit together as those of a run do, all of them count, one in a hundred is
//! disturbed, and the rounds are there. `aggregate` summarises the run in this process, before the clock starts. The
//! report is written by another process, so that its peak of memory is that of the report. The target of 1000 groups is at
//! most 10 s and 500 MiB on two idle cores; where it is missed, the bench says so.

use std::env;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use protocol::proof::splitmix64;
use protocol::{Params, Status, Workload};
use results::folder::{PAGE, PLAN, ROUNDS, SUMMARY, TRIALS};
use results::write::{header, sealed_rows};
use results::{Cell, Pass, Plan, PlannedCell, PresetName, RoundRow, TrialRow};

const RUNTIMES: u64 = 31;
/// By name, as a few of them are looked for.
const KNOWN: [&str; 3] = ["floor", "tokio", "threads"];
const WORKLOADS: [Workload; 10] = [
    Workload::Sleep,
    Workload::Spawn,
    Workload::Hold,
    Workload::Yield,
    Workload::PingPong,
    Workload::FanIn,
    Workload::Mutex,
    Workload::Request,
    Workload::Cpu,
    Workload::Blocking,
];
const SIZES: [u64; 4] = [10, 100, 1000, 10_000];
const ROUNDS_OF_A_TRIAL: u32 = 3;
/// What a run of 1000 groups is to take at most: seconds and MiB.
const TARGETS: (f64, u64) = (10.0, 500);
/// The folder of a run, for the process that writes its report.
const FOLDER: &str = "REPORT_OF_THIS_BENCH";

fn main() {
    if let Some(folder) = env::var_os(FOLDER) {
        return report_of(Path::new(&folder));
    }
    let (groups, blocks) = (from_environment("CELLS", 100), from_environment("BLOCKS", 7));
    let dir = tempfile::tempdir().expect("a temporary folder");
    let trials = write_run(dir.path(), groups, u32::try_from(blocks).expect("few blocks"));
    aggregate::aggregate(dir.path()).expect("the made-up run is sound");
    let mib = |name: &str| dir.path().join(name).metadata().expect("it was written").len() >> 20;
    println!(
        "{groups} groups x {RUNTIMES} runtimes x {blocks} blocks, {trials} trials; {TRIALS} {} MiB, {SUMMARY} {} MiB",
        mib(TRIALS),
        mib(SUMMARY)
    );
    let itself = env::current_exe().expect("a program knows where it is");
    let status = Command::new(itself).env(FOLDER, dir.path()).status().expect("it runs again");
    assert!(status.success(), "the report was not written");
    println!("{PAGE} {} MiB", mib(PAGE));
}

fn report_of(folder: &Path) {
    let start = Instant::now();
    report::write(folder).expect("the made-up run is sound");
    let (seconds, mib) = (start.elapsed().as_secs_f64(), peak_kib() >> 10);
    println!("{seconds:.2} s, {mib} MiB at peak; target: {} s, {} MiB", TARGETS.0, TARGETS.1);
    // A slow or busy machine is no failure.
    if seconds > TARGETS.0 || mib > TARGETS.1 {
        println!("target missed");
    }
}

fn from_environment(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

/// Plan, trials and rounds, one trial at a time; says how many trials there are.
fn write_run(dir: &Path, groups: u64, blocks: u32) -> usize {
    let planned = (0..groups * RUNTIMES).map(|index| planned(index, blocks + 1));
    let plan = Plan { cells: planned.collect(), cores: 2, ..Plan::empty(PresetName::Default, 7) };
    let plan = plan.with_new_id();
    std::fs::write(dir.join(PLAN), plan.file()).expect("a temporary folder can be written");
    let create = |name: &str| BufWriter::new(File::create(dir.join(name)).expect("a temporary file"));
    let (mut trials, mut rounds) = (create(TRIALS), create(ROUNDS));
    let write = |file: &mut BufWriter<File>, bytes: &[u8]| file.write_all(bytes).expect("there is room");
    write(&mut trials, &header::<TrialRow>());
    write(&mut rounds, &header::<RoundRow>());
    let (mut count, blocks) = (0, plan.blocks());
    for block in 0..blocks {
        for (place, planned) in (0..).zip(&plan.cells) {
            for pass in Pass::ALL {
                if plan.trials_in(planned, pass, block, blocks) == 0 {
                    continue;
                }
                let seed = splitmix64(place << 40 | u64::from(block) << 2 | pass as u64);
                let trial = measured(&planned.cell, block, pass, seed);
                write(&mut rounds, &sealed_rows(&rounds_of(&trial), plan.row_key()));
                write(&mut trials, &sealed_rows(&[trial], plan.row_key()));
                count += 1;
            }
        }
    }
    count
}

/// A cell: 31 of them are a group, four groups a workload in all its sizes, ten workloads an experiment.
fn planned(index: u64, timed: u32) -> PlannedCell {
    let (place, label) = (index / RUNTIMES, index % RUNTIMES);
    let at = |number: u64, length: usize| usize::try_from(number).expect("small") % length;
    let known = usize::try_from(label).ok().and_then(|label| KNOWN.get(label));
    let label = known.map_or_else(|| format!("runtime-{label}"), |known| (*known).to_string());
    let tasks = SIZES[at(place, SIZES.len())];
    let workload = WORKLOADS[at(place / 4, WORKLOADS.len())];
    let experiment = format!("bench-{}", place / 40);
    let group = format!("{experiment}_{}-{tasks}", workload.name());
    let cell = Cell {
        id: format!("{group}_{label}"),
        group,
        runtime: label.clone(),
        label,
        experiment,
        workload: workload.name().into(),
        tasks,
        workers: 2,
        workers_asked: None,
        rounds: ROUNDS_OF_A_TRIAL,
        params: Params::new(),
    };
    PlannedCell {
        cell,
        timed,
        processes: 1,
        counted: 1,
        traced: 1,
        instructions: 0,
        ceiling: false,
        memory_limit_mib: None,
        expected_us: None,
        burn_in: true,
    }
}

/// A trial that counts, with a value in every column that its workload has.
#[allow(clippy::too_many_lines)] // one for each column
fn measured(cell: &Cell, block: u32, pass: Pass, seed: u64) -> TrialRow {
    let blank = cell.blank_row(block, 0, pass);
    let (workload, tasks) = (Workload::from_name(&cell.workload).expect("it is known"), cell.tasks);
    // Per cent: each runtime is slower by a share of its own, and each trial some noise.
    let (slowness, noise) = (cell.label.bytes().map(u64::from).sum::<u64>() % 80, 100 + seed % 20);
    let makespan = (1_500_000 + (900 + 50 * slowness) * tasks) * noise / 100;
    let share = |tenths: u64| Some(makespan / 10 * tenths);
    let bytes = |each: u64| Some(3_000_000 + each * tasks);
    let lasted = makespan * u64::from(blank.rounds) + 50_000;
    let has_spans = workload.spans(tasks, &cell.params) > 0;
    let spanned = |value: Option<u64>| value.filter(|_| has_spans);
    let holding = |value: Option<u64>| value.filter(|_| workload == Workload::Hold);
    let in_pass = |wanted: Pass, value: u64| (pass == wanted).then_some(value);
    let is_disturbed = (seed / 100).is_multiple_of(100);
    TrialRow {
        runtime_version: "1.2.3".into(),
        language: "rust".into(),
        status: Status::Ok,
        process_lifetime_ns: Some(lasted + 2_000_000),
        startup_ns: Some(9_000 * noise),
        makespan_ns: Some(makespan),
        go_to_done_ns: Some(lasted),
        later_makespan_ns: (blank.rounds > 1).then_some(makespan - 1000),
        completed: Some(tasks),
        operations: workload.operations(tasks, &cell.params),
        peak_in_flight: spanned(Some(tasks)),
        latency_p50_ns: spanned(share(5)),
        latency_p90_ns: spanned(share(6)),
        latency_p99_ns: spanned(share(7)),
        latency_p999_ns: spanned(share(8)),
        latency_max_ns: spanned(share(9)),
        lateness_p50_ns: spanned(share(1)),
        lateness_p99_ns: spanned(share(2)),
        lateness_max_ns: spanned(share(3)),
        finish_spread_ns: spanned(share(1)),
        cpu_user_ns: share(6),
        cpu_system_ns: share(3),
        rss_ready_bytes: bytes(0),
        rss_holding_bytes: holding(bytes(noise)),
        rss_peak_bytes: bytes(2 * noise),
        virtual_ready_bytes: bytes(1),
        virtual_holding_bytes: holding(bytes(8 * noise)),
        virtual_peak_bytes: bytes(9 * noise),
        kernel_ready_bytes: holding(bytes(0)),
        kernel_holding_bytes: holding(bytes(noise / 9)),
        threads_peak: holding(Some(2)),
        switches_voluntary: Some(tasks * noise / 70),
        switches_involuntary: Some(noise / 9),
        faults_minor: Some(tasks * noise / 50),
        faults_major: Some(0),
        syscalls: in_pass(Pass::Traced, tasks * noise / 40),
        allocations: in_pass(Pass::Counted, tasks * noise / 60),
        deallocations: in_pass(Pass::Counted, tasks * noise / 60),
        reallocations: in_pass(Pass::Counted, tasks / 10),
        allocated_bytes: in_pass(Pass::Counted, tasks * noise * 3),
        steal_ns: Some(if is_disturbed { lasted + 40_000_000 } else { 0 }),
        other_processes_cpu_ns: Some(10_000_000),
        started_at: format!("2026-01-01T{:02}:{:02}:00.250000Z", block % 24, seed % 60),
        ..blank
    }
}

/// The rounds of a trial; their later makespans have the median that the trial says.
fn rounds_of(trial: &TrialRow) -> Vec<RoundRow> {
    let makespan = trial.makespan_ns.expect("it counts");
    let later = [makespan, makespan - 1500, makespan - 500];
    (0..trial.rounds)
        .zip(later)
        .map(|(round, makespan_ns)| RoundRow {
            cell: trial.cell.clone(),
            block: trial.block,
            pass: trial.pass,
            process: trial.process,
            round,
            makespan_ns,
            completed: trial.tasks,
            peak_in_flight: trial.peak_in_flight,
            latency_p50_ns: trial.latency_p50_ns,
            latency_p99_ns: trial.latency_p99_ns,
            latency_max_ns: trial.latency_max_ns,
            checksum: None,
        })
        .collect()
}

/// The largest resident memory this process ever had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc is mounted");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux says so");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}

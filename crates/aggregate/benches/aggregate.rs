//! How long `aggregate` takes over a large run, and how much memory.
//!
//!     CELLS=1000 BLOCKS=1000 FAILED_PERCENT=5 cargo bench -p aggregate
//!     CELLS=1000 BLOCKS=1024 MACHINES=64 cargo bench -p aggregate
//!
//! With machines, the same blocks are dealt to so many and merged: the target is at most three times the time of one.
//!
//! Ten runtimes a group, one of them the floor; every metric has a value; the values are skewed as times
//! are, and fit together as those of a trial that counts do. Groups differ by size and by duration, so that
//! each runtime has series to fit, and one trial in a hundred is disturbed. Each row has its checksum, but
//! for `CHECKSUMS=0`. The plan has claims of every kind. Where trials failed, cells have samples of many
//! sizes, and each size needs draws of its own. The target is 1000 cells of 1000 blocks, claims included, in
//! at most 15 s and 400 MiB on two cores.

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use protocol::{Status, proof::splitmix64};
use results::{CellRef, Claim, Pass, Plan, PlannedCell, PresetName, Quantity, TrialRow};

const RUNTIMES: u64 = 10;
/// The tasks of the cells of a series.
const SIZES: [u64; 4] = [10, 100, 1000, 10_000];
/// Claims of the plan, if it has cells enough.
const CLAIMS: u64 = 80;

fn main() {
    let machines = from_environment("MACHINES", 0);
    if machines > 0 {
        return several(machines);
    }
    let cells = from_environment("CELLS", 100);
    let blocks = from_environment("BLOCKS", 1000);
    let dir = tempfile::tempdir().expect("a temporary folder");
    let plan = plan(cells, blocks);
    let plan = if from_environment("CHECKSUMS", 1) > 0 { plan.with_new_id() } else { plan };
    support::write_plan(dir.path(), &claims(cells), plan.clone());
    // Streamed, one trial at a time, so that the peak of memory is that of aggregate.
    let trials = trials(cells, blocks, from_environment("FAILED_PERCENT", 0));
    let path = support::write_sealed_trials(dir.path(), trials, plan.row_key());
    let bytes = path.metadata().expect("the file was just written").len();
    println!("{cells} cells x {blocks} blocks, {} MiB; {} KiB at peak before", bytes >> 20, peak_kib());

    let start = Instant::now();
    let found = aggregate::aggregate(dir.path()).expect("the made-up run is sound");
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{seconds:.2} s, {} MiB at peak; {} trials, {} summaries, {} ratios, {} costs, {} flags, {} verdicts",
        peak_kib() >> 10,
        found.trials,
        found.summary.len(),
        found.ratios.len(),
        found.scaling.len(),
        found.flags.len(),
        found.verdicts.len()
    );
    beside_duckdb(&path, seconds);
}

/// The most times as long as `DuckDB` that it may take.
const MOST_BESIDE_DUCKDB: f64 = 2.0;

/// Count, mean, five quantiles and median absolute deviation of every column of numbers that trials have, by cell; prints
/// how many seconds it took.
const DUCKDB: &str = r#"
import sys, time
try:
    import duckdb
except ImportError:
    sys.exit("duckdb is not here: pip install duckdb")
began = time.monotonic()
trials = duckdb.connect()
trials.execute("SET enable_progress_bar = false")
trials.execute("CREATE TABLE t AS SELECT * FROM read_csv(?)", sys.argv[1:2])
columns = [name for name, kind, *_ in trials.execute("DESCRIBE t").fetchall() if kind in ("BIGINT", "DOUBLE")]
each = ", ".join(f'count("{c}"), avg("{c}"), quantile_cont("{c}", [0.05, 0.25, 0.5, 0.75, 0.95]), mad("{c}")' for c in columns)
trials.execute(f"SELECT cell, pass, {each} FROM t WHERE status = 'ok' GROUP BY cell, pass").fetchall()
print(time.monotonic() - began)
"#;

/// Compares the time with that of `DuckDB` for the same file; prints a line.
fn beside_duckdb(trials: &Path, seconds: f64) {
    let output = match Command::new("python3").args(["-c", DUCKDB]).arg(trials).output() {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            println!("not compared with DuckDB: {}", said.lines().last().unwrap_or("it said nothing"));
            return;
        }
        Err(error) => return println!("not compared with DuckDB: python3: {error}"),
    };
    let duckdb: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("it prints a number");
    let times = seconds / duckdb;
    let verdict = if times <= MOST_BESIDE_DUCKDB { "within bounds" } else { "OUT OF BOUNDS" };
    println!("DuckDB, without intervals: {duckdb:.2} s; {times:.2} times as long  {verdict}");
}

/// Aggregates the parts of several machines, merged.
fn several(machines: u64) {
    let (cells, blocks) = (from_environment("CELLS", 100), from_environment("BLOCKS", 1000));
    let dir = tempfile::tempdir().expect("a temporary folder");
    let failed_percent = from_environment("FAILED_PERCENT", 0);
    let of_machine = |place| {
        let row = support::merged::machine(&format!("m{place}"), 1);
        (row, trials(cells, blocks / machines, failed_percent))
    };
    support::merged::write_merged_with(
        dir.path(),
        &claims(cells),
        plan(cells, blocks / machines),
        (0..machines).map(of_machine),
    );
    println!(
        "{machines} machines x {cells} cells x {} blocks; {} KiB at peak before",
        blocks / machines,
        peak_kib()
    );
    let start = Instant::now();
    let found = aggregate::aggregate_merged(dir.path()).expect("the made-up folder is sound");
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{seconds:.2} s, {} MiB at peak; {} ratios and {} verdicts over all machines",
        peak_kib() >> 10,
        found.across.len(),
        found.verdicts.len()
    );
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

/// A plan of all cells, so that the runtimes of the overview group are compared in pairs.
fn plan(cells: u64, blocks: u64) -> Plan {
    let timed = 1 + u32::try_from(blocks).expect("few blocks");
    let planned =
        |index| PlannedCell { counted: 2, traced: 2, ..results::fixture::cell_of(&cell(index), timed) };
    Plan { cells: (0..cells).map(planned).collect(), ..Plan::empty(PresetName::Default, 7) }
}

/// The passes of blocks 1 and 2; all others are timed alone.
const PASSES: [Pass; 3] = [Pass::Timed, Pass::Counted, Pass::Traced];

/// Block by block as a run writes them; two blocks are also counted and traced.
fn trials(cells: u64, blocks: u64, failed_percent: u64) -> impl Iterator<Item = TrialRow> {
    let all: Vec<TrialRow> = (0..cells).map(cell).collect();
    (0..=blocks).flat_map(move |block| {
        let passes: &[Pass] = if [1, 2].contains(&block) { &PASSES } else { &PASSES[..1] };
        let mut trials = Vec::new();
        for (index, cell) in (0u64..).zip(&all) {
            for pass in passes {
                let seed = splitmix64(index << 40 | block << 2 | *pass as u64);
                let status = if seed % 100 < failed_percent { Status::Timeout } else { Status::Ok };
                trials.push(TrialRow { status, ..measured(cell, block, *pass, seed) });
            }
        }
        trials
    })
}

/// A cell whose trials are yet to be measured.
fn cell(index: u64) -> TrialRow {
    let at = cell_ref(index);
    TrialRow {
        experiment: "bench".into(),
        cell: at.cell,
        group: format!("bench_{}", at.group),
        tasks: at.tasks,
        rounds: 5,
        params: format!("duration_ns={}000000", duration_ms(index)),
        ..results::fixture::sample(&at.runtime, 0)
    }
}

/// Where a cell stands: ten runtimes make a group, and groups of all sizes a series.
fn cell_ref(index: u64) -> CellRef {
    let label = index % RUNTIMES;
    let runtime = if label == 0 { "floor".to_owned() } else { format!("runtime-{label}") };
    let tasks =
        *SIZES.iter().cycle().nth(usize::try_from(index / RUNTIMES).expect("small")).expect("endless");
    let group = format!("sleep-{tasks}-{}ms", duration_ms(index));
    CellRef { cell: format!("bench_{group}_{runtime}"), runtime, group, tasks }
}

fn duration_ms(index: u64) -> u64 {
    1 + index / RUNTIMES / SIZES.len() as u64
}

/// As many claims of each kind, as far as there are whole series for them.
fn claims(cells: u64) -> Vec<Claim> {
    let series = RUNTIMES * SIZES.len() as u64;
    (0..CLAIMS.min(cells / series * 4)).map(|number| claim(number, number / 4 * series)).collect()
}

/// A claim about the series whose first cell is `first`.
fn claim(number: u64, first: u64) -> Claim {
    let side = |label: u64| (0..4).map(|size| cell_ref(first + size * RUNTIMES + label)).collect::<Vec<_>>();
    let (of, over) = (side(1), side(2));
    let quantity = match number % 4 {
        0 => Quantity::Value { of: of[0].clone() },
        1 => Quantity::Ratio { of: of[0].clone(), over: over[0].clone() },
        2 => Quantity::Ratio { of: of[3].clone(), over: of[0].clone() },
        _ => Quantity::Crossover { of, over },
    };
    let expect = ["<= 10ms", "within 10 %", "<= 2", ">= 10"][usize::try_from(number % 4).expect("below 4")];
    let claim = support::claim(&format!("claim-{number}"), quantity, expect);
    Claim { experiment: "bench".into(), ..claim }
}

/// The trial of a cell, with a number of its own in every field.
fn measured(cell: &TrialRow, block: u64, pass: Pass, seed: u64) -> TrialRow {
    let mut state = seed;
    let mut fields = serde_json::to_value(cell).expect("a trial is JSON");
    for (name, value) in fields.as_object_mut().expect("a trial is an object") {
        let scale = match name.rsplit('_').next() {
            Some("bytes") if name.contains("holding") => 9e7,
            Some("bytes") => 2e7,
            Some("ns" | "khz") => 2e6,
            _ => 5e3,
        };
        if value.is_null() {
            *value = skewed(&mut state, scale).into();
        }
    }
    let trial: TrialRow = serde_json::from_value(fields).expect("it was one");
    // One trial in a hundred was disturbed: as much time stolen, and used by others, as it took.
    let disturbed = trial.process_lifetime_ns.map(|ns| ns + 40_000_000);
    let beside = |usual| if (seed / 100).is_multiple_of(100) { disturbed } else { Some(usual) };
    let (steal_ns, other_processes_cpu_ns) = (beside(0), beside(10_000_000));
    let rounds = if pass == Pass::Timed { trial.rounds } else { 1 };
    let block = u32::try_from(block).expect("few blocks");
    let throttled_periods = Some(0);
    that_fits(TrialRow { block, pass, rounds, steal_ns, other_processes_cpu_ns, throttled_periods, ..trial })
}

/// The same with numbers that one trial can have.
fn that_fits(row: TrialRow) -> TrialRow {
    let makespan = row.makespan_ns.unwrap_or(0);
    let share = |tenths: u64| Some(makespan / 10 * tenths);
    let seen = makespan * u64::from(row.rounds) + 50_000;
    let ready = row.virtual_ready_bytes;
    TrialRow {
        process_lifetime_ns: Some(seen + row.startup_ns.unwrap_or(0) + 900_000),
        go_to_done_ns: Some(seen),
        later_makespan_ns: row.later_makespan_ns.min(Some(seen)),
        completed: Some(row.tasks),
        operations: Some(row.tasks),
        peak_in_flight: Some(row.tasks),
        latency_p50_ns: share(5),
        latency_p90_ns: share(6),
        latency_p99_ns: share(7),
        latency_p999_ns: share(8),
        latency_max_ns: share(9),
        lateness_p50_ns: share(1),
        lateness_p99_ns: share(2),
        lateness_max_ns: share(3),
        finish_spread_ns: share(1),
        virtual_peak_bytes: row.virtual_peak_bytes.max(ready).max(row.virtual_holding_bytes),
        ..row
    }
}

/// Exponential above a minimum.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small and positive
fn skewed(state: &mut u64, scale: f64) -> u64 {
    *state = splitmix64(*state);
    // 1 − u is above 0.
    let u = (*state >> 11) as f64 / (1u64 << 53) as f64;
    (scale * (1.0 - 0.3 * (1.0 - u).ln())) as u64
}

/// The largest resident memory this process ever had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc is mounted");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux says so");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}

//! What the lab itself costs: `make bench`.
//!
//! (a) Does running through kilotask change what is measured? Each runtime's makespan, through a
//!     trial and from a hand-written program of the same crate that knows nothing of the lab, in
//!     pairs of fresh processes, in alternating order. The median of the pairs' ratios must lie within
//!     [`AGREEMENT`]; and that of the memory of held tasks within [`MEMORY_AGREEMENT`]. Pairs, because both
//!     of a pair meet the same machine: the ratio of the two medians moves with it by a few per cent.
//!     For `sleep` also against the same program without any instrument, in which no task looks at the clock:
//!     this is what latencies cost, and has no bound.
//! (b) What does a trial cost beyond the life of its runner? A trial with its row written, less the pause
//!     before `go`, against the same runner fed the same lines from a file. At most [`MOST_A_TRIAL`].
//! (c) What do the proofs cost of it, all spans checked and all percentiles worked out? At most [`MOST_PROOFS`].
//!
//! Single makespans vary by ten per cent and more, so that it takes many pairs to see three: each
//! comparison goes on for `SECONDS` (20 unless the environment says otherwise);
//! `RUNTIMES=may,tokio` compares only those. Exit status 2 when a figure, with its interval, is out of its bounds.

#[path = "shared/script.rs"]
mod script;

use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use harness::cell::{Cell, Request};
use harness::discover::{Runtime, discover, find_root};
use harness::environment::cpus;
use harness::experiment::PresetName;
use harness::journal::Journal;
use harness::plan::Plan;
use harness::process::Bounds;
use harness::trial::{self, Instruments, Outcome, Place, pause_before_go};
use harness::verify::{Evidence, Outside, verify};
use protocol::proof::{checksum, splitmix64};
use protocol::{Done, ProofInputs, RoundReport, Span, Status, Usage, Workload};
use results::{Pass, TrialRow};

/// How far the median of the ratios may lie from 1.
const AGREEMENT: RangeInclusive<f64> = 0.97..=1.03;

/// The most that the harness may cost a trial.
const MOST_A_TRIAL: Duration = Duration::from_millis(2);

/// The most that the proofs may cost a trial of 1000 tasks.
const MOST_PROOFS: Duration = Duration::from_micros(50);

/// Whose makespans are compared. `glommio` is judged by the row that registers for membarrier
/// early: its first sleep otherwise waits for the kernel, some 4 to 17 ms that no one can foresee,
/// and it takes thousands of pairs, `RUNTIMES=glommio SECONDS=90`, to show three per cent beneath
/// that.
const RUNTIMES: &str = "threads,tokio,tokio-current-thread,glommio-early-membarrier,may";
const WORKLOADS: [(Workload, u64); 2] = [(Workload::Sleep, 1000), (Workload::Spawn, 10_000)];
/// A thread costs as much as a hundred tasks, and a round of 10,000 leaves time for few pairs.
const THREADS: &str = "threads";
const THREADS_SPAWNED: u64 = 1000;

/// Whose bare program has more workloads, those whose operations are so short that an instrument in
/// their midst would show, and holds tasks as well.
const THOROUGH: &str = "tokio";
const SHORT_OPERATIONS: [(Workload, u64); 3] =
    [(Workload::Yield, 1000), (Workload::PingPong, 1000), (Workload::Skynet, 100_000)];

/// Tasks held, and how far the bytes per task may lie from those of the bare program.
const HELD: u64 = 1_000_000;
const MEMORY_AGREEMENT: RangeInclusive<f64> = 0.98..=1.02;
/// Pairs of held memory, which hardly varies.
const MEMORY_PAIRS: usize = 5;

const SECONDS: u64 = 20;
/// The least pairs, however long they take, and the most, however short they are.
const PAIRS: RangeInclusive<usize> = 15..=10_001;

const BOUNDS: Bounds = Bounds::uninterrupted(Duration::from_secs(60), u64::MAX);

fn main() -> ExitCode {
    let seconds = std::env::var("SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let patience = Duration::from_secs(seconds);
    let root = find_root(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the bench runs in a checkout");
    let runtimes = discover(&root).expect("the runners can be asked");
    let mut good = true;
    println!(
        "(a) makespan through kilotask / in a bare program: medians, median of the pairs' ratios, [95 % interval]"
    );
    let names = std::env::var("RUNTIMES").unwrap_or_else(|_| RUNTIMES.into());
    for name in names.split(',') {
        for (workload, tasks) in WORKLOADS {
            let tasks = if name == THREADS { tasks.min(THREADS_SPAWNED) } else { tasks };
            good &= agreement(named(&runtimes, name), workload, tasks, patience);
            if workload == Workload::Sleep {
                beside_plain(named(&runtimes, name), tasks, patience);
            }
        }
        if name == THOROUGH {
            for (workload, tasks) in SHORT_OPERATIONS {
                good &= agreement(named(&runtimes, name), workload, tasks, patience);
            }
            good &= memory_agreement(named(&runtimes, name));
        }
    }
    good &= own_cost(named(&runtimes, "floor"));
    good &= proofs(named(&runtimes, "floor"));
    if good { ExitCode::SUCCESS } else { ExitCode::from(2) }
}

fn named<'a>(runtimes: &'a [Runtime], name: &str) -> &'a Runtime {
    runtimes.iter().find(|runtime| runtime.info.name == name).expect("make build comes before make bench")
}

fn cell(runtime: &Runtime, workload: Workload, tasks: u64) -> Cell {
    let request = Request::new("bench", workload, tasks);
    request.on(&runtime.info, &runtime.info.name, cpus()).expect("every runtime here does these workloads")
}

/// Compares a runtime through the lab with its bare program; prints a line.
fn agreement(runtime: &Runtime, workload: Workload, tasks: u64, patience: Duration) -> bool {
    let cell = cell(runtime, workload, tasks);
    let (through, without) = pairs(runtime, &cell, &[], patience);
    compared(&cell, through, without, (1e6, "ms"), &AGREEMENT)
}

/// Compares a runtime through the lab with its bare program without any instrument; prints a line.
fn beside_plain(runtime: &Runtime, tasks: u64, patience: Duration) {
    let cell = cell(runtime, Workload::Sleep, tasks);
    let (through, without) = pairs(runtime, &cell, &["plain"], patience);
    let (ratio, low, high) = paired_ratio(&through, &without);
    println!(
        "    {:24}   without any instrument: {ratio:.3} [{low:.3}, {high:.3}] over {} pairs",
        "",
        through.len()
    );
}

/// Makespans through the lab and in a bare program that gets these further words.
fn pairs(runtime: &Runtime, cell: &Cell, further: &[&str], patience: Duration) -> (Vec<u64>, Vec<u64>) {
    let bare = bare_program(runtime);
    let (mut through, mut without) = (Vec::new(), Vec::new());
    let began = Instant::now();
    let in_lab = |seed: usize| {
        sample_in_lab(runtime, cell, seed as u64).makespan_ns.expect("an ok trial has a makespan")
    };
    while through.len() < *PAIRS.start() || (through.len() < *PAIRS.end() && began.elapsed() < patience) {
        // In alternating order, so that neither always runs first.
        if through.len().is_multiple_of(2) {
            through.push(in_lab(through.len()));
            without.push(figure_of(&bare, cell, further, without.len() as u64));
        } else {
            without.push(figure_of(&bare, cell, further, without.len() as u64));
            through.push(in_lab(through.len()));
        }
    }
    (through, without)
}

/// Compares the memory of held tasks with that in the bare program; prints a line.
fn memory_agreement(runtime: &Runtime) -> bool {
    let cell = cell(runtime, Workload::Hold, HELD);
    let bare = bare_program(runtime);
    let in_lab = |seed| {
        let sample = sample_in_lab(runtime, &cell, seed);
        sample.rss_holding_bytes.zip(sample.rss_ready_bytes).map_or(0, |(holding, ready)| holding - ready)
    };
    let (through, without): (Vec<u64>, Vec<u64>) =
        (0..MEMORY_PAIRS as u64).map(|pair| (in_lab(pair), figure_of(&bare, &cell, &[], pair))).unzip();
    compared(&cell, through, without, (HELD as f64, "bytes per task"), &MEMORY_AGREEMENT)
}

/// Prints a line with both medians, and gives whether their ratio may lie within its bounds.
fn compared(
    cell: &Cell,
    mut through: Vec<u64>,
    mut without: Vec<u64>,
    (unit, name): (f64, &str),
    bounds: &RangeInclusive<f64>,
) -> bool {
    let (ratio, low, high) = paired_ratio(&through, &without);
    let pairs = through.len();
    let [through, without] = [&mut through, &mut without].map(|values| median(values) as f64);
    let is_out = low > *bounds.end() || high < *bounds.start();
    let verdict = match (bounds.contains(&ratio), is_out) {
        (true, _) => "agrees",
        (false, false) => "cannot be told from its bound: more SECONDS",
        (false, true) => "OUT OF BOUNDS",
    };
    println!(
        "    {:24} {:5} × {:5}: {:8.3} / {:8.3} {name} = {ratio:.3} [{low:.3}, {high:.3}] over {pairs} pairs  {verdict}",
        cell.runtime,
        cell.workload,
        cell.tasks,
        through / unit,
        without / unit,
    );
    !is_out
}

fn sample_in_lab(runtime: &Runtime, cell: &Cell, seed: u64) -> TrialRow {
    let outcome = run(runtime, cell, seed, &mut Instruments::plain(BOUNDS));
    assert_eq!(outcome.sample.status, Status::Ok, "{}", outcome.sample.reason);
    outcome.sample
}

/// A timed trial. None of these workloads needs a peer.
fn run(runtime: &Runtime, cell: &Cell, seed: u64, instruments: &mut Instruments) -> Outcome {
    trial::run(runtime, cell, Place::alone(Pass::Timed, seed), instruments).expect("no one interrupts")
}

/// The median of the paired ratios and its 95 % interval, from the binomial distribution of ranks, which
/// asks nothing of how they are distributed: ranks n/2 ± 0.98 √n.
fn paired_ratio(through: &[u64], without: &[u64]) -> (f64, f64, f64) {
    let mut ratios: Vec<f64> = through.iter().zip(without).map(|(&a, &b)| a as f64 / b as f64).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let n = ratios.len();
    let half = (n * 9604 / 10_000).isqrt(); // 0.98 √n
    (ratios[n / 2], ratios[(n / 2).saturating_sub(half)], ratios[(n / 2 + half).min(n - 1)])
}

/// `examples/bare.rs` of the runtime's crate, as built for release: `bare-NAME` for `runtime-NAME`.
fn bare_program(runtime: &Runtime) -> PathBuf {
    let programs = Path::new(&runtime.runner.words()[0]).parent().expect("a program is in a folder");
    let folder = runtime.runner.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    programs.join("examples").join(folder.replace("runtime-", "bare-"))
}

/// What the bare program prints: nanoseconds, or bytes of `hold`.
fn figure_of(bare: &Path, cell: &Cell, further: &[&str], seed: u64) -> u64 {
    let mut program = Command::new(bare)
        .args([&cell.runtime, &cell.workload, &cell.tasks.to_string()])
        .args(further)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("make bench builds the bare programs");
    let mut said = BufReader::new(program.stdout.take().expect("standard output is piped")).lines();
    let mut line = || said.next().expect("a bare program says a number").expect("it writes text");
    let mut last = line();
    // One that holds tasks waits for nothing.
    if last == "ready" {
        thread::sleep(pause_before_go(seed));
        let go = program.stdin.take().expect("standard input is piped").write_all(b"go\n");
        go.expect("a bare program waits");
        last = line();
    }
    assert!(program.wait().expect("a bare program can be waited for").success());
    last.parse().expect("a bare program prints one number")
}

/// How many trials the harness's own cost is taken from.
const TRIALS: u64 = 201;

/// Compares trials, rows and all, with the plain life of their runner; prints a line.
fn own_cost(floor: &Runtime) -> bool {
    let scratch = tempfile::tempdir().expect("a temporary folder can be made");
    let cell = cell(floor, Workload::Sleep, 1000);
    let mut journal = Journal::create(&scratch.path().join("run"), &Plan::empty(PresetName::Quick, 0), &())
        .expect("the folder can be made");
    // For all trials, as in a run.
    let mut instruments = Instruments::plain(BOUNDS);
    let (mut trials, mut lives) = (Vec::new(), Vec::new());
    for pair in 0..TRIALS {
        let script = script::script(&cell, pair, scratch.path());
        let began = Instant::now();
        let outcome = run(floor, &cell, pair, &mut instruments);
        journal.append(&outcome).expect("the journal can be written");
        trials.push(nanoseconds(began.elapsed().saturating_sub(pause_before_go(pair))));

        let began = Instant::now();
        let mut life = floor.runner.command(false).expect("the floor has a command");
        let input = File::open(&script).expect("the script was written");
        assert!(life.stdin(input).stdout(Stdio::null()).status().expect("the floor starts").success());
        lives.push(nanoseconds(began.elapsed()));
    }
    let (trial, life) = (median(&mut trials), median(&mut lives));
    let own = Duration::from_nanos(trial.saturating_sub(life));
    let verdict = if own <= MOST_A_TRIAL { "within bounds" } else { "OUT OF BOUNDS" };
    println!(
        "(b) a trial of the floor, sleep × 1000: {trial} ns; its runner alone: {life} ns; the harness: {own:?}  {verdict}"
    );
    own <= MOST_A_TRIAL
}

/// How long it takes to check a trial of 1000 tasks that sleep; prints a line.
fn proofs(floor: &Runtime) -> bool {
    const SEED: u64 = 7;
    let cell = cell(floor, Workload::Sleep, 1000);
    let job = cell.job(Pass::Timed);
    // One after another, as they are spawned, and each a little late.
    let span = |task: u64| Span {
        start_ns: 200 * task,
        finish_ns: 200 * task + 1_050_000 + splitmix64(task) % 100_000,
    };
    let spans: Vec<Span> = (0..job.tasks).map(span).collect();
    let checksum = checksum(SEED, job.tasks).to_string();
    let round = RoundReport { makespan_ns: 1_500_000, completed: job.tasks, checksum };
    let done = Done { rounds: vec![round], usage: Usage::default() };
    let evidence = Evidence {
        job: &job,
        workload: Workload::Sleep,
        blocks_worker: false,
        done: &done,
        spans: Some(&spans),
        outside: Outside { wall: Duration::from_millis(2), paused: Duration::ZERO, cpu: None },
        is_emulated: false,
        most_open: None,
        ground: ProofInputs { seed: SEED, ..ProofInputs::default() },
    };
    let check = |_| {
        let began = Instant::now();
        let figures = verify(black_box(&evidence), &AtomicBool::new(false));
        let took = nanoseconds(began.elapsed());
        assert!(figures.is_ok(), "it proves all that it has to");
        took
    };
    let took = Duration::from_nanos(median(&mut (0..TRIALS).map(check).collect::<Vec<u64>>()));
    let verdict = if took <= MOST_PROOFS { "within bounds" } else { "OUT OF BOUNDS" };
    println!("(c) the proofs of sleep × 1000: {took:?}  {verdict}");
    took <= MOST_PROOFS
}

fn median(values: &mut [u64]) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).expect("a bench does not last for centuries")
}

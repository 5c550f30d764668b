//! The lab beside other tools, on the same programs and for the same time: `make bench`.
//!
//! (d) What does a trial cost, against a run of hyperfine? Both start the floor, give it the same lines and wait for its
//!     end; the lab also reads what it says, checks it and writes a row. At most [`MOST_BESIDE_HYPERFINE`].
//! (e) How wide is the interval of a ratio of two equal programs, under a load that comes and goes, against the one that
//!     hyperfine prints (`1.02 ± 0.03 times faster`) after the same time? At most [`MOST_WIDTH`].
//! (f) How often is 1 % more work found, and how often a difference between equal programs, against the rule of
//!     tango-bench on the same makespans? See [`tango`].
//!
//! A tool that is missing is named. `SECONDS` (60) is the time of each side of (e); `COMPARISONS` (20) the number in (f).
//! Exit status 2 when a figure is out of its bounds.

#[path = "shared/script.rs"]
mod script;
#[path = "others/tango.rs"]
mod tango;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use harness::cell::Request;
use harness::discover::{Runtime, discover, find_root};
use harness::environment::cpus;
use harness::process::Bounds;
use harness::trial::{self, Instruments, Place, pause_before_go};
use protocol::{Status, Workload};
use results::folder::VERDICTS;
use results::read::rows;
use results::trials::{read_plan, read_trials};
use results::{Pass, VerdictRow};
use serde_json::Value;

/// The most that a trial may cost, in runs of hyperfine.
const MOST_BESIDE_HYPERFINE: f64 = 1.2;
/// The most that an interval may have of the width of hyperfine's.
const MOST_WIDTH: f64 = 0.5;
/// How many trials and runs (d) is taken from.
const RUNS: u64 = 201;

const BOUNDS: Bounds = Bounds::uninterrupted(std::time::Duration::from_secs(60), u64::MAX);

fn main() -> ExitCode {
    let root = find_root(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the bench runs in a checkout");
    let runtimes = discover(&root).expect("the runners can be asked");
    let named = |name: &str| {
        runtimes.iter().find(|runtime| runtime.info.name == name).expect("make build comes before make bench")
    };
    let scratch = tempfile::tempdir().expect("a temporary folder can be made");
    let mut good = true;
    if can_give_input() {
        good &= cost(named("floor"), scratch.path());
        good &= widths(&root, named("same-a"), scratch.path());
    } else {
        println!(
            "(d) (e) hyperfine is not here, or older than 1.16, which cannot give a file as input: cargo install hyperfine"
        );
    }
    powers(&root, scratch.path());
    if good { ExitCode::SUCCESS } else { ExitCode::from(2) }
}

/// Whether there is a hyperfine that gives a command a file as its input.
fn can_give_input() -> bool {
    let help = hyperfine().arg("--help").output();
    help.is_ok_and(|help| String::from_utf8_lossy(&help.stdout).contains("--input"))
}

fn hyperfine() -> Command {
    Command::new("hyperfine")
}

fn from_environment(name: &str, default: u32) -> u32 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

fn within(value: f64, most: f64) -> &'static str {
    if value <= most { "within bounds" } else { "OUT OF BOUNDS" }
}

/// The lines that a runner is given in a timed trial of a workload, in a file.
fn script(runtime: &Runtime, request: &Request, folder: &Path) -> PathBuf {
    let cell = request.on(&runtime.info, &runtime.info.name, cpus()).expect("it does these workloads");
    script::script(&cell, 7, folder)
}

/// What hyperfine measures of two commands, or of one, each so many times. They get the same input.
fn measured(commands: &[String], input: &Path, runs: u64, folder: &Path) -> Vec<Value> {
    let json = folder.join("hyperfine.json");
    let mut command = hyperfine();
    command.args(["--shell=none", "--style=none", "--warmup=3", &format!("--runs={runs}")]);
    command.arg("--input").arg(input).arg("--export-json").arg(&json);
    let status = command.args(commands).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("hyperfine starts").success(), "hyperfine measures {commands:?}");
    let text = fs::read_to_string(json).expect("hyperfine has written it");
    let said: Value = serde_json::from_str(&text).expect("it is JSON");
    said["results"].as_array().expect("it has results").clone()
}

/// The command of a runner, as hyperfine reads it.
fn command_of(runtime: &Runtime) -> String {
    let words = runtime.runner.words().iter();
    words.map(|word| format!("'{}'", word.display())).collect::<Vec<_>>().join(" ")
}

/// (d) Prints a line.
fn cost(floor: &Runtime, folder: &Path) -> bool {
    let request = Request::new("bench", Workload::Sleep, 1000);
    let cell = request.on(&floor.info, &floor.info.name, cpus()).expect("the floor sleeps");
    let mut instruments = Instruments::plain(BOUNDS);
    let mut trials = Vec::new();
    for seed in 0..RUNS {
        let began = Instant::now();
        let outcome = trial::run(floor, &cell, Place::alone(Pass::Timed, seed), &mut instruments);
        assert_eq!(outcome.expect("no one interrupts").sample.status, Status::Ok);
        trials.push((began.elapsed().saturating_sub(pause_before_go(seed))).as_secs_f64());
    }
    let input = script(floor, &request, folder);
    let began = Instant::now();
    measured(&[command_of(floor)], &input, RUNS, folder);
    let run = began.elapsed().as_secs_f64() / (RUNS + 3) as f64;
    let trial = trials.iter().sum::<f64>() / RUNS as f64;
    let ratio = trial / run;
    println!(
        "(d) a trial of the floor, without the pause before `go`: {:.3} ms; a run of hyperfine: {:.3} ms; {ratio:.2} times  {}",
        1e3 * trial,
        1e3 * run,
        within(ratio, MOST_BESIDE_HYPERFINE)
    );
    ratio <= MOST_BESIDE_HYPERFINE
}

/// The lab's command in a folder.
fn kilotask(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kilotask"));
    command.current_dir(root);
    command
}

/// (e) Prints a line.
fn widths(root: &Path, same: &Runtime, folder: &Path) -> bool {
    let seconds = from_environment("SECONDS", 60);
    let mut load = kilotask(root)
        .args(["background-load", "7"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("the load can be started");
    let out = folder.join("run");
    let words = "run experiments/calibration.toml --runtimes same-a,same-b --blocks 2000 --seed 7";
    let mut run = kilotask(root);
    run.args(words.split(' ')).args(["--budget", &format!("{seconds}s")]).arg("--out").arg(&out);
    let began = Instant::now();
    let status = run.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the lab starts");
    let took = began.elapsed();
    assert!(status.success(), "kilotask {words}: {status}");
    let verdicts: Vec<VerdictRow> = rows(&out.join(VERDICTS)).expect("the run has verdicts");
    let verdict = verdicts.into_iter().find(|row| row.claim == "same").expect("its claim is judged");
    let (low, high) = verdict.ci_low.zip(verdict.ci_high).expect("blocks enough for an interval");

    // As in calibration.toml.
    let params = [("kernel", 0), ("steps", 10_000)].map(|(name, value)| (name.into(), value)).into();
    let request = Request { params, ..Request::new("bench", Workload::Cpu, 100) };
    let input = script(same, &request, folder);
    let commands = [command_of(same), command_of(same)];
    let began = Instant::now();
    measured(&commands, &input, 20, folder);
    let both = began.elapsed() / (20 + 3);
    let runs = u64::try_from(took.as_nanos() / both.as_nanos()).expect("few runs").max(2);
    let said = measured(&commands, &input, runs, folder);
    drop(load.stdin.take());
    let _ = load.wait();
    let number = |place: usize, name: &str| said[place][name].as_f64().expect("hyperfine gives it");
    let (a, b) = (number(0, "mean"), number(1, "mean"));
    // As hyperfine works out the ± that it prints.
    let deviation = b / a * (number(0, "stddev") / a).hypot(number(1, "stddev") / b);
    let share = (high - low) / (2.0 * deviation);
    println!(
        "(e) two equal programs under a load that comes and goes, {:.0} s: {:.4} [{low:.4}, {high:.4}]; hyperfine: \
         {:.4} ± {deviation:.4}; {share:.2} of its width  {}",
        took.as_secs_f64(),
        verdict.measured.unwrap_or(f64::NAN),
        b / a,
        within(share, MOST_WIDTH)
    );
    share <= MOST_WIDTH
}

/// (f) Prints a line.
fn powers(root: &Path, folder: &Path) {
    let (out, comparisons) = (folder.join("calibration"), from_environment("COMPARISONS", 20));
    let mut command = kilotask(root);
    command.args(["calibrate", "--seed", "7", "--comparisons", &comparisons.to_string(), "--out"]).arg(&out);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the lab starts");
    assert!(status.success(), "kilotask calibrate: {status}");
    let figures = aggregate::calibrate(&out).expect("the calibration can be read");
    let lab =
        |name: &str| figures.iter().find(|row| row.figure == name).map_or(f64::NAN, |row| 100.0 * row.value);
    let (found, false_alarms) = (tangos(&out, "slower-1"), tangos(&out, "same-b"));
    println!(
        "(f) {comparisons} comparisons of {} blocks. 1 % more work is found in {:.0} %, by tango-bench's rule in {found:.0} %; \
         equal programs differ in {:.0} %, by tango-bench's rule in {false_alarms:.0} %",
        aggregate::BLOCKS,
        lab("power by verdict of slower-1"),
        lab("false alarms by verdict"),
    );
}

/// In which share of the comparisons, per cent, tango-bench would say that a program is slower or faster than `same-a`.
fn tangos(calibration: &Path, runtime: &str) -> f64 {
    let plan = read_plan(calibration).expect("the calibration has a plan");
    // By block and process: the makespan of each.
    let mut makespans: [BTreeMap<(u32, u32), f64>; 2] = Default::default();
    read_trials(calibration, &plan, |_, row| {
        let place = ["same-a", runtime].iter().position(|name| *name == row.runtime);
        if let Some((place, makespan)) = place.zip(row.makespan_ns)
            && row.pass == Pass::Timed
            && row.block >= plan.burn_in_blocks
        {
            makespans[place].insert((row.block, row.process), makespan as f64);
        }
        Ok(())
    })
    .expect("the trials can be read");
    let [baseline, candidate] = makespans;
    let mut comparisons: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    for (place, before) in baseline {
        if let Some(now) = candidate.get(&place) {
            let comparison = (place.0 - plan.burn_in_blocks) / aggregate::BLOCKS;
            comparisons.entry(comparison).or_default().push((before, *now));
        }
    }
    let found = comparisons.values().filter(|pairs| tango::is_significant(pairs)).count();
    100.0 * found as f64 / comparisons.len() as f64
}

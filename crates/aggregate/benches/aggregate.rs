//! How long `aggregate` takes over a large run, and how much memory.
//!
//!     CELLS=1000 BLOCKS=1000 FAILED_PERCENT=5 cargo bench -p aggregate
//!
//! Ten runtimes a group, one of them the floor; every metric has a value; the values are skewed as
//! times are. Where trials failed, cells have samples of many sizes, and each size needs draws of its
//! own. The target is 100 cells of 1000 blocks in at most 10 s and 300 MiB on two cores.

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use protocol::{Pass, Sample, Status, proof::splitmix64};

const RUNTIMES: u64 = 10;

fn main() {
    let cells = from_environment("CELLS", 100);
    let blocks = from_environment("BLOCKS", 1000);
    let dir = tempfile::tempdir().expect("a temporary folder");
    support::write_plan(dir.path());
    // Streamed, one trial at a time, so that the peak of memory is that of aggregate.
    let trials = trials(cells, blocks, from_environment("FAILED_PERCENT", 0));
    let path = support::write_trials(dir.path(), trials);
    let bytes = path.metadata().expect("the file was just written").len();
    println!("{cells} cells x {blocks} blocks, {} MiB; {} KiB at peak before", bytes >> 20, peak_kib());

    let start = Instant::now();
    let found = aggregate::aggregate(dir.path()).expect("the made-up run is sound");
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{seconds:.2} s, {} MiB at peak; {} trials, {} summaries, {} ratios",
        peak_kib() >> 10,
        found.trials,
        found.summary.len(),
        found.ratios.len()
    );
}

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

/// Block by block as a run writes them; three blocks are also counted and traced.
fn trials(cells: u64, blocks: u64, failed_percent: u64) -> impl Iterator<Item = Sample> {
    let mut cell_samples: Vec<Sample> = (0..cells).map(cell).collect();
    (0..=blocks).flat_map(move |block| {
        let samples = &mut cell_samples;
        let passes: &[Pass] = if block < 3 { &Pass::ALL } else { &Pass::ALL[..1] };
        let mut trials = Vec::new();
        for (index, sample) in (0u64..).zip(samples.iter_mut()) {
            for pass in passes {
                let seed = splitmix64(index << 40 | block << 2 | *pass as u64);
                measure(sample, block, *pass, seed);
                sample.status = if seed % 100 < failed_percent { Status::Timeout } else { Status::Ok };
                trials.push(sample.clone());
            }
        }
        trials
    })
}

/// A cell whose trials are yet to be measured.
fn cell(index: u64) -> Sample {
    let label = index % RUNTIMES;
    let runtime = if label == 0 { "floor".to_owned() } else { format!("runtime-{label}") };
    let group = format!("bench/sleep/tasks={}", 1000 + index / RUNTIMES);
    Sample {
        cell: format!("{group}/{runtime}"),
        group,
        tasks: 1000 + index / RUNTIMES,
        rounds: 5,
        workers: 2,
        ..support::sample(&runtime, 0)
    }
}

/// Fills in every number with one of its own.
fn measure(sample: &mut Sample, block: u64, pass: Pass, seed: u64) {
    let mut state = seed;
    let mut skewed = |scale: f64| {
        state = splitmix64(state);
        // Exponential above a minimum: 1 − u is above 0.
        let u = (state >> 11) as f64 / (1u64 << 53) as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small and positive
        let value = (scale * (1.0 - 0.3 * (1.0 - u).ln())) as u64;
        Some(value)
    };
    sample.block = u32::try_from(block).expect("few blocks");
    sample.pass = pass;
    for time in [
        &mut sample.wall_ns,
        &mut sample.startup_ns,
        &mut sample.makespan_ns,
        &mut sample.steady_ns,
        &mut sample.latency_p50_ns,
        &mut sample.latency_p90_ns,
        &mut sample.latency_p99_ns,
        &mut sample.latency_p999_ns,
        &mut sample.latency_max_ns,
        &mut sample.lateness_p50_ns,
        &mut sample.lateness_p99_ns,
        &mut sample.lateness_max_ns,
        &mut sample.cpu_user_ns,
        &mut sample.cpu_system_ns,
    ] {
        *time = skewed(2e6);
    }
    for memory in [
        &mut sample.rss_ready_bytes,
        &mut sample.rss_peak_bytes,
        &mut sample.virtual_ready_bytes,
        &mut sample.virtual_peak_bytes,
    ] {
        *memory = skewed(2e7);
    }
    sample.rss_holding_bytes = skewed(9e7);
    sample.virtual_holding_bytes = skewed(9e8);
    for count in [
        &mut sample.completed,
        &mut sample.peak_in_flight,
        &mut sample.threads_peak,
        &mut sample.switches_voluntary,
        &mut sample.switches_involuntary,
        &mut sample.faults_minor,
        &mut sample.faults_major,
        &mut sample.syscalls,
        &mut sample.allocations,
        &mut sample.deallocations,
        &mut sample.reallocations,
        &mut sample.allocated_bytes,
    ] {
        *count = skewed(5e3);
    }
}

/// The largest resident memory this process ever had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc is mounted");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux says so");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}

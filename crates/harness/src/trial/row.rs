//! The row of a trial that has proven its work, and those of its rounds.

use protocol::{Job, Quantiles, Usage, Workload};
use results::rounds::median;
use results::{RoundRow, TrialRow};

use super::conversation::{Transcript, nanoseconds};
use super::counter::Counts;
use crate::verify::RoundFigures;

/// Fills in what was measured.
pub(super) fn fill(
    sample: &mut TrialRow,
    transcript: &Transcript,
    rounds: &[RoundFigures],
    job: &Job,
    workload: Workload,
) {
    let cold = &rounds[0];
    sample.startup_ns = Some(nanoseconds(transcript.startup));
    sample.go_to_done_ns = Some(nanoseconds(transcript.outside.wall));
    sample.makespan_ns = Some(cold.makespan_ns);
    sample.completed = Some(cold.completed);
    sample.peak_in_flight = cold.peak_in_flight;
    sample.latency_p50_ns = cold.latency.map(|q| q.p50);
    sample.latency_p90_ns = cold.latency.map(|q| q.p90);
    sample.latency_p99_ns = cold.latency.map(|q| q.p99);
    sample.latency_p999_ns = cold.latency.map(|q| q.p999);
    sample.latency_max_ns = cold.latency.map(|q| q.max);
    sample.lateness_p50_ns = cold.lateness.map(|q| q.p50);
    sample.lateness_p99_ns = cold.lateness.map(|q| q.p99);
    sample.lateness_max_ns = cold.lateness.map(|q| q.max);
    sample.finish_spread_ns = cold.finish_spread_ns;
    sample.load_duration_ns = transcript.loads.first().map(|load| load.load_ns);
    fill_later(sample, transcript, &rounds[1..]);
    sample.rss_ready_bytes = transcript.ready.map(|memory| memory.resident);
    sample.virtual_ready_bytes = transcript.ready.map(|memory| memory.virtual_now);
    // The kernel's own mark may lie a little below what was seen: its counter is kept per CPU.
    let seen = [transcript.ready, transcript.holding, transcript.at_done].into_iter().flatten();
    sample.rss_peak_bytes = seen.map(|memory| memory.resident_peak).max();
    sample.virtual_peak_bytes = transcript.at_done.map(|memory| memory.virtual_peak);
    let Counts { syscalls, by_processor, by_callgrind } = transcript.counts;
    sample.syscalls = syscalls;
    sample.instructions = by_processor.instructions;
    sample.cycles = by_processor.cycles;
    sample.cache_misses = by_processor.cache_misses;
    sample.branch_misses = by_processor.branch_misses;
    sample.callgrind_instructions = by_callgrind;
    if workload.holds() {
        sample.kernel_ready_bytes = transcript.ready.and_then(|memory| memory.kernel);
        sample.kernel_holding_bytes = transcript.holding.and_then(|memory| memory.kernel);
        sample.rss_holding_bytes = transcript.holding.map(|memory| memory.resident);
        sample.virtual_holding_bytes = transcript.holding.map(|memory| memory.virtual_now);
        sample.threads_peak = transcript.holding.map(|memory| memory.threads);
    }
    let operations = transcript.loads.first().map(|load| load.requests);
    sample.operations = operations.or(workload.operations(job.tasks, &job.params));
    record_usage(sample, &transcript.done.usage);
}

/// What the rounds after round 0 were.
fn fill_later(sample: &mut TrialRow, transcript: &Transcript, rounds: &[RoundFigures]) {
    sample.later_makespan_ns = median(rounds.iter().map(|round| round.makespan_ns).collect());
    let p99 = |quantiles: Option<Quantiles>| quantiles.map(|quantiles| quantiles.p99);
    sample.later_latency_p99_ns = median(rounds.iter().filter_map(|round| p99(round.latency)).collect());
    sample.later_lateness_p99_ns = median(rounds.iter().filter_map(|round| p99(round.lateness)).collect());
    if let Some(loads @ [_, ..]) = transcript.loads.get(1..) {
        sample.later_operations = Some(loads.iter().map(|load| load.requests).sum());
        sample.later_load_duration_ns = Some(loads.iter().map(|load| load.load_ns).sum());
    }
}

fn record_usage(sample: &mut TrialRow, usage: &Usage) {
    sample.cpu_user_ns = usage.cpu_user_ns;
    sample.cpu_system_ns = usage.cpu_system_ns;
    sample.switches_voluntary = usage.switches_voluntary;
    sample.switches_involuntary = usage.switches_involuntary;
    sample.faults_minor = usage.faults_minor;
    sample.faults_major = usage.faults_major;
    sample.allocations = usage.allocations;
    sample.deallocations = usage.deallocations;
    sample.reallocations = usage.reallocations;
    sample.allocated_bytes = usage.allocated_bytes;
}

/// The rows of the rounds of a trial.
pub(super) fn of_rounds(sample: &TrialRow, rounds: &[RoundFigures]) -> Vec<RoundRow> {
    (0..).zip(rounds).map(|(number, round)| round_row(sample, number, round)).collect()
}

fn round_row(sample: &TrialRow, number: u32, round: &RoundFigures) -> RoundRow {
    RoundRow {
        cell: sample.cell.clone(),
        block: sample.block,
        pass: sample.pass,
        process: sample.process,
        round: number,
        makespan_ns: round.makespan_ns,
        completed: round.completed,
        peak_in_flight: round.peak_in_flight,
        latency_p50_ns: round.latency.map(|q| q.p50),
        latency_p99_ns: round.latency.map(|q| q.p99),
        latency_max_ns: round.latency.map(|q| q.max),
        checksum: None,
    }
}

//! A verdict in one sentence that a person can quote.

use results::{Claim, NEVER, Quantity, Verdict, estimate, human};

use super::finding::Finding;
use super::quantity::Sampled;
use crate::stats::{Between, FEWEST_FOR_MEDIAN, Interval, SIGNIFICANCE, sign};

/// The sentence: what was measured, its interval, and what follows for the claim.
pub(super) fn of(claim: &Claim, unit: &str, sampled: &Sampled, finding: &Finding) -> String {
    let blocks = sampled.values.len();
    let judgement = judgement(finding.verdict, &bound(claim, unit));
    let Some(measured) = finding.measured.filter(|measured| measured.is_finite()) else {
        let (failed, metric) = (sampled.failed, claim.metric.words());
        if failed == 0 {
            return format!(
                "In half of the blocks or more the crossover is beyond the measured sizes, {judgement}."
            );
        }
        return format!(
            "In {failed} of {blocks} blocks a trial failed, so the median of {metric} is not known, {judgement}."
        );
    };
    let within = |interval: Option<Interval>| {
        estimate(measured, interval.map(|range| range.low), interval.map(|range| range.high), unit)
    };
    let shown = within(finding.interval);
    let spread = match shown.interval() {
        Some(interval) => format!("95 % interval {interval}, {blocks} blocks{}", sittings(finding)),
        None => format!("{blocks} blocks; an interval needs {FEWEST_FOR_MEDIAN}"),
    };
    let failed = match sampled.failed {
        0 => String::new(),
        failed => {
            format!(" In {failed} of {blocks} blocks a trial failed; it counts as slower than any other.")
        }
    };
    let why_open = why_open(finding, blocks, within(finding.open).interval());
    let measured = what_is(claim, &shown.value, measured);
    let alive = sampled.alive.map_or_else(String::new, |(most, tasks)| {
        let (most, tasks) = (human::count(most), human::count(tasks));
        format!(" Not all tasks were alive at once: {most} of {tasks} in the median trial.")
    });
    let look = finding.look.map_or_else(String::new, |look| format!(" Look {look} decided it."));
    format!("{measured} ({spread}), {judgement}.{look}{failed}{why_open}{alive}")
}

/// Less than this is no difference between sittings, but what is left of one by rounding.
const NO_DIFFERENCE: f64 = 1e-6;

/// In which sittings, and what they differ by.
fn sittings(finding: &Finding) -> String {
    let Between { sittings, deviation, in_this_run, earlier_runs } = finding.between;
    let percent = |deviation| human::rough(if deviation < NO_DIFFERENCE { 0.0 } else { deviation }, "share");
    let earlier = match earlier_runs {
        0 => String::new(),
        1 => format!(" ({} with an earlier run)", percent(deviation)),
        runs => format!(" ({} with {runs} earlier runs)", percent(deviation)),
    };
    match sittings {
        1 => format!(" in this run{earlier}"),
        _ if in_this_run < NO_DIFFERENCE => {
            format!(" in {sittings} sittings between which no difference was found{earlier}")
        }
        _ => format!(" in {sittings} sittings that differ by {}{earlier}", percent(in_this_run)),
    }
}

/// What follows for the claim.
fn judgement(verdict: Verdict, bound: &str) -> String {
    match verdict {
        Verdict::Supported => format!("as claimed: {bound}"),
        Verdict::Equivalent => format!("alike, as claimed: {bound}"),
        Verdict::Refuted => format!("not {bound} as claimed"),
        Verdict::Inconclusive | Verdict::Untestable | Verdict::TooFew => {
            format!("which leaves open whether it is {bound}")
        }
    }
}

/// Why a claim is open: because nothing can be decided from so few blocks, or because it is one of many.
fn why_open(finding: &Finding, blocks: usize, open: Option<String>) -> String {
    let needed = sign::fewest_to_decide(finding.judged);
    if finding.verdict != Verdict::Inconclusive || finding.interval.is_none() {
        return String::new();
    }
    if blocks >= needed {
        return match (finding.p_value, finding.p_adjusted) {
            (Some(alone), Some(adjusted)) if alone <= SIGNIFICANCE && adjusted > SIGNIFICANCE => {
                let p = human::rough(adjusted, "ratio");
                format!(" Alone it would be decided; as one of many claims it is not (adjusted p {p}).")
            }
            _ => open.map_or_else(String::new, |open| {
                format!(" Only a bound outside of {open} could be decided.")
            }),
        };
    }
    match finding.judged {
        1 => format!(" {needed} blocks are needed to decide it."),
        claims => format!(
            " {blocks} blocks are too few to decide any of {claims} claims together: {needed} are needed."
        ),
    }
}

/// What was measured, of whom and where.
pub(crate) fn what_is(claim: &Claim, value: &str, number: f64) -> String {
    let metric = claim.metric.words();
    match &claim.quantity {
        Quantity::Value { of } => {
            format!("{} of {} on {} is {value}", human::capitalised(&metric), of.runtime, of.group)
        }
        Quantity::Ratio { of, over } if of.group == over.group => {
            let metric = human::capitalised(&metric);
            format!("{metric} of {} is {value} times that of {} on {}", of.runtime, over.runtime, of.group)
        }
        Quantity::Ratio { of, over } => {
            let whose =
                if of.runtime == over.runtime { String::new() } else { format!("{} on ", over.runtime) };
            let metric = human::capitalised(&metric);
            format!(
                "{metric} of {} on {} is {value} times that of {whose}{}",
                of.runtime, of.group, over.group
            )
        }
        Quantity::Crossover { of, over } => {
            let name = |side: &[results::CellRef]| {
                side.first().map_or_else(String::new, |cell| cell.runtime.clone())
            };
            let (of, over) = (name(of), name(over));
            match number {
                none if none <= 0.0 => {
                    format!("By {metric}, {of} costs less than {over} for no number of tasks measured")
                }
                any if any >= NEVER => {
                    format!("By {metric}, {of} costs less than {over} for any number of tasks measured")
                }
                _ => format!("By {metric}, {of} costs less than {over} up to {value} tasks"),
            }
        }
    }
}

/// The expectation in words.
pub(crate) fn bound(claim: &Claim, unit: &str) -> String {
    let shown = |bound: f64| human::exact(bound, unit);
    let tasks = if matches!(claim.quantity, Quantity::Crossover { .. }) { " tasks" } else { "" };
    match (claim.expect.low, claim.expect.high) {
        (Some(low), Some(high)) => format!("between {} and {}{tasks}", shown(low), shown(high)),
        (Some(low), None) => format!("at least {}{tasks}", shown(low)),
        (None, Some(high)) => format!("at most {}{tasks}", shown(high)),
        (None, None) => claim.expect.text.clone(),
    }
}

//! The verdict of several machines in words that a person can quote.

use std::fmt::Write;

use results::{AcrossVerdict, Claim, Quantity, Verdict, estimate, human};

use super::of_claim::{OfClaim, OnMachine, Together, holds};
use crate::stats::random_effects::Across;
use crate::stats::{FEWEST, Interval, SIGNIFICANCE};
use crate::verdicts::{bound, what_is};

/// How many machines are named; the others are counted.
const MOST_NAMED: usize = 4;

/// What was measured on all, what follows for the claim, and on which machines it holds by their own verdicts.
pub(super) fn of(claim: &Claim, of_claim: &OfClaim, together: &Together) -> String {
    if of_claim.on.is_empty() {
        return of_claim.why_untestable.clone().unwrap_or_else(|| "Untestable: no machine was read.".into());
    }
    let unit = claim.quantity.unit(claim.metric.unit());
    let bound = bound(claim, unit);
    let by_machine = by_machine(of_claim);
    let Some(across) = &together.across else {
        let mut words = format!("{}; that it is {bound} {by_machine}.", range(claim, unit, &of_claim.on));
        words.push_str(why_no_mean(claim, of_claim));
        return words + &differs(together);
    };
    let (mean, spread) = mean(claim, unit, across, of_claim.on.len());
    let judgement = match together.verdict {
        AcrossVerdict::Supported => format!("as claimed: {bound}"),
        AcrossVerdict::Equivalent => format!("alike, as claimed: {bound}"),
        AcrossVerdict::Refuted => format!("not {bound} as claimed"),
        _ => format!("which leaves open whether it is {bound}"),
    };
    let alone = match (together.p_value, together.p_adjusted) {
        (Some(alone), Some(adjusted)) if alone <= SIGNIFICANCE && adjusted > SIGNIFICANCE => {
            let p = human::rough(adjusted, "ratio");
            format!(" Alone it would be decided; as one of many claims it is not (adjusted p {p}).")
        }
        _ => String::new(),
    };
    let next = next(unit, across, of_claim.on.len());
    format!("{mean} ({spread}), {judgement}.{alone} {next} By itself, it {by_machine}.{}", differs(together))
}

/// The mean over machines, and its interval.
fn mean(claim: &Claim, unit: &str, across: &Across, machines: usize) -> (String, String) {
    let Interval { low, high } = across.interval.exp();
    let mean = across.mean.exp();
    let shown = estimate(
        mean,
        Some(low).filter(|low| low.is_finite()),
        Some(high).filter(|high| high.is_finite()),
        unit,
    );
    let interval = shown.interval().unwrap_or_else(|| "unknown".into());
    (what_is(claim, &shown.value, mean), format!("95 % interval {interval} over {machines} machines"))
}

/// Where one more machine would lie.
fn next(unit: &str, across: &Across, machines: usize) -> String {
    let Interval { low, high } = across.next.exp();
    let shown = estimate(across.mean.exp(), Some(low), Some(high), unit);
    let interval = shown.interval().unwrap_or_default();
    format!(
        "{} machine like these would lie between {}.",
        one_more(machines),
        interval.replace(" to ", " and ")
    )
}

/// The machine after so many.
fn one_more(machines: usize) -> &'static str {
    const AFTER: [&str; 10] = [
        "A fourth",
        "A fifth",
        "A sixth",
        "A seventh",
        "An eighth",
        "A ninth",
        "A tenth",
        "An eleventh",
        "A twelfth",
        "A thirteenth",
    ];
    machines.checked_sub(FEWEST).and_then(|place| AFTER.get(place)).copied().unwrap_or("One more")
}

/// What was measured, from the smallest machine to the largest.
fn range(claim: &Claim, unit: &str, on: &[OnMachine]) -> String {
    let known = || on.iter().filter_map(|one| one.measured);
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let machines = counted(on.len());
    if least > most {
        return format!("{} is not known on {machines}", human::capitalised(&claim.metric.words()));
    }
    let (low, high) = (human::rough(least, unit), human::rough(most, unit));
    let value = if low == high { low } else { format!("{low} to {high}") };
    // A crossover that lies beyond all sizes on one machine, and within them on another, is told by the range itself.
    let number = if least > 0.0 { least } else { most };
    format!("{} on {machines}", what_is(claim, &value, number))
}

/// On how many machines the claim holds by their own verdicts, and which do not agree.
fn by_machine(of_claim: &OfClaim) -> String {
    if let [one] = &*of_claim.on {
        let said = match one.verdict {
            verdict if holds(verdict) => "holds",
            Verdict::Refuted => "does not hold",
            _ => "is open",
        };
        return format!("{said} on {}, the only machine that was asked", one.machine);
    }
    let all = of_claim.on.len();
    let holding = of_claim.with(holds);
    let against = of_claim.with(|verdict| verdict == Verdict::Refuted);
    let open = of_claim.with(|verdict| !verdict.decides());
    let mut words = match holding.len() {
        0 => format!("holds on none of {}", counted(all)),
        some if some == all => return format!("holds on all {}", counted(all)),
        some => format!("holds on {some} of {}", counted(all)),
    };
    if !against.is_empty() {
        let _ = write!(words, ", does not on {}", named(&against));
    }
    if !open.is_empty() {
        let _ = write!(words, ", and is open on {}", named(&open));
    }
    words
}

fn why_no_mean(claim: &Claim, of_claim: &OfClaim) -> &'static str {
    match &claim.quantity {
        Quantity::Value { .. } => "",
        _ if of_claim.on.len() < FEWEST => " Fewer than 3 machines have no mean.",
        _ => " On one of them it is not known as a number, so that there is no mean over machines.",
    }
}

/// That machines contradict each other.
fn differs(together: &Together) -> String {
    if together.verdict != AcrossVerdict::DiffersByMachine {
        return String::new();
    }
    let names = |machines: &[String]| named(&machines.iter().map(String::as_str).collect::<Vec<_>>());
    format!(
        " It differs by machine: it holds on {} and does not on {}, with all machines taken into account.",
        names(&together.holds_on),
        names(&together.fails_on)
    )
}

fn counted(machines: usize) -> String {
    format!("{machines} machine{}", if machines == 1 { "" } else { "s" })
}

/// The first names, and how many more there are.
fn named(machines: &[&str]) -> String {
    match machines.len().saturating_sub(MOST_NAMED) {
        0 => machines.join(", "),
        more => format!("{} and {more} more", machines[..MOST_NAMED].join(", ")),
    }
}

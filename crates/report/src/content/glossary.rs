//! The terms of the page, in a sentence each.

use std::borrow::Cow;

use aggregate::stats::FEWEST_FOR_MEDIAN;

/// The term that depends on a limit of the statistics.
const TOO_FEW: &str = "too few blocks";

/// Term and meaning, in the order of the alphabet.
const TERMS: [(&str, &str); 28] = [
    (
        "block",
        "One pass through all cells in random order. Runtimes are compared within a block, because what slows the machine down then slows all of them.",
    ),
    (
        "burn-in",
        "The first block. It warms the machine up and shows how long each cell takes; its trials are in no figure.",
    ),
    ("cell", "One runtime on one workload with one setting."),
    ("cold", "The first round of a fresh process: what a program pays that does the work once."),
    (
        "disturbed",
        "A trial during which other programs or the host took more of the CPU than usual. Every verdict is also given without these trials.",
    ),
    (
        "floor",
        "The cheapest way we know to do the work with no runtime at all. It is a limit, not something to choose.",
    ),
    ("group", "Cells that differ only in the runtime, so that they may be compared."),
    ("in flight", "Tasks that have started and not finished. A figure is the most at the same time."),
    (
        "interval",
        "95 % confidence interval: of 100 such runs on this machine, about 95 would have an interval that holds the true median.",
    ),
    ("lateness", "How much later a task woke up than it had asked for."),
    ("later rounds", "The median of the rounds after the first, in the same process."),
    (
        "look",
        "A point, fixed before the first trial, at which claims are judged. A claim that is not decided gets more blocks and one more look.",
    ),
    ("makespan", "Time from the first task's start until the last task is joined."),
    ("median", "Half of the values are lower and half are higher."),
    (
        "p",
        "How likely a difference at least as large as the one found would be by chance alone. It is corrected for the number of comparisons.",
    ),
    ("p99", "The value that 99 of 100 stay below."),
    (
        "reference",
        "A row that is shown and not ranked: nobody can adopt it, or it does less than the others.",
    ),
    ("refuted", "The interval lies outside of what was claimed, and the corrected p is at most 0.05."),
    ("round", "One run of the workload inside a trial."),
    (
        "runner's own word (‡)",
        "A figure that nobody but the runner vouches for. The lab checks the results, and sees the time from its signal to begin (go) until the report (done), CPU time, memory and system calls; that the tasks ran as they should it has to believe. The code of the runners is open; PROTOCOL.md says what each could make up.",
    ),
    (
        "sitting",
        "Several blocks, for which the lab starts anew. Every interval includes how much sittings differ.",
    ),
    ("supported", "The interval lies inside of what was claimed, and the corrected p is at most 0.05."),
    (
        "tied",
        "The run cannot tell these runtimes apart, so they share their ranks. Ranks allow for the number of runtimes: two that share a rank can still differ when only these two are compared.",
    ),
    (TOO_FEW, ""),
    ("total", "Start of the process, set-up of the runtime, and the cold round."),
    ("trial", "One fresh process that runs one cell."),
    (
        "variant",
        "A runtime in another version, build or setting. It is shown beside its parent and not ranked.",
    ),
    ("workload", "What the tasks do."),
];

/// All terms with their meanings.
pub fn glossary() -> impl Iterator<Item = (&'static str, Cow<'static, str>)> {
    TERMS.into_iter().map(|(term, meaning)| match term {
        TOO_FEW => {
            let meaning = format!(
                "Fewer than {FEWEST_FOR_MEDIAN} blocks have a value: no interval and no rank can be given. The place of the rank \
                 shows a question mark."
            );
            (term, meaning.into())
        }
        _ => (term, meaning.into()),
    })
}

/// What the head of a column means, if it is a term: `later`, `late p99`, `× floor`.
pub fn meaning(head: &str) -> Option<Cow<'static, str>> {
    let term = match head {
        "later" => "later rounds",
        "late p99" => "lateness",
        "× floor" => "floor",
        "95 % interval" => "interval",
        "‡" => "runner's own word (‡)",
        other => other,
    };
    glossary().find(|(known, _)| *known == term).map(|(_, meaning)| meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_in_the_order_of_the_alphabet_and_heads_of_columns_are_explained() {
        assert!(glossary().map(|(term, _)| term).is_sorted());
        assert!(glossary().all(|(_, meaning)| meaning.ends_with('.')));
        assert!(
            ["cold", "later", "late p99", "× floor", "total", "‡"].iter().all(|head| meaning(head).is_some())
        );
        assert_eq!(meaning("runtime"), None);
    }
}

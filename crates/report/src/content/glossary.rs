//! The terms of the page, in a sentence each.

/// Term and meaning, in the order of the alphabet.
pub const GLOSSARY: [(&str, &str); 17] = [
    (
        "block",
        "One pass through all cells in random order. Runtimes are compared within a block, so that what slows the machine down slows all.",
    ),
    ("cell", "One runtime on one workload with one setting."),
    ("cold", "The first round of a fresh process: what a program pays that does the work once."),
    (
        "disturbed",
        "A trial during which other programs or the host took more of the CPU than usual. Every verdict is also given without these trials.",
    ),
    (
        "floor",
        "The cheapest way known to do the work with no runtime at all. It is a limit, and nobody's choice.",
    ),
    ("group", "Cells that differ only in the runtime, so that they may be compared."),
    ("in flight", "Tasks that have started and not finished, at most at the same time."),
    (
        "interval",
        "95 % confidence interval: in 95 of 100 such runs on this machine it would hold the true median.",
    ),
    ("lateness", "How much later than asked a task woke up."),
    ("later rounds", "The median of the rounds after the first, in the same process: the steady state."),
    ("makespan", "Time from the first task's start until the last task is joined."),
    ("p99", "The value that 99 of 100 stay below."),
    (
        "reference",
        "A row that is shown and not ranked: nobody can adopt it, or it does less than the others.",
    ),
    (
        "tied",
        "The run cannot tell these runtimes apart. They share their ranks. Ranks allow for the number of runtimes, so that two that share a rank can differ when only these two are compared.",
    ),
    (
        "too few blocks",
        "Fewer than 6 blocks have a value, so that there is no interval and no rank; the place of the rank shows a ?.",
    ),
    ("total", "Start of the process, set-up of the runtime, and the cold round."),
    (
        "variant",
        "A runtime in another version, build or setting. It is shown beside its parent and not ranked.",
    ),
];

/// What the head of a column means, if it is a term: `later`, `late p99`, `× floor`.
pub fn meaning(head: &str) -> Option<&'static str> {
    let term = match head {
        "later" => "later rounds",
        "late p99" => "lateness",
        "× floor" => "floor",
        "95 % interval" => "interval",
        other => other,
    };
    GLOSSARY.iter().find(|(known, _)| *known == term).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_in_the_order_of_the_alphabet_and_heads_of_columns_are_explained() {
        assert!(GLOSSARY.iter().map(|(term, _)| term).is_sorted());
        assert!(["cold", "later", "late p99", "× floor", "total"].iter().all(|head| meaning(head).is_some()));
        assert_eq!(meaning("runtime"), None);
    }
}

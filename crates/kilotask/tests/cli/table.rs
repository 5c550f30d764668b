//! `kilotask table`: the rest of what a run says.

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Checkout, Said};

fn reference() -> String {
    results::fixture::reference().to_str().unwrap().into()
}

/// Asks for a table of the reference, which must be there.
fn table(words: &[&str]) -> String {
    Checkout::new().succeed(&[&["table", &reference()], words].concat())
}

#[test]
fn without_a_workload_it_lists_what_there_is_and_shows_the_thousand_tasks() {
    let said = table(&[]);
    for words in ["workload", "ping-pong", "kilotask table", "1,000 tasks that each wait 1 ms", "syscalls"] {
        assert!(said.contains(words), "{words} is not in:\n{said}");
    }
    let runtimes = said.lines().filter(|line| line.starts_with("c-liburing")).count();
    assert!(runtimes > 0, "all runtimes are shown:\n{said}");
}

#[test]
fn a_workload_is_shown_for_the_runtimes_that_are_picked() {
    let said = table(&["echo", "--runtimes", "tokio,go-*"]);
    let names: HashSet<&str> = said
        .lines()
        .map(|line| line.split(['†', ' ']).next().unwrap_or_default())
        .filter(|name| ["tokio", "go-goroutines", "threads", "may", "floor"].contains(name))
        .collect();
    assert_eq!(names, HashSet::from(["tokio", "go-goroutines"]), "{said}");
}

#[test]
fn lines_are_as_wide_as_the_terminal_and_no_word_is_broken() {
    let shown = |columns: &str| {
        let checkout = Checkout::new();
        let mut command = checkout.kilotask();
        let output = command.env("COLUMNS", columns).args(["table", &reference(), "sleep"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let (narrow, wide) = (shown("80"), shown("250"));
    let longest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest(&narrow) <= 80, "{narrow}");
    assert!(longest(&wide) > 100 && wide.lines().count() < narrow.lines().count(), "{wide}");
    // Whatever the width, the same words are there.
    let words = |text: &str| -> HashSet<String> { text.split_whitespace().map(Into::into).collect() };
    assert_eq!(words(&narrow), words(&wide));
}

#[test]
fn the_numbers_for_programs_are_those_of_the_files() {
    let summary = std::fs::read_to_string(Path::new(&reference()).join("summary.csv")).unwrap();
    let rows: HashSet<&str> = summary.lines().collect();
    let csv = table(&["ping-pong", "hold", "--runtimes", "tokio", "--csv"]);
    assert!(csv.lines().count() > 2 && csv.lines().all(|line| rows.contains(line)), "{csv}");

    let json = table(&["ping-pong", "hold", "--runtimes", "tokio", "--json"]);
    let objects: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), csv.lines().count() - 1);
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let median = header.iter().position(|name| *name == "median").unwrap();
    for (object, row) in objects.iter().zip(csv.lines().skip(1)) {
        // No field before the median holds a comma.
        let expected: f64 = row.split(',').nth(median).unwrap().parse().unwrap();
        assert_eq!(object["median"].as_f64(), Some(expected), "{row}");
        assert_eq!(object["runtime"], "tokio");
    }
}

#[test]
fn claims_are_listed_refuted_ones_first_and_one_is_told_in_full() {
    let said = table(&["--claims"]);
    let verdicts: Vec<&str> =
        said.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)).collect();
    let place = |verdict: &str| verdicts.iter().position(|other| *other == verdict).unwrap();
    assert_eq!(place("refuted"), 0, "{said}");
    assert!(place("supported") < place("inconclusive"), "{said}");

    let one = table(&["--claims", "asyncio-faster"]);
    for words in ["claim: ", "source: ", "expected: ", "kilotask run experiments/article.toml"] {
        assert!(one.contains(words), "{words} is not in:\n{one}");
    }
    let several = table(&["--claims", "rust-async-faster", "--json"]);
    let runtimes = several.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(
        runtimes.filter(|row| row["claim"].as_str().unwrap().starts_with("rust-async-faster/")).count(),
        3
    );
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest_that_there_is() {
    let checkout = Checkout::new();
    for (words, expected) in [
        (&["ehco"][..], "unknown workload \"ehco\"; did you mean \"echo\"?"),
        (&["echo", "--runtimes", "tokyo"], "unknown runtime \"tokyo\"; did you mean \"tokio\"?"),
        (&["--runtimes", "perl-*"], "unknown runtime \"perl-*\""),
        (&["--claims", "asyncio-fastr"], "did you mean \"asyncio-faster\"?"),
        (&["--left-out", "echo"], "leave \"echo\" out"),
        (&["--csv", "--json"], "cannot be used with"),
    ] {
        checkout.refuse(&[&["table", &reference()], words].concat(), expected);
    }
    checkout.refuse(&["table", "no/where"], "reading no/where/plan.json");
    checkout.refuse(
        &["table", "ehco"],
        "unknown workload \"ehco\", and no folder has that name; did you mean \"echo\"?",
    );
}

#[test]
fn what_was_left_out_is_told_with_the_reasons() {
    let said = table(&["--left-out"]);
    assert!(said.contains("Not measured:\n  ") && said.contains("Left out:\n  "), "{said}");
}

#[test]
fn a_reader_that_goes_early_is_no_error() {
    let checkout = Checkout::new();
    let mut command = checkout.kilotask();
    command.args(["table", &reference(), "--csv", "sleep", "hold", "echo", "mixed"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    // The pipe is closed here, with most of the text unread.
    let output = child.wait_with_output().unwrap();
    let said = Said {
        code: output.status.code().unwrap(),
        out: String::new(),
        err: String::from_utf8_lossy(&output.stderr).into(),
    };
    assert_eq!((said.code, &*said.err), (0, ""));
}

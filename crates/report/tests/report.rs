//! The report of a small fixed result, and of the committed reference.

// Tests state exactly what they expect.
#![allow(missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use results::folder::{MARKDOWN, PAGE, PLAN, SUMMARY, TRIALS, VERDICTS};
use support::MARKUP;

/// All files of the report in a folder.
fn written(dir: &Path) -> BTreeMap<PathBuf, String> {
    let figures = fs::read_dir(dir.join("figures")).unwrap().map(|entry| entry.unwrap().path());
    let files = figures.chain([dir.join(PAGE), dir.join(MARKDOWN)]);
    files.map(|path| (path.strip_prefix(dir).unwrap().into(), fs::read_to_string(&path).unwrap())).collect()
}

/// The folder of the fixed result, with its report.
fn reported() -> tempfile::TempDir {
    let dir = support::run();
    report::write(dir.path()).unwrap();
    dir
}

#[test]
fn the_markdown_of_a_fixed_result_stays_as_it_is() {
    let dir = reported();
    insta::assert_snapshot!(fs::read_to_string(dir.path().join(MARKDOWN)).unwrap());
}

#[test]
fn the_structure_of_the_page_stays_as_it_is() {
    let dir = reported();
    let page = fs::read_to_string(dir.path().join(PAGE)).unwrap();
    let of_structure =
        ["<section", "<article", "<h1", "<h2", "<h3", "<figure", "<details", "<summary", "<table"];
    let lines = page.lines().filter(|line| of_structure.iter().any(|start| line.starts_with(start)));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_text_that_is_markup_is_shown_and_not_run() {
    let dir = reported();
    for (path, text) in written(dir.path()) {
        assert!(!text.contains(MARKUP), "{} has the name as it is", path.display());
        assert!(!text.contains("Of <b>tasks</b>"), "{} has markup of a source", path.display());
    }
    let page = fs::read_to_string(dir.path().join(PAGE)).unwrap();
    assert_eq!(page.matches("<script>").count(), 1, "the page has a script that is not its own");
    assert!(page.contains("&#60;script&#62;alert(1)") || page.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn the_same_folder_gives_the_same_bytes_and_old_drawings_go() {
    let dir = reported();
    let before = written(dir.path());
    let figure = |name: &str| dir.path().join("figures").join(name);
    fs::copy(figure("calibration.svg"), figure("of-another-run.svg")).unwrap();
    report::write(dir.path()).unwrap();
    assert!(written(dir.path()) == before);
}

#[test]
fn drawings_of_others_stay_and_a_folder_that_is_a_link_is_refused() {
    let dir = support::run();
    let theirs = tempfile::tempdir().unwrap();
    fs::write(theirs.path().join("thesis.svg"), "<svg/>").unwrap();
    std::os::unix::fs::symlink(theirs.path(), dir.path().join("figures")).unwrap();
    let error = report::write(dir.path()).unwrap_err().to_string();
    assert!(error.contains("figures: it is a link"), "{error}");
    assert_eq!(fs::read_dir(theirs.path()).unwrap().count(), 1);
    fs::remove_file(dir.path().join("figures")).unwrap();
    fs::create_dir(dir.path().join("figures")).unwrap();
    fs::write(dir.path().join("figures/mine.svg"), "<svg/>").unwrap();
    report::write(dir.path()).unwrap();
    assert_eq!(fs::read_to_string(dir.path().join("figures/mine.svg")).unwrap(), "<svg/>");
}

#[test]
fn the_page_of_the_reference_holds_what_people_come_for_and_is_no_burden() {
    let reference = results::fixture::reference();
    let dir = tempfile::tempdir().unwrap();
    report::write_of(&report::Run::read(&reference).unwrap(), dir.path()).unwrap();
    let page = fs::read_to_string(dir.path().join(PAGE)).unwrap();
    for question in [
        "Which runtime for 1000 short waits?",
        "What do 100,000 waiting tasks cost?",
        "Which runtime for work that computes?",
        "Can this be trusted?",
    ] {
        assert!(page.contains(question), "{question}");
    }
    assert!(page.len() < 2_500_000, "{} bytes", page.len());
    let markdown = fs::read_to_string(dir.path().join(MARKDOWN)).unwrap();
    assert!(markdown.len() < 40_000, "{} bytes", markdown.len());
    assert!(!page.contains("http-equiv=\"refresh\"") && !page.contains("src=\"http"));
}

/// Spoils the folder of a run.
type Spoil = fn(&Path);

#[test]
fn a_folder_that_cannot_be_read_is_refused_with_what_is_wrong_and_the_way_forward() {
    let spoiled: [(Spoil, [&str; 2]); 3] = [
        (|dir| fs::remove_file(dir.join(VERDICTS)).unwrap(), [VERDICTS, "kilotask aggregate"]),
        (
            |dir| fs::write(dir.join(PLAN), r#"{"schema":1}"#).unwrap(),
            ["schema version 1", "run its experiments again"],
        ),
        (|dir| replace_in(&dir.join(SUMMARY), "timed", "guessed"), ["summary.csv:2: ", "guessed"]),
    ];
    for (spoil, expected) in spoiled {
        let dir = support::run();
        spoil(dir.path());
        let error = report::write(dir.path()).unwrap_err().to_string();
        assert!(expected.iter().all(|words| error.contains(words)), "{error}");
        assert!(!dir.path().join(PAGE).exists());
    }
}

fn replace_in(path: &Path, from: &str, to: &str) {
    fs::write(path, fs::read_to_string(path).unwrap().replace(from, to)).unwrap();
}

#[test]
fn a_run_of_which_nothing_was_measured_has_a_report_that_says_so() {
    let dir = support::run();
    replace_in(&dir.path().join(TRIALS), ",ok,,", ",unavailable,no kernel for it,");
    aggregate::aggregate(dir.path()).unwrap();
    report::write(dir.path()).unwrap();
    let markdown = fs::read_to_string(dir.path().join(MARKDOWN)).unwrap();
    assert!(markdown.contains("no kernel for it"), "{markdown}");
}

//! Runs whose files were cut, changed, exchanged or taken away: whoever reads one refuses it with words, or says what is
//! missing, and nobody panics, waits for ever, or writes outside of its folder.

#![allow(missing_docs)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use assert_cmd::assert::OutputAssertExt;
use harness::journal::Journal;
use results::Presence;
use results::fixture::{WHOLE_TRIALS, seal_again, whole, whole_of};
use results::folder::{ENDING, ENVIRONMENT, PLAN, ROUNDS, SPANS, SUMMARY, TRIALS};
use serde_json::Value;
use tempfile::TempDir;

/// Reads a run in every way there is; what is said of the trials that it lacks, or why it cannot be read.
fn read(run: &TempDir) -> Result<Presence, String> {
    let folder = run.path();
    let aggregated = aggregate::aggregate(folder).map_err(|error| error.to_string())?;
    export::datapackage::write(folder).map_err(|error| error.to_string())?;
    let report = report::Run::read(folder).map_err(|error| error.to_string())?;
    report::write_of(&report, folder).map_err(|error| error.to_string())?;
    assert_eq!(report.presence, aggregated.presence);
    assert_eq!(aggregate::check_comparable(folder).map_err(|error| error.to_string())?, report.presence);
    Ok(report.presence)
}

/// What is said of a run that lacks something: a refusal, or the sentence.
fn said(run: &TempDir) -> String {
    let read = read(run);
    // Whatever the others say, to resume it never panics.
    let resumed = Journal::resume(run.path()).map(drop).map_err(|error| error.to_string());
    match read {
        Err(refusal) => refusal,
        Ok(presence) => {
            resumed.unwrap_or_else(|refusal| panic!("read, but cannot be resumed: {refusal}"));
            presence.sentence().unwrap_or_default()
        }
    }
}

/// A run whose file of this name is another.
fn with(name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> TempDir {
    let run = whole();
    let path = run.path().join(name);
    fs::write(&path, change(fs::read(&path).unwrap())).unwrap();
    run
}

/// The lines of a text, each with its end.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

#[test]
fn a_whole_run_says_nothing() {
    let run = whole();
    let presence = read(&run).unwrap();
    assert_eq!((presence.trials, presence.planned, presence.sentence()), (WHOLE_TRIALS, WHOLE_TRIALS, None));
    assert_eq!(Journal::resume(run.path()).unwrap().done.len() as u64, WHOLE_TRIALS);
}

#[test]
fn trials_that_were_cut_at_any_byte_are_told() {
    let length = fs::read(whole().path().join(TRIALS)).unwrap().len();
    for cut in (0..length).step_by(97).chain([length - 1]) {
        let said = said(&with(TRIALS, |bytes| bytes[..cut].to_vec()));
        let is_told = said.contains(" of 20 trials: ") || said.contains("trials.csv");
        assert!(is_told, "{cut} of {length} bytes: {said:?}");
    }
}

#[test]
fn rounds_that_were_cut_at_any_byte_are_told() {
    let length = fs::read(whole().path().join(ROUNDS)).unwrap().len();
    for cut in (0..length).step_by(97).chain([length - 1]) {
        let said = said(&with(ROUNDS, |bytes| bytes[..cut].to_vec()));
        assert!(said.contains("rounds.csv"), "{cut} of {length} bytes: {said:?}");
    }
}

#[test]
fn each_row_that_is_gone_is_told() {
    for gone in 1..=20 {
        let run = with(TRIALS, |bytes| {
            let mut lines = lines(&bytes);
            lines.remove(gone);
            lines.concat()
        });
        assert_eq!(said(&run), "19 of 20 trials: 1 rows of trials that have run are missing from trials.csv");
    }
    let of_a = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        text.lines()
            .filter(|line| !line.contains(",a,1.0,"))
            .fold(String::new(), |text, line| text + line + "\n")
    };
    let said = said(&with(TRIALS, |bytes| of_a(bytes).into_bytes()));
    assert!(said.starts_with("10 of 20 trials: "), "{said}");
}

/// The cells of a file, a list for each line.
fn cells(text: &[u8]) -> Vec<Vec<String>> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// The file of these cells.
fn joined(cells: &[Vec<String>]) -> Vec<u8> {
    cells.iter().map(|row| row.join(",") + "\n").collect::<String>().into_bytes()
}

/// A change of a cell: another digit where there is one, another text, something where there was nothing.
fn changed(cell: &str) -> String {
    let digit = cell.rfind(|letter: char| letter.is_ascii_digit());
    digit.map_or_else(
        || cell.to_owned() + "1",
        |place| {
            let next = (cell.as_bytes()[place] - b'0' + 1) % 10;
            format!("{}{next}{}", &cell[..place], &cell[place + 1..])
        },
    )
}

/// Asserts that whoever reads a run, and whoever would go on with it, refuses it with this place.
fn refused(run: &TempDir, place: &str) -> String {
    let said = read(run).unwrap_err();
    assert!(said.contains(place), "{said}, not {place}");
    let resumed = Journal::resume(run.path()).map(drop).map_err(|error| error.to_string());
    assert!(resumed.clone().is_err_and(|said| said.contains(place)), "{resumed:?}, not {place}");
    said
}

#[test]
fn any_cell_of_a_row_that_was_changed_is_refused_with_file_line_and_remedy() {
    for name in [TRIALS, ROUNDS] {
        let whole = cells(&fs::read(whole().path().join(name)).unwrap());
        for (place, column) in whole[0].iter().enumerate() {
            // A row that has the value, where any has.
            let line = (1..whole.len()).find(|line| !whole[*line][place].is_empty()).unwrap_or(1);
            let mut other = whole.clone();
            other[line][place] = changed(&whole[line][place]);
            assert_ne!(other, whole);
            let said = refused(&with(name, |_| joined(&other)), &format!("{name}:{}: reading a ", line + 1));
            assert!(said.contains("use the file that the run wrote"), "{column}: {said}");
            if !whole[line][place].is_empty() && column.ends_with("_bytes") {
                assert!(said.contains("column `checksum`: it does not fit the row"), "{column}: {said}");
            }
        }
    }
}

#[test]
fn what_was_measured_in_two_trials_cannot_be_exchanged_and_to_exchange_their_lines_changes_nothing() {
    let summary = |run: &TempDir| {
        read(run).unwrap();
        fs::read(run.path().join(SUMMARY)).unwrap()
    };
    let whole = cells(&fs::read(whole().path().join(TRIALS)).unwrap());
    let row = |block: &str| (1..19).find(|line| whole[*line][3] == block && whole[*line][7] == "a").unwrap();
    let (one, other) = (row("1"), row("2"));
    let mut lines = whole.clone();
    lines.swap(one, other);
    assert_eq!(summary(&with(TRIALS, |_| joined(&lines))), summary(&crate::whole()));
    let first = whole[0].iter().position(|name| name == "process_lifetime_ns").unwrap();
    let last = whole[0].len() - 1;
    for places in [first..last, last..last + 1, first..last + 1] {
        let mut rows = whole.clone();
        for place in places {
            (rows[one][place], rows[other][place]) = (whole[other][place].clone(), whole[one][place].clone());
        }
        refused(&with(TRIALS, |_| joined(&rows)), &format!("trials.csv:{}: reading a trial", one + 1));
    }
}

#[test]
fn a_row_of_another_run_is_refused_though_all_its_values_are_the_same() {
    let another = whole_of("another");
    for name in [TRIALS, ROUNDS] {
        let theirs = fs::read(another.path().join(name)).unwrap();
        let ours = fs::read(whole().path().join(name)).unwrap();
        let without_checksum =
            |line: &[u8]| String::from_utf8_lossy(line).rsplit_once(',').unwrap().0.to_owned();
        for line in [1, 7, 17] {
            let mut mixed = lines(&ours);
            assert_eq!(without_checksum(mixed[line]), without_checksum(lines(&theirs)[line]));
            mixed[line] = lines(&theirs)[line];
            let run = with(name, |_| mixed.concat());
            let said = refused(&run, &format!("{name}:{}: ", line + 1));
            assert!(said.contains("which was changed or is of another run"), "{said}");
        }
        refused(&with(name, |_| theirs.clone()), &format!("{name}:2: "));
    }
}

#[test]
fn checksums_that_are_gone_and_columns_under_other_names_are_refused() {
    for name in [TRIALS, ROUNDS] {
        let whole = cells(&fs::read(whole().path().join(name)).unwrap());
        let last = whole[0].len() - 1;
        let without: Vec<Vec<String>> = whole.iter().map(|row| row[..last].to_vec()).collect();
        let said = read(&with(name, |_| joined(&without))).unwrap_err();
        assert!(
            said.contains(&format!("{name}:1: reading the header: column `checksum` is missing")),
            "{said}"
        );
        let mut emptied = whole.clone();
        emptied[3][last].clear();
        refused(&with(name, |_| joined(&emptied)), &format!("{name}:4: "));
        // A column that nobody knows is ignored where rows have no checksums.
        let mut renamed = whole.clone();
        let column = renamed[0].iter_mut().find(|column| *column == "peak_in_flight").unwrap();
        column.push_str("_of_mine");
        let said = read(&with(name, |_| joined(&renamed))).unwrap_err();
        assert!(said.contains(&format!("{name}:2: ")) && said.contains("`checksum`"), "{said}");
    }
}

/// The results page has a program for those who want to check the rows by themselves.
#[test]
fn a_program_of_ten_lines_in_another_language_finds_the_same_checksums() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../results/README.md")).unwrap();
    let program = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let check = |run: &TempDir| {
        let mut python = Command::new("python3");
        python.args(["-c", program]).current_dir(run.path()).assert()
    };
    check(&whole()).success();
    let run =
        with(TRIALS, |bytes| String::from_utf8(bytes).unwrap().replacen(",1050000,", ",1050001,", 1).into());
    check(&run).failure();
}

#[test]
fn a_value_that_contradicts_another_is_refused_with_its_place_even_if_its_checksum_was_taken_anew() {
    for (name, from, to, expected) in [
        (TRIALS, ",2000000,", ",9000000,", "trials.csv:2: reading a trial: column `makespan_ns`"),
        (TRIALS, ",1000,1000,", ",5,1000,", "column `completed`: 5, and a trial that counts has 1000"),
        (TRIALS, ",1050000,1060000,", ",1090001,1060000,", "column `latency_p50_ns`"),
        (TRIALS, ",2010000,", ",2010001,", "rounds.csv:8: reading a round of a trial: column `makespan_ns`"),
        (TRIALS, ",1,0,timed,0,a,", ",7,0,timed,0,a,", "no timed trial of this cell in block 7"),
        (TRIALS, ",sleep,1000,2,3,", ",sleep,1000,3,3,", "column `workers`: 3, and the plan's cell has 2"),
        (ROUNDS, ",0,2010000,", ",0,2010001,", "its trial is in line"),
        (ROUNDS, ",1,2008500,", ",1,9000000,", "the median of the later makespans"),
        (ENDING, "plan", "whim", "ending.json"),
    ] {
        let run = with(name, |bytes| {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from), "{name} has no {from}");
            text.replacen(from, to, 1).into_bytes()
        });
        seal_again(run.path());
        let said = said(&run);
        assert!(said.contains(expected), "{name}, {from} to {to}: {said:?}, not {expected}");
    }
}

#[test]
fn any_byte_may_change_without_a_panic() {
    for name in [TRIALS, ROUNDS, PLAN, ENDING, ENVIRONMENT, "spans/e_sleep-1000-1ms_a.csv"] {
        let length = fs::read(whole().path().join(name)).unwrap().len();
        for place in (0..length).step_by((length / 10).max(1)) {
            for byte in [b'9', b'"', b'\n', 0, 0xff] {
                let run = with(name, |mut bytes| {
                    bytes[place] = byte;
                    bytes
                });
                let _ = read(&run);
                let _ = Journal::resume(run.path());
            }
        }
    }
}

/// Every number and text of a JSON file, by its place.
fn leaves(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, one)| leaves(one, &format!("{place}/{at}"), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(key, one)| leaves(one, &format!("{place}/{key}"), found));
        }
        _ => found.push(place.into()),
    }
}

#[test]
fn a_plan_that_was_changed_anywhere_is_refused_and_harms_nothing_outside() {
    let plan: Value = serde_json::from_slice(&fs::read(whole().path().join(PLAN)).unwrap()).unwrap();
    let mut places = Vec::new();
    leaves(&plan, "", &mut places);
    assert!(places.len() > 30, "{places:?}");
    for place in places {
        let outer = tempfile::tempdir().unwrap();
        fs::write(outer.path().join("victim.csv"), "thesis").unwrap();
        for evil in [Value::from(1u64 << 60), Value::from(0), Value::from("../../victim"), Value::Null] {
            let mut changed = plan.clone();
            if *changed.pointer(&place).unwrap() == evil {
                continue;
            }
            *changed.pointer_mut(&place).unwrap() = evil.clone();
            let run = with(PLAN, |_| serde_json::to_vec(&changed).unwrap());
            let said = said(&run);
            let is_refused = said.contains("plan.json");
            // To say nothing of what is optional is to say the same.
            assert!(is_refused || (evil == Value::Null && said.is_empty()), "{place} = {evil}: {said:?}");
        }
        assert_eq!(fs::read(outer.path().join("victim.csv")).unwrap(), b"thesis");
    }
}

#[test]
fn what_is_no_regular_file_in_the_place_of_one_is_refused_and_waits_for_nobody() {
    for name in [PLAN, TRIALS, ROUNDS, ENVIRONMENT, ENDING, "spans/e_sleep-1000-1ms_a.csv"] {
        for kind in ["pipe", "zero", "folder", "nothing"] {
            let run = whole();
            let path = run.path().join(name);
            fs::remove_file(&path).unwrap();
            match kind {
                "pipe" => drop(Command::new("mkfifo").arg(&path).assert().success()),
                "zero" => symlink("/dev/zero", &path).unwrap(),
                "folder" => fs::create_dir(&path).unwrap(),
                _ => symlink("nowhere", &path).unwrap(),
            }
            let read = read(&run);
            let _ = Journal::resume(run.path());
            let is_optional = kind == "nothing" && ![PLAN, TRIALS].contains(&name);
            match read {
                Err(refusal) => assert!(refusal.contains(name), "{name} as {kind}: {refusal}"),
                Ok(_) => assert!(is_optional, "{name} as {kind} was read"),
            }
        }
    }
}

#[test]
fn a_folder_of_the_run_that_is_a_link_is_not_written_to() {
    for name in [SPANS, "figures"] {
        let (run, theirs) = (whole(), tempfile::tempdir().unwrap());
        let _ = fs::remove_dir_all(run.path().join(name));
        for file in ["thesis.csv", "thesis.svg", ".thesis.csv.a1.new"] {
            fs::write(theirs.path().join(file), "theirs").unwrap();
        }
        symlink(theirs.path(), run.path().join(name)).unwrap();
        let _ = read(&run);
        let resumed = Journal::resume(run.path()).map(drop).map_err(|error| error.to_string());
        assert!(name != SPANS || resumed.unwrap_err().contains("spans: it is a link"));
        assert_eq!(fs::read_dir(theirs.path()).unwrap().count(), 3, "{name}");
    }
}

fn kilotask(arguments: &[&str], folder: &Path) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_kilotask")).args(arguments).arg(folder).assert()
}

fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn every_verb_says_on_standard_error_what_is_missing_and_how_to_get_it() {
    let run = with(TRIALS, |bytes| {
        let lines = lines(&bytes);
        lines[..10].concat()
    });
    let whole = whole();
    aggregate::aggregate(whole.path()).unwrap();
    for verb in [&["aggregate"][..], &["report"], &["table"], &["compare", whole.path().to_str().unwrap()]] {
        let assert = kilotask(verb, run.path()).code(0);
        let said = stderr(&assert);
        assert!(
            said.contains("9 of 20 trials: 11 rows of trials that have run are missing"),
            "{verb:?}: {said}"
        );
        assert!(said.contains("kilotask run --out ") && said.contains(" --resume"), "{verb:?}: {said}");
    }
    let json = ["compare", "--json", whole.path().to_str().unwrap()];
    let output = kilotask(&json, run.path()).code(0).get_output().stdout.clone();
    let json: Value = serde_json::from_slice(&output).unwrap();
    assert_eq!((&json["trials"]["b"][0]["trials"], &json["trials"]["b"][0]["lost"]), (&9.into(), &11.into()));
    let page = fs::read_to_string(run.path().join("report.html")).unwrap();
    assert!(page.contains("9 of 20 trials"), "the page says nothing of it");
}

#[test]
fn what_cannot_be_read_is_exit_1_and_no_escape_of_a_stranger_reaches_the_terminal() {
    let hostile = with(TRIALS, |bytes| {
        String::from_utf8(bytes).unwrap().replacen(",rust,", ",\u{1b}]0;rust\u{7},", 1).into_bytes()
    });
    for verb in ["aggregate", "report", "table"] {
        let assert = kilotask(&[verb], hostile.path()).code(1);
        let said = stderr(&assert);
        assert!(said.starts_with("error: ") && !said.contains('\u{1b}') && !said.contains('\u{7}'), "{said}");
    }
    let machine =
        with(ENVIRONMENT, |_| br#"{"cpus":2,"cpu_model":"\u001b[2J\u202efast","kernel":"\u0007"}"#.to_vec());
    let assert = kilotask(&["aggregate"], machine.path()).code(0);
    let shown = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(shown.contains("\\u{1b}[2J\\u{202e}fast") && !shown.contains('\u{1b}'), "{shown}");
}

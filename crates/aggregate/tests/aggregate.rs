//! Whole runs, from the files to the files.

mod support;

use std::fs;
use std::path::Path;

use aggregate::aggregate;
use protocol::Status;
use results::fixture::{run, sample, timed};
use results::folder::{FLAGS, PLAN, RATIOS, SCALING, SUMMARY, TRIALS, VERDICTS};
use results::{Claim, Pass, Plan, PresetName, SummaryRow, TrialRow, VerdictRow, read};
use support::{claim, ratio, value, write_plan_with, write_trials};
use tempfile::TempDir;

/// Three runtimes, twenty blocks, all three passes, a failure here and there.
fn samples() -> Vec<TrialRow> {
    let mut samples = Vec::new();
    for block in 0..20 {
        for (factor, runtime) in (1..).zip(["floor", "tokio", "threads"]) {
            // Spread by a fixed step modulo a prime: no two blocks are alike.
            let spread = u64::from(block * 37 % 101);
            samples.push(TrialRow {
                startup_ns: Some(5000 + spread),
                cpu_user_ns: Some(300 * factor + spread),
                cpu_system_ns: Some(7),
                ..timed(runtime, block, 1000 * factor * factor + spread * factor)
            });
        }
    }
    samples[31].status = Status::Timeout;
    samples.push(TrialRow { pass: Pass::Counted, allocations: Some(123), ..sample("tokio", 0) });
    samples.push(TrialRow { pass: Pass::Traced, syscalls: Some(45), ..sample("tokio", 1) });
    samples
}

/// One claim for each verdict, and more of them than threads.
fn claims() -> Vec<Claim> {
    let mut claims = vec![
        claim("supported", ratio("threads", "floor"), ">= 5"),
        claim("refuted", value("tokio"), ">= 1s"),
        claim("equivalent", ratio("floor", "floor"), "within 10 %"),
        claim("inconclusive", value("floor"), "1047ns to 1060ns"),
        claim("untestable", ratio("glommio", "floor"), ">= 1"),
    ];
    claims.extend((1..20).map(|n| claim(&format!("more-{n}"), ratio("tokio", "floor"), &format!(">= {n}"))));
    claims
}

fn run_with_claims() -> TempDir {
    let dir = run(&samples());
    write_plan_with(dir.path(), &claims());
    dir
}

fn results(dir: &Path) -> [String; 5] {
    let files = [SUMMARY, RATIOS, SCALING, FLAGS, VERDICTS];
    files.map(|name| fs::read_to_string(dir.join(name)).unwrap())
}

#[test]
fn the_files_hold_the_rows_that_are_returned() {
    let dir = run(&samples());
    let found = aggregate(dir.path()).unwrap();
    assert_eq!((found.trials, found.torn_rows), (62, 0));
    let rows: Vec<SummaryRow> = read::rows(&dir.path().join(SUMMARY)).unwrap();
    assert_eq!(rows.len(), found.summary.len());
    for (written, returned) in rows.iter().zip(&found.summary) {
        let name = |row: &SummaryRow| (row.cell.clone(), row.metric, row.n);
        assert_eq!(name(written), name(returned));
        assert!((written.mean - returned.mean).abs() <= 1e-5 * returned.mean.abs());
    }
    let ratios = fs::read_to_string(dir.path().join(RATIOS)).unwrap();
    assert_eq!(ratios.lines().count(), 1 + found.ratios.len());
}

#[test]
fn the_bytes_are_the_same_for_one_thread_and_for_many() {
    let results = [1, 2, 5].map(|threads| {
        let dir = run_with_claims();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| aggregate(dir.path())).unwrap();
        results(dir.path())
    });
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}

#[test]
fn the_claims_of_the_plan_are_judged_in_its_order() {
    let dir = run_with_claims();
    let found = aggregate(dir.path()).unwrap();
    let written: Vec<VerdictRow> = read::rows(&dir.path().join(VERDICTS)).unwrap();
    let ids = |rows: &[VerdictRow]| rows.iter().map(|row| row.claim.clone()).collect::<Vec<String>>();
    assert_eq!(ids(&written), claims().into_iter().map(|claim| claim.id).collect::<Vec<String>>());
    assert_eq!(ids(&found.verdicts), ids(&written));
    let verdicts: Vec<&str> = written.iter().take(5).map(|row| row.verdict.name()).collect();
    assert_eq!(verdicts, ["supported", "refuted", "equivalent", "inconclusive", "untestable"]);
    assert!(written.iter().all(|row| row.reason.ends_with('.')), "{written:?}");
}

#[test]
fn claims_that_were_changed_after_their_hash_was_taken_are_refused() {
    let dir = run_with_claims();
    let path = dir.path().join(PLAN);
    let plan = fs::read_to_string(&path).unwrap();
    fs::write(&path, plan.replacen("\"low\": 5.0", "\"low\": 4.0", 1)).unwrap();
    let error = aggregate(dir.path()).unwrap_err().to_string();
    assert!(error.contains("is not the one taken before the first trial"), "{error}");
}

#[test]
fn the_order_of_the_rows_in_the_file_does_not_change_what_a_cell_is() {
    let mut samples = samples();
    let sorted = |samples: &[TrialRow]| {
        let mut rows = aggregate(run(samples).path()).unwrap().summary;
        rows.sort_by(|a, b| (&a.cell, &a.metric).cmp(&(&b.cell, &b.metric)));
        rows
    };
    let forwards = sorted(&samples);
    samples.reverse();
    assert_eq!(sorted(&samples), forwards);
    samples.rotate_left(17);
    assert_eq!(sorted(&samples), forwards);
}

#[test]
fn a_torn_last_row_changes_nothing_but_the_count_of_torn_rows() {
    let dir = run(&samples());
    let whole = aggregate(dir.path()).unwrap();
    let expected = results(dir.path());
    let path = dir.path().join(TRIALS);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + "e,tokio,g,99,0,timed,tok").unwrap();
    let torn = aggregate(dir.path()).unwrap();
    assert_eq!(torn.torn_rows, 1);
    assert_eq!((torn.summary, torn.ratios, torn.trials), (whole.summary, whole.ratios, whole.trials));
    assert_eq!(results(dir.path()), expected);
}

#[test]
fn no_result_depends_on_the_seed() {
    let dir = run(&samples());
    let first = aggregate(dir.path()).unwrap();
    let plan = Plan::empty(PresetName::Default, 8);
    fs::write(dir.path().join(PLAN), plan.file()).unwrap();
    assert_eq!(aggregate(dir.path()).unwrap(), first);
}

#[test]
fn a_run_in_which_nothing_was_ok_has_headers_and_no_rows() {
    let dir = run(&[TrialRow { status: Status::Unavailable, ..sample("glommio", 1) }]);
    let found = aggregate(dir.path()).unwrap();
    assert!(found.summary.is_empty() && found.ratios.is_empty());
    let results = results(dir.path());
    assert!(results.iter().all(|text| text.lines().count() == 1), "{results:?}");
    assert!(results[0].starts_with("experiment,cell,group,runtime,"));
    assert!(results[1].starts_with("experiment,group,workload,tasks,metric,"));
}

#[test]
fn an_error_leaves_the_earlier_results_as_they_were_and_nothing_else_behind() {
    let dir = run(&samples());
    aggregate(dir.path()).unwrap();
    let before = results(dir.path());
    let twice = [timed("a", 1, 1), timed("a", 1, 1)];
    write_trials(dir.path(), twice.into_iter());
    assert!(aggregate(dir.path()).is_err());
    assert_eq!(results(dir.path()), before);
    let mut files: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    files.sort();
    let expected = [FLAGS, PLAN, RATIOS, SCALING, SUMMARY, TRIALS, VERDICTS];
    assert_eq!(files, expected);
}

#[test]
fn a_folder_without_trials_is_refused_with_how_to_get_them() {
    let dir = run(&samples());
    fs::remove_file(dir.path().join(TRIALS)).unwrap();
    let error = aggregate(dir.path()).unwrap_err().to_string();
    assert!(error.contains("trials.csv: No such file"), "{error}");
    assert!(error.contains("kilotask run"), "{error}");
}

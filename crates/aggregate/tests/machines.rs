//! Merged folders, from the files to the files: each machine as a run of its own, and all of them together.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use aggregate::{Merged, aggregate, aggregate_merged};
use protocol::Status;
use results::fixture::timed;
use results::folder::{
    ACROSS, CROSSOVERS_ACROSS, FLAGS, MACHINES, RATIOS, SCALING, SUMMARY, TRIALS, VERDICTS, VERDICTS_ACROSS,
};
use results::{
    AcrossRow, AcrossVerdict, AcrossVerdictRow, Against, Claim, CrossoverRow, Metric, TrialRow, VerdictRow,
    read,
};
use support::merged::{OfMachine, machine, write_merged_with};
use support::noise::Random;
use support::{claim, plan_of, ratio, value, write_plan, write_trials};
use tempfile::TempDir;

const BLOCKS: u32 = 13;

/// The blocks of `a` and the floor on a machine, where a takes so many times as long, beside 2 % of noise.
fn two(name: &str, factor: f64, seed: u64) -> OfMachine {
    let mut random = Random::new(seed);
    let mut trials = Vec::new();
    for block in 1..=BLOCKS {
        for (runtime, factor) in [("a", factor), ("floor", 1.0)] {
            trials.push(timed(runtime, block, noisy(1e6 * factor, &mut random)));
        }
    }
    (machine(name, 1), trials)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive and small
fn noisy(ns: f64, random: &mut Random) -> u64 {
    (ns * (0.02 * random.normal()).exp()) as u64
}

/// A merged folder of these machines, and what is found in it.
fn merged(claims: &[Claim], machines: impl IntoIterator<Item = OfMachine>) -> (TempDir, Merged) {
    let dir = tempfile::tempdir().unwrap();
    write_merged_with(dir.path(), claims, plan_of(BLOCKS, 1), machines);
    let found = aggregate_merged(dir.path()).unwrap();
    (dir, found)
}

fn eight(factor: impl Fn(u64) -> f64) -> Vec<OfMachine> {
    (1..=8).map(|place| two(&format!("m{place}"), factor(place), place)).collect()
}

fn pair(found: &Merged) -> &AcrossRow {
    let is_it = |row: &&AcrossRow| row.metric == Metric::Makespan && row.against == Against::Floor;
    found.across.iter().find(is_it).unwrap()
}

fn verdict_of<'a>(found: &'a Merged, claim: &str) -> &'a AcrossVerdictRow {
    found.verdicts.iter().find(|row| row.claim == claim).unwrap()
}

/// The bytes of what follows from the trials of a folder.
fn derived(dir: &Path) -> BTreeMap<&'static str, String> {
    [SUMMARY, RATIOS, SCALING, FLAGS, VERDICTS]
        .map(|file| (file, fs::read_to_string(dir.join(file)).unwrap()))
        .into()
}

#[test]
fn each_machine_has_the_same_files_as_a_run_of_its_rows_alone() {
    let claims = [claim("more", ratio("a", "floor"), ">= 1.1"), claim("short", value("a"), "<= 2ms")];
    let machines = eight(|place| 1.2 + 0.01 * place as f64);
    let (dir, _) = merged(&claims, machines.clone());
    for (machine, trials) in machines {
        let alone = tempfile::tempdir().unwrap();
        write_plan(alone.path(), &claims, plan_of(BLOCKS, 1));
        write_trials(alone.path(), trials.into_iter());
        aggregate(alone.path()).unwrap();
        let folder = results::folder::of_machine(dir.path(), &machine.machine).unwrap();
        assert_eq!(derived(&folder), derived(alone.path()), "{}", machine.machine);
    }
}

#[test]
fn the_same_folder_gives_the_same_bytes_again_and_they_can_be_read() {
    let claims = [claim("more", ratio("a", "floor"), ">= 1.1")];
    let (dir, found) = merged(&claims, eight(|_| 1.2));
    let bytes = || [ACROSS, VERDICTS_ACROSS].map(|file| fs::read(dir.path().join(file)).unwrap());
    let before = bytes();
    assert_eq!(aggregate_merged(dir.path()).unwrap(), found);
    assert_eq!(bytes(), before);
    let across: Vec<AcrossRow> = read::rows(&dir.path().join(ACROSS)).unwrap();
    assert_eq!((across.len(), across[0].machines), (found.across.len(), 8));
    let verdicts: Vec<AcrossVerdictRow> = read::rows(&dir.path().join(VERDICTS_ACROSS)).unwrap();
    assert_eq!(verdicts[0].reason, found.verdicts[0].reason);
}

#[test]
fn machines_that_are_equal_decide_a_claim_together() {
    let claims = [
        claim("more", ratio("a", "floor"), ">= 1.1"),
        claim("less", ratio("a", "floor"), "<= 1.1"),
        claim("alike", ratio("a", "floor"), "within 30 %"),
        claim("at-it", ratio("a", "floor"), ">= 1.2"),
        claim("short", value("a"), "<= 1ms"),
    ];
    let (_, found) = merged(&claims, eight(|_| 1.2));
    let row = pair(&found);
    let (low, high) = (row.ci_low.unwrap(), row.ci_high.unwrap());
    assert!(low < 1.2 && 1.2 < high && high / low < 1.03, "{row:?}");
    assert!(
        row.next_low.unwrap() <= low && high <= row.next_high.unwrap() && row.tau_low == Some(0.0),
        "{row:?}"
    );
    let expected = [
        ("more", AcrossVerdict::Supported, (8, 0)),
        ("less", AcrossVerdict::Refuted, (0, 8)),
        ("alike", AcrossVerdict::Equivalent, (8, 0)),
        ("at-it", AcrossVerdict::Inconclusive, (0, 0)),
        ("short", AcrossVerdict::ByMachine, (0, 8)),
    ];
    for (id, verdict, counts) in expected {
        let row = verdict_of(&found, id);
        assert_eq!((row.verdict, (row.holds, row.fails)), (verdict, counts), "{row:?}");
    }
    assert_eq!(verdict_of(&found, "more").measured, pair(&found).ratio);
    assert_eq!(verdict_of(&found, "short").measured, None);
}

#[test]
fn one_machine_that_contradicts_the_others_is_told_and_named() {
    let claims = [claim("more", ratio("a", "floor"), ">= 1.1"), claim("short", value("a"), "<= 1.1ms")];
    let (_, found) = merged(&claims, eight(|place| if place == 5 { 0.9 } else { 1.2 }));
    let row = verdict_of(&found, "more");
    assert_eq!((row.verdict, &*row.fails_on), (AcrossVerdict::DiffersByMachine, "m5"));
    assert_eq!((row.holds, &*row.holds_on), (7, "m1 m2 m3 m4 m6 m7 m8"));
    let words = "It differs by machine: it holds on m1, m2, m3, m4 and 3 more and does not on m5";
    assert!(row.reason.contains(words), "{}", row.reason);
    // What has a unit can differ as well.
    assert_eq!(verdict_of(&found, "short").verdict, AcrossVerdict::DiffersByMachine);
    assert_eq!(verdict_of(&found, "short").holds_on, "m5");
}

#[test]
fn machines_that_truly_differ_widen_the_interval_and_that_of_the_next_one() {
    let (_, equal) = merged(&[], eight(|_| 1.2));
    let (_, different) = merged(&[], eight(|place| 1.2 * (0.05 * (place as f64 - 4.5)).exp()));
    let width = |row: &AcrossRow| row.ci_high.unwrap() / row.ci_low.unwrap();
    assert!(width(pair(&different)) > 1.1 && width(pair(&equal)) < 1.03);
    let row = pair(&different);
    assert!(row.tau_low.unwrap() > 0.05 && row.tau.unwrap() < 0.2 && row.next_high.unwrap() > 1.4, "{row:?}");
}

#[test]
fn two_machines_have_no_mean() {
    let claims = [claim("more", ratio("a", "floor"), ">= 1.1")];
    let (_, found) = merged(&claims, eight(|_| 1.2).into_iter().take(2));
    let row = pair(&found);
    assert_eq!((row.machines, row.ratio, row.t_low), (2, None, None));
    let row = verdict_of(&found, "more");
    assert_eq!((row.verdict, row.measured, row.holds), (AcrossVerdict::TooFewMachines, None, 2));
    assert!(
        row.reason.ends_with("holds on all 2 machines. Fewer than 3 machines have no mean."),
        "{}",
        row.reason
    );
}

#[test]
fn where_a_runtime_fails_on_one_machine_there_is_no_mean_of_the_others() {
    let claims = [claim("more", ratio("a", "floor"), ">= 1.1")];
    for failing in [1, 7, 13] {
        let mut machines = eight(|_| 1.2);
        let of_a = machines[2].1.iter_mut().filter(|trial| trial.runtime == "a").take(failing);
        of_a.for_each(|trial| trial.status = Status::Crashed);
        let (_, found) = merged(&claims, machines);
        assert_eq!(pair(&found).machines, 8, "{failing}");
        // One failure of 13 is a slow block; seven leave no median, and 13 no cell.
        assert_eq!(pair(&found).ratio.is_some(), failing == 1, "{failing}");
        let row = verdict_of(&found, "more");
        assert_eq!((row.machines, row.measured.is_some()), (8, failing == 1), "{row:?}");
    }
    // One that cannot run there is no result.
    let mut machines = eight(|_| 1.2);
    let of_a = machines[2].1.iter_mut().filter(|trial| trial.runtime == "a");
    of_a.for_each(|trial| trial.status = Status::Unavailable);
    let (_, found) = merged(&claims, machines);
    assert_eq!((pair(&found).machines, pair(&found).ratio.is_some()), (7, true));
    assert_eq!(verdict_of(&found, "more").machines, 7);
}

#[test]
fn a_bound_of_so_many_cores_is_not_judged_where_there_are_others() {
    let per_core = claim("per-core", ratio("a", "floor"), ">= 0.8 x cores");
    let per_core = Claim { expect: per_core.expect.on(1), ..per_core };
    let mut machines = eight(|_| 1.2);
    machines[6].0.cpus = 4;
    let (dir, found) = merged(&[per_core], machines);
    let row = verdict_of(&found, "per-core");
    assert_eq!((row.machines, row.holds, row.verdict), (7, 7, AcrossVerdict::Supported));
    let folder = results::folder::of_machine(dir.path(), "m7").unwrap();
    let there: Vec<VerdictRow> = read::rows(&folder.join(VERDICTS)).unwrap();
    assert_eq!(there[0].reason, "Untestable: its bound is that of 1 CPUs, and this machine has 4.");
}

#[test]
fn two_parts_of_one_machine_are_sittings_of_their_own() {
    let (this, trials) = two("m1", 1.2, 1);
    let dir = tempfile::tempdir().unwrap();
    write_merged_with(
        dir.path(),
        &[claim("more", ratio("a", "floor"), ">= 1.1")],
        plan_of(BLOCKS, 1),
        [(this, trials)],
    );
    let path = dir.path().join(TRIALS);
    let text = fs::read_to_string(&path).unwrap();
    let renamed = |(line, row): (usize, &str)| {
        if line > 0 && (line - 1) / 2 % 2 == 1 { row.replace(",part", ",other") } else { row.into() }
    };
    let text: String = text.lines().enumerate().map(renamed).map(|row| row + "\n").collect();
    fs::write(&path, text).unwrap();
    aggregate_merged(dir.path()).unwrap();
    let folder = results::folder::of_machine(dir.path(), "m1").unwrap();
    let verdicts: Vec<VerdictRow> = read::rows(&folder.join(VERDICTS)).unwrap();
    assert_eq!(verdicts[0].sittings, Some(2));
}

/// A folder whose file is changed, and what is said of it.
fn refused(file: &str, change: impl Fn(&str) -> String) -> String {
    let dir = tempfile::tempdir().unwrap();
    write_merged_with(dir.path(), &[], plan_of(BLOCKS, 1), eight(|_| 1.2));
    let path: PathBuf = dir.path().join(file);
    fs::write(&path, change(&fs::read_to_string(&path).unwrap())).unwrap();
    aggregate_merged(dir.path()).unwrap_err().to_string()
}

#[test]
fn a_folder_that_was_not_merged_so_is_refused_with_its_line() {
    let two_places = |text: &str| {
        let mut lines: Vec<&str> = text.lines().collect();
        let moved = lines.remove(1);
        lines.push(moved);
        lines.join("\n") + "\n"
    };
    assert!(
        refused(TRIALS, two_places)
            .contains("its machine, \"m1\", is not in machines.csv, or its rows are in two places")
    );
    let cut = |text: &str| {
        let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("m3,")).collect();
        kept.join("\n") + "\n"
    };
    assert!(refused(MACHINES, cut).contains("trials.csv:54: its machine, \"m3\", is not in machines.csv"));
    let climbing = |text: &str| text.replace("\nm3,", "\n../m3,");
    assert!(refused(MACHINES, climbing).contains("machines.csv:4: column `machine`: \"../m3\" is no name"));
    let added = |text: &str| text.to_string() + &text.lines().nth(1).unwrap().replace("m1,", "m9,") + "\n";
    assert!(refused(MACHINES, added).contains("machine \"m9\" of machines.csv has no row"));
    let without = |text: &str| text.replace(",machine,part\n", ",machines,part\n");
    assert!(refused(TRIALS, without).contains("column `machine` is missing"));
    let empty = |text: &str| text.lines().next().unwrap().to_string() + "\n";
    assert!(refused(MACHINES, empty).contains("it has 0 machines"));
}

/// Two runtimes at three sizes, of which b costs less up to so many tasks, on a machine that is so many times as slow; where
/// there is no number, it costs less at none of the sizes.
fn crossing(name: &str, tasks: Option<f64>, slow: f64, seed: u64) -> OfMachine {
    let mut random = Random::new(seed);
    // Of a: 16000 + 20·N; of b: 30·N and what makes both the same at the crossover.
    let fixed = tasks.map_or(20_000.0, |tasks| 16_000.0 - 10.0 * tasks);
    let mut trials = Vec::new();
    for block in 1..=BLOCKS {
        for size in [10_u32, 100, 1000] {
            for (runtime, fixed, per_task) in [("a", 16_000.0, 20.0), ("b", fixed, 30.0)] {
                let ns = 1000.0 * slow * (fixed + per_task * f64::from(size));
                trials.push(TrialRow {
                    cell: format!("e_sleep-{size}-1ms_{runtime}"),
                    group: format!("e_sleep-{size}-1ms"),
                    tasks: size.into(),
                    ..timed(runtime, block, noisy(ns, &mut random))
                });
            }
        }
    }
    (machine(name, 1), trials)
}

/// The crossover of b against a by makespan, on machines that have these.
fn crossovers(of_machines: &[Option<f64>]) -> CrossoverRow {
    let machines = (1..).zip(of_machines);
    let machines = machines.map(|(at, tasks)| crossing(&format!("m{at}"), *tasks, at as f64, at));
    let (dir, found) = merged(&[], machines);
    let rows: Vec<CrossoverRow> = read::rows(&dir.path().join(CROSSOVERS_ACROSS)).unwrap();
    let is_it = |row: &&CrossoverRow| row.metric == Metric::Makespan && row.runtime == "b";
    let row = rows.iter().find(is_it).unwrap().clone();
    assert_eq!(rows.len(), found.crossovers.len());
    row
}

#[test]
fn a_crossover_is_the_same_on_a_slower_machine_and_has_a_mean_over_three() {
    let row = crossovers(&[Some(400.0); 4]);
    assert_eq!((&*row.series, &*row.against, row.largest), ("sleep-*-1ms", "a", 1000));
    assert_eq!((row.machines, row.cross), (4, 4));
    assert!(row.ci_low.unwrap() < 400.0 && 400.0 < row.ci_high.unwrap(), "{row:?}");
    assert!(row.least <= row.tasks.unwrap() && row.tasks.unwrap() <= row.most, "{row:?}");
    // The mean is that of logarithms, and machines that differ widen the interval.
    let row = crossovers(&[Some(200.0), Some(400.0), Some(800.0)]);
    assert!((row.tasks.unwrap() / 400.0 - 1.0).abs() < 0.1 && row.tau.unwrap() > 0.4, "{row:?}");
    assert!(row.ci_low.unwrap() < 250.0 && row.ci_high.unwrap() > 700.0, "{row:?}");
    let row = crossovers(&[Some(400.0); 2]);
    assert_eq!((row.machines, row.cross, row.tasks, row.ci_low), (2, 2, None, None));
}

#[test]
fn a_machine_on_which_two_do_not_cross_is_counted_and_then_there_is_no_mean() {
    let row = crossovers(&[Some(400.0), Some(400.0), Some(400.0), None]);
    assert_eq!((row.machines, row.cross, row.at_no_size, row.at_largest), (4, 3, 1, 0));
    assert_eq!((row.tasks, row.next_low, row.t_low), (None, None, None));
    // Beyond the largest size there is no number either.
    let row = crossovers(&[Some(400.0), Some(400.0), Some(400.0), Some(1500.0)]);
    assert_eq!((row.cross, row.at_largest, row.tasks), (3, 1, None), "{row:?}");
}

#[test]
fn where_a_size_failed_on_one_machine_its_crossover_is_not_known() {
    let mut machines: Vec<OfMachine> =
        (1..=4).map(|at| crossing(&format!("m{at}"), Some(400.0), 1.0, at)).collect();
    let largest = machines[2].1.iter_mut().filter(|trial| trial.runtime == "a" && trial.tasks == 1000);
    largest.for_each(|trial| trial.status = Status::Crashed);
    let (_, found) = merged(&[], machines);
    let row =
        found.crossovers.iter().find(|row| row.metric == Metric::Makespan && row.runtime == "b").unwrap();
    assert_eq!((row.machines, row.cross, row.unknown, row.tasks), (4, 3, 1, None), "{row:?}");
}

//! Runs that are killed, at any moment and for good: nothing is lost, nothing is run twice, nobody is
//! left behind or locked out.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use protocol::proof::splitmix64;

use crate::support::{Checkout, column, wait_until};

/// How often runs are killed.
const KILLS: u32 = 100;

/// Numbers that are the same whenever the test runs; when they hit, the machine decides.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: Duration) -> Duration {
        self.0 = splitmix64(self.0);
        Duration::from_nanos(self.0 % u64::try_from(most.as_nanos()).unwrap().max(1))
    }
}

/// A run that is killed again and again until it has ended.
struct Victim<'a> {
    checkout: &'a Checkout,
    out: String,
    /// What stood in its trials, whole rows only, at the last look.
    whole: String,
    /// Kills before there was a plan, before there was a row, and later.
    kills: [u32; 3],
}

impl Victim<'_> {
    /// Sits until the end or the kill that comes within this time; whether it has come to its end.
    fn sit(&mut self, delay: Duration) -> bool {
        let begun = self.checkout.path().join(&self.out).join("plan.json").exists();
        let anew = ["run", "x.toml", "--seed", "7", "--out", &self.out];
        let again = ["run", "--resume", "--out", &self.out];
        let mut run = self.checkout.start(if begun { &again } else { &anew });
        let ended = wait_at_most(&mut run, delay);
        if ended.is_none() {
            // SIGKILL: it cannot prepare for it.
            run.kill().unwrap();
            run.wait().unwrap();
        }
        let said = self.checkout.read("said");
        assert!(ended.is_none_or(|status| status.success()), "{}: {said}", self.out);
        self.look();
        if ended.is_none() {
            let begun = self.checkout.path().join(&self.out).join("plan.json").exists();
            let has_rows = self.whole.lines().count() > 1;
            self.kills[usize::from(begun) + usize::from(has_rows)] += 1;
        }
        ended.is_some()
    }

    /// No runner outlives the run, no row that was whole has changed, and none stands twice.
    fn look(&mut self) {
        wait_until("no runner is left", || runners_in(self.checkout).is_empty());
        let path = self.checkout.path().join(&self.out).join("trials.csv");
        let text = fs::read_to_string(path).unwrap_or_default();
        let whole = &text[..text.rfind('\n').map_or(0, |newline| newline + 1)];
        assert!(whole.starts_with(&self.whole), "what was measured has changed:\n{}\n{whole}", self.whole);
        if !whole.is_empty() {
            let mut rows: Vec<&str> = whole.lines().collect();
            rows.sort_unstable();
            rows.dedup();
            assert_eq!(rows.len(), whole.lines().count(), "a row stands twice");
        }
        self.whole = whole.into();
    }
}

fn wait_at_most(run: &mut Child, time: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    loop {
        let ended = run.try_wait().unwrap();
        if ended.is_some() || began.elapsed() >= time {
            return ended;
        }
        std::thread::sleep(Duration::from_millis(1).min(time.saturating_sub(began.elapsed())));
    }
}

/// The processes that are at work in the folder of a runner.
fn runners_in(checkout: &Checkout) -> Vec<PathBuf> {
    let runners = fs::canonicalize(checkout.path()).unwrap().join("runners");
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let here =
        |process: &PathBuf| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(&runners));
    processes.filter(here).collect()
}

/// What a run's results are about: of each file the columns that do not depend on the clock.
fn gist(checkout: &Checkout, out: &str) -> Vec<Vec<String>> {
    let of = [
        ("rounds.csv", &["cell", "block", "pass", "round"][..]),
        ("summary.csv", &["cell", "pass", "metric"]),
        ("ratios.csv", &["group", "metric"]),
        ("verdicts.csv", &["claim", "verdict"]),
    ];
    let gist = of.into_iter().map(|(file, names)| {
        let text = checkout.read(&format!("{out}/{file}"));
        let columns: Vec<Vec<String>> = names.iter().map(|name| column(&text, name)).collect();
        let rows = 0..columns[0].len();
        let mut rows: Vec<String> = rows
            .map(|row| columns.iter().map(|column| &*column[row]).collect::<Vec<_>>().join(" "))
            .collect();
        rows.sort();
        rows
    });
    gist.collect()
}

#[test]
fn runs_that_are_killed_at_any_moment_end_as_one_that_is_not() {
    let checkout = Checkout::new();
    checkout.runner("a", "honest").runner("b", "sleep 0.01; honest");
    checkout.experiment_with_a_claim(10);
    let began = Instant::now();
    checkout.kilotask().args(["run", "x.toml", "--seed", "7", "--out", "unbroken"]).assert().success();
    let unbroken = began.elapsed();
    let (trials, results) = (checkout.trials("unbroken"), gist(&checkout, "unbroken"));
    assert!(results.iter().all(|rows| !rows.is_empty()), "{results:?}");

    let mut dice = Dice(7);
    let (mut kills, mut runs) = ([0; 3], 0);
    while kills.iter().sum::<u32>() < KILLS {
        runs += 1;
        let out = format!("killed-{runs}");
        let mut victim = Victim { checkout: &checkout, out, whole: String::new(), kills: [0; 3] };
        // Not time enough for all of it; more where no time would ever be enough.
        let mut most = unbroken / 3;
        let starting = unbroken / 16;
        while !victim.sit(dice.below(starting)) && !victim.sit(dice.below(most)) {
            most += unbroken / 32;
        }
        kills.iter_mut().zip(victim.kills).for_each(|(all, more)| *all += more);
        assert_eq!(checkout.trials(&victim.out), trials, "every trial stands once");
        assert_eq!(gist(&checkout, &victim.out), results, "{}", victim.out);
        checkout.kilotask().args(["aggregate", &victim.out]).assert().success();
        assert_eq!(gist(&checkout, &victim.out), results, "{}", victim.out);
    }
    let [no_plan, no_row, later] = kills;
    println!("{runs} runs, killed {no_plan} times before the plan, {no_row} before a row, {later} later");
}

#[test]
fn a_run_that_was_killed_leaves_no_lock_behind_even_where_something_it_started_lives_on() {
    let checkout = Checkout::new();
    // A helper of another session: the kernel ends the runner with us, and leaves its helper alone.
    checkout.runner("a", "setsid sleep 1000 & echo $! > new; mv new helper; sleep 1000");
    checkout.experiment(2);
    let mut run = checkout.start(&["run", "x.toml", "--out", "results"]);
    let helper = checkout.path().join("runners/a/helper");
    wait_until("the helper is there", || helper.exists());
    for arguments in [&["run", "x.toml", "--out", "results"][..], &["run", "--resume", "--out", "results"]] {
        let output = checkout.kilotask().args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("results is being written by another kilotask"), "{said}");
        assert_eq!(output.status.code(), Some(1));
    }
    run.kill().unwrap();
    run.wait().unwrap();

    let helper = fs::read_to_string(helper).unwrap();
    let alive = PathBuf::from(format!("/proc/{}", helper.trim()));
    assert!(alive.exists(), "the helper lives on");
    checkout.runner("a", "honest");
    let output = checkout.kilotask().args(["run", "--resume", "--out", "results"]).output().unwrap();
    let lives_on = alive.exists();
    std::process::Command::new("kill").args(["-9", helper.trim()]).status().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(lives_on, "the helper lived while the run went on");
}

#[test]
fn a_run_that_was_killed_before_it_had_a_plan_can_be_begun_again() {
    let checkout = Checkout::new();
    checkout.runner("a", "honest");
    checkout.experiment(2);
    let results = checkout.path().join("results");
    fs::create_dir(&results).unwrap();
    fs::write(results.join("trials.csv"), "experiment,ce").unwrap();
    fs::write(results.join("environment.new"), "{").unwrap();
    let output = checkout.kilotask().args(["run", "--resume", "--out", "results"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("holds no run to go on with") && said.contains("without --resume"), "{said}");
    assert_eq!(output.status.code(), Some(1));
    checkout.kilotask().args(["run", "x.toml", "--out", "results"]).assert().success();
    assert!(!results.join("environment.new").exists());
}

#[test]
fn files_cut_after_a_run_are_mended_and_what_was_mended_is_said() {
    let checkout = Checkout::new();
    checkout.runner("a", "honest").runner("b", "honest");
    checkout.experiment(3);
    checkout.kilotask().args(["run", "x.toml", "--out", "results"]).assert().success();
    let trials = checkout.trials("results");
    let cut = |name: &str, keep: fn(&str) -> usize| {
        let path = checkout.path().join("results").join(name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, &text[..keep(&text)]).unwrap();
    };
    cut("rounds.csv", |text| text.len() - 3);
    let output = checkout.kilotask().args(["run", "--resume", "--out", "results"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("results: half-written rows and files have been removed"), "{said}");
    assert!(said.contains("1 trials had lost rounds or spans; they are repeated"), "{said}");
    assert_eq!(checkout.trials("results"), trials);

    cut("trials.csv", |_| 9);
    cut("rounds.csv", |_| 0);
    checkout.kilotask().args(["run", "--resume", "--out", "results"]).assert().success();
    assert_eq!(checkout.trials("results"), trials);
}

#[test]
fn a_run_can_be_summarised_while_it_goes_on() {
    let checkout = Checkout::new();
    checkout.runner("a", "sleep 0.1; honest").runner("b", "honest");
    checkout.experiment_with_a_claim(20);
    let mut run = checkout.start(&["run", "x.toml", "--out", "results"]);
    wait_until("there is a plan", || checkout.path().join("results/plan.json").exists());
    let mut summaries = 0;
    while run.try_wait().unwrap().is_none() {
        checkout.kilotask().args(["aggregate", "results"]).assert().success();
        summaries += 1;
    }
    assert!(run.wait().unwrap().success(), "{}", checkout.read("said"));
    assert!(summaries > 0);
}

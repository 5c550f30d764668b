//! Runs that are killed at any moment: nothing is lost, nothing runs twice, no process is left, and
//! no lock.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use protocol::proof::splitmix64;
use results::folder::{PLAN, RATIOS, ROUNDS, SUMMARY, TRIALS, VERDICTS};

use crate::support::{Checkout, column, is_alive, planned, wait_until};

/// How often runs are killed.
const KILLS: u32 = 100;

/// Random numbers that are the same in each run of the test.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: Duration) -> Duration {
        self.0 = splitmix64(self.0);
        Duration::from_nanos(self.0 % u64::try_from(most.as_nanos()).unwrap().max(1))
    }
}

/// A run that is killed repeatedly until it has ended.
struct Victim<'a> {
    checkout: &'a Checkout,
    out: String,
    /// The whole rows of its trials at the last check.
    whole: String,
    /// Kills before there was a plan, before there was a row, and later.
    kills: [u32; 3],
}

impl Victim<'_> {
    /// Begins or resumes the run, and kills it after this time; gives whether it ended before.
    fn run(&mut self, delay: Duration) -> bool {
        let has_plan = self.checkout.path().join(&self.out).join(PLAN).exists();
        let begin = ["run", "x.toml", "--seed", "7", "--out", &self.out];
        let resume = ["run", "--resume", "--out", &self.out];
        let mut run = self.checkout.start(if has_plan { &resume } else { &begin });
        let ended = wait_at_most(&mut run, delay);
        if ended.is_none() {
            // SIGKILL, which cannot be caught.
            run.kill().unwrap();
            run.wait().unwrap();
        }
        let said = self.checkout.read("said");
        assert!(ended.is_none_or(|status| status.success()), "{}: {said}", self.out);
        self.check();
        if ended.is_none() {
            let has_plan = self.checkout.path().join(&self.out).join(PLAN).exists();
            let has_rows = self.whole.lines().count() > 1;
            self.kills[usize::from(has_plan) + usize::from(has_rows)] += 1;
        }
        ended.is_some()
    }

    /// No runner outlives the run, no row that was whole has changed, and none stands twice.
    fn check(&mut self) {
        wait_until("no runner is left", || runners_in(self.checkout).is_empty());
        let path = self.checkout.path().join(&self.out).join(TRIALS);
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

/// The columns of a run's files that do not depend on the clock.
fn gist(checkout: &Checkout, out: &str) -> Vec<Vec<String>> {
    let of = [
        (ROUNDS, &["cell", "block", "pass", "round"][..]),
        (SUMMARY, &["cell", "pass", "metric"]),
        (RATIOS, &["group", "metric"]),
        (VERDICTS, &["claim", "verdict"]),
    ];
    let gist = of.into_iter().map(|(file, names)| {
        let text = checkout.read(&format!("{out}/{file}"));
        let text = if file == ROUNDS { planned(&text) } else { text };
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
    checkout.succeed(&["run", "x.toml", "--seed", "7", "--out", "unbroken"]);
    let unbroken = began.elapsed();
    let (trials, results) = (checkout.trials("unbroken"), gist(&checkout, "unbroken"));
    assert!(results.iter().all(|rows| !rows.is_empty()), "{results:?}");

    let mut dice = Dice(7);
    let (mut kills, mut runs) = ([0; 3], 0);
    while kills.iter().sum::<u32>() < KILLS {
        runs += 1;
        let out = format!("killed-{runs}");
        let mut victim = Victim { checkout: &checkout, out, whole: String::new(), kills: [0; 3] };
        // Too little time for the whole run; more after each kill, so that it ends.
        let mut most = unbroken / 3;
        let starting = unbroken / 16;
        while !victim.run(dice.below(starting)) && !victim.run(dice.below(most)) {
            most += unbroken / 32;
        }
        kills.iter_mut().zip(victim.kills).for_each(|(all, more)| *all += more);
        assert_eq!(checkout.trials(&victim.out), trials, "every trial stands once");
        assert_eq!(gist(&checkout, &victim.out), results, "{}", victim.out);
        checkout.succeed(&["aggregate", &victim.out]);
        assert_eq!(gist(&checkout, &victim.out), results, "{}", victim.out);
    }
    let [no_plan, no_row, later] = kills;
    println!("{runs} runs, killed {no_plan} times before the plan, {no_row} before a row, {later} later");
}

#[test]
fn a_killed_run_leaves_no_lock_behind_even_where_a_process_that_it_started_lives_on() {
    let checkout = Checkout::new();
    // A helper in a session of its own, without the mark of the lab and in the group above the lab's: neither the kernel
    // nor the keeper ends it.
    let waits = format!("sh -c '{LEAVES_GROUP}; exec setsid env -i sleep 1000' & {NOTES_HELPER} sleep 1000");
    checkout.runner("a", &format!("[ -e ../../go ] && {{ honest; exit; }}; {waits}"));
    checkout.experiment(2);
    let mut run = checkout.start(&["run", "x.toml", "--out", "results"]);
    let helper = checkout.path().join("runners/a/.helper");
    wait_until("the helper is there", || helper.exists());
    for arguments in [&["run", "x.toml", "--out", "results"][..], &["run", "--resume", "--out", "results"]] {
        checkout.refuse(arguments, "another kilotask is writing results");
    }
    run.kill().unwrap();
    run.wait().unwrap();

    let helper = fs::read_to_string(helper).unwrap();
    assert!(is_alive(&helper), "the helper lives on");
    checkout.write("go", "");
    let said = checkout.run(&["run", "--resume", "--out", "results"]);
    let lives_on = is_alive(&helper);
    std::process::Command::new("kill").args(["-9", helper.trim()]).status().unwrap();
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(lives_on, "the helper lived while the run went on");
}

/// All processes that are at work in a checkout.
fn at_work_in(checkout: &Checkout) -> Vec<PathBuf> {
    let here = fs::canonicalize(checkout.path()).unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let is_here =
        |process: &PathBuf| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(&here));
    processes.filter(is_here).collect()
}

#[test]
fn nothing_that_a_lab_has_started_outlives_it_however_and_whenever_it_is_killed() {
    let checkout = Checkout::new();
    // Workers that use the CPU, in a session of their own, as those of multiprocessing do; beside it a peer.
    let works =
        "setsid sh -c 'while :; do :; done' & setsid sh -c 'sh -c \"sleep 1000\" & wait' & ready; sleep 1000";
    checkout.runner("a", works).runner("b", "sleep 0.05; honest");
    checkout.edit("runners/a/main.sh", |script| script.replace("\"spawn\",", "\"spawn\",\"request\","));
    checkout.experiment(2);
    checkout.edit("x.toml", |text| format!("{text}[[workload]]\nname = \"request\"\ntasks = [2]\n"));
    let mut dice = Dice(7);
    for (round, signal) in ["-KILL", "-QUIT"].into_iter().cycle().take(12).enumerate() {
        let out = format!("killed-{round}");
        let mut run = checkout.start(&["run", "x.toml", "--out", &out]);
        wait_at_most(&mut run, dice.below(Duration::from_millis(600)));
        let kill = std::process::Command::new("kill").args([signal, &run.id().to_string()]).status();
        assert!(kill.unwrap().success());
        run.wait().unwrap();
        wait_until("nothing is left", || at_work_in(&checkout).is_empty());
        let names = fs::read_dir(checkout.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains("kilotask-scratch")).collect();
        assert!(left.is_empty(), "{signal}: {left:?}");
    }
}

/// Moves a shell into the control group above its own.
const LEAVES_GROUP: &str = "root=$(awk \"\\$3 == \\\"cgroup2\\\" {print \\$2; exit}\" /proc/mounts); \
    own=$(sed -n s/^0:://p /proc/self/cgroup); { echo $$ > \"$root$(dirname \"$own\")/cgroup.procs\"; } 2> /dev/null";

/// Writes the number of what was started last into a file.
const NOTES_HELPER: &str = "echo $! > .new; mv .new .helper;";

#[test]
fn what_has_left_its_session_and_its_environment_ends_with_the_lab_in_its_control_group() {
    for with_keeper in [false, true] {
        let (checkout, mut run, helper) = started(&format!("setsid env -i sleep 1000 & {NOTES_HELPER}"));
        let group = fs::read_to_string(format!("/proc/{}/cgroup", run.id())).unwrap();
        let has_group = group.contains("/kilotask-");
        if with_keeper {
            kill(&keeper_of(&run));
        }
        kill(&run.id().to_string());
        run.wait().unwrap();
        if !has_group {
            kill(helper.trim());
            return eprintln!(
                "no control group can be had here: what leaves session and environment is not ended"
            );
        }
        if with_keeper {
            assert!(is_alive(&helper), "nobody was there to end the helper");
            checkout.write("go", "");
            checkout.succeed(&["run", "--resume", "--out", "results"]);
        }
        wait_until("the helper is ended", || !is_alive(&helper));
    }
}

#[test]
fn what_is_left_of_control_groups_goes_with_the_next_lab() {
    let root = fs::read_to_string("/proc/mounts").unwrap();
    let root = root.lines().find_map(|line| line.split(' ').nth(1).filter(|_| line.contains(" cgroup2 ")));
    let own = fs::read_to_string("/proc/self/cgroup").unwrap();
    let own = own.lines().find_map(|line| line.strip_prefix("0::/"));
    let Some((root, own)) = root.zip(own) else { return eprintln!("no control groups here: none is left") };
    // Of a lab that was the first process of a namespace, and in it of another.
    let left = PathBuf::from(root).join(own).join(format!("kilotask-1-{:x}", std::process::id()));
    if fs::create_dir_all(left.join("kilotask-2-0")).is_err() {
        return eprintln!("no control group can be made here: none is left");
    }
    Checkout::with("honest", &["a"], 2).succeed(&["list"]);
    assert!(!left.exists());
}

/// A run whose runner has started a helper, in this way, and waits; it is honest once there is a file `go`. With the
/// helper's number.
fn started(helper: &str) -> (Checkout, Child, String) {
    let checkout = Checkout::new();
    checkout.runner("a", &format!("[ -e ../../go ] && {{ honest; exit; }}; {helper} sleep 1000"));
    checkout.experiment(2);
    let run = checkout.start(&["run", "x.toml", "--out", "results"]);
    let helper = checkout.path().join("runners/a/.helper");
    wait_until("the helper is there", || helper.exists());
    let helper = fs::read_to_string(helper).unwrap();
    (checkout, run, helper)
}

fn kill(pid: &str) {
    assert!(std::process::Command::new("kill").args(["-9", pid]).status().unwrap().success());
}

/// The process that outlives this one.
fn keeper_of(run: &Child) -> String {
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", run.id())).unwrap();
    let is_keeper = |pid: &&str| {
        fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|words| words.contains("\0keeper\0"))
    };
    children.split_whitespace().find(is_keeper).expect("the lab has a keeper").into()
}

/// Writes its number into a file, and lives on.
const LINGERS: &str = "setsid sh -c 'echo $$ > .new; mv .new .helper; sleep 1000' > /dev/null 2>&1 &";

#[test]
fn what_a_runner_leaves_while_it_describes_itself_is_ended() {
    let checkout = Checkout::new();
    checkout.runner("a", "honest");
    checkout.edit("runners/a/main.sh", |script| {
        format!("[ \"$1\" = describe ] && {{ {LINGERS} while [ ! -e .helper ]; do :; done; }}\n{script}")
    });
    for verb in ["list", "doctor"] {
        checkout.succeed(&[verb]);
        let helper = checkout.read("runners/a/.helper");
        wait_until("the helper is ended", || !is_alive(&helper));
        fs::remove_file(checkout.path().join("runners/a/.helper")).unwrap();
    }
}

#[test]
fn what_a_lab_left_that_was_killed_with_its_keeper_is_ended_by_the_next() {
    let (checkout, mut run, helper) = started(LINGERS);
    kill(&keeper_of(&run));
    kill(&run.id().to_string());
    run.wait().unwrap();

    assert!(is_alive(&helper), "nobody was there to end the helper");
    checkout.write("go", "");
    checkout.succeed(&["run", "--resume", "--out", "results"]);
    // PID 1 may take a moment to reap it.
    wait_until("the helper is ended", || !is_alive(&helper));
}

#[test]
fn files_cut_after_a_run_are_repaired_and_the_repair_is_reported() {
    let checkout = Checkout::with_run(&["a", "b"], 3);
    let trials = checkout.trials("results");
    checkout.edit("results/rounds.csv", |text| text[..text.len() - 3].into());
    let said = checkout.run(&["run", "--resume", "--out", "results"]).err;
    assert!(said.contains("results: removed incomplete rows and files"), "{said}");
    assert!(said.contains("1 trials have lost rounds or spans and will be repeated"), "{said}");
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
        checkout.succeed(&["aggregate", "results"]);
        summaries += 1;
    }
    assert!(run.wait().unwrap().success(), "{}", checkout.read("said"));
    assert!(summaries > 0);
}

//! A plan that is dealt to several machines: here one machine under several names.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command};

use crate::support::{Checkout, column, planned};

/// A checkout with runtimes `a` and `b`, and a plan of this many blocks of them.
fn with_plan(script: &str, blocks: &str) -> Checkout {
    let checkout = Checkout::with(script, &["a", "b"], 3);
    checkout.succeed(&["plan", "x.toml", "--out", "dealt", "--blocks", blocks, "--seed", "7"]);
    checkout
}

/// The words of a turn of a shard on a machine.
fn turn<'a>(shard: &'a str, machine: &'a str) -> [&'a str; 9] {
    let out = "dealt/parts";
    ["run", "--plan", "dealt/plan.json", "--shard", shard, "--out", out, "--machine", machine]
}

/// The timed blocks of a part that have a row of `b`, which need not have run last.
fn blocks(checkout: &Checkout, part: &str) -> Vec<u32> {
    let trials = checkout.trials(part).into_iter();
    let of_b = trials.filter(|[cell, _, pass]| cell.ends_with("_b") && pass == "timed");
    let mut blocks: Vec<u32> = of_b.map(|[_, block, _]| block.parse().unwrap()).collect();
    blocks.sort_unstable();
    blocks
}

fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

#[test]
fn a_plan_that_is_dealt_and_merged_has_each_block_once_and_every_ratio_within_one_machine() {
    let checkout = with_plan("honest", "6");
    let said = checkout.succeed(&turn("0/2", "n0"));
    assert!(said.contains("shard 0/2 is done: blocks 2, 4 in dealt/parts/shard-0/n0.0"), "{said}");
    checkout.succeed(&turn("1/2", "n1"));
    assert_eq!(blocks(&checkout, "dealt/parts/shard-0/n0.0"), [0, 2, 4]);
    assert_eq!(blocks(&checkout, "dealt/parts/shard-1/n1.0"), [0, 1, 3, 5]);
    let plan = checkout.read("dealt/plan.json");
    assert_eq!(checkout.read("dealt/parts/shard-1/n1.0/plan.json"), plan, "it is run as it is");

    let said = checkout.succeed(&["merge", "dealt/merged", "dealt/parts"]);
    assert!(said.contains("blocks 1, 3 and 5") && said.contains("rows of 2 machines"), "{said}");
    let trials = checkout.read("dealt/merged/trials.csv");
    let all: BTreeSet<String> = column(&trials, "machine").into_iter().collect();
    assert_eq!(all, ["n0".to_string(), "n1".into()].into());
    // What is whole is not run again, and not merged twice.
    let said = checkout.succeed(&turn("1/2", "n0"));
    assert!(said.contains("nothing left to run"), "{said}");
    checkout.succeed(&["merge", "dealt/merged", "dealt/parts"]);
    assert_eq!(checkout.read("dealt/merged/trials.csv"), trials);
}

#[test]
fn the_order_within_a_block_and_the_jobs_are_those_of_the_plan_wherever_it_runs() {
    let checkout = with_plan("honest", "4");
    checkout.succeed(&turn("0/1", "n0"));
    checkout.succeed(&[
        "run",
        "--plan",
        "dealt/plan.json",
        "--shard",
        "0/1",
        "--out",
        "again",
        "--machine",
        "n1",
    ]);
    let order = |part: &str| column(&planned(&checkout.read(&format!("{part}/trials.csv"))), "cell");
    assert_eq!(order("dealt/parts/shard-0/n0.0"), order("again/shard-0/n1.0"));
}

#[test]
fn a_warning_before_the_time_is_up_stops_a_turn_cleanly_and_the_next_one_goes_on_on_another_machine() {
    let checkout = with_plan("sleep 0.2; honest", "7");
    let run = checkout.start(&turn("1/2", "n0"));
    let first = "dealt/parts/shard-1/n0.0";
    // The burn-in, block 1 (with two traced trials where that is possible), and something of block 3.
    checkout.wait_for_trials(first, 6);
    signal(&run, "-USR1");
    signal(&run, "-USR1");
    let mut run = run;
    assert_eq!(run.wait().unwrap().code(), Some(130));
    let said = checkout.read("said");
    let again = "Resume with: kilotask run --plan dealt/plan.json --shard 1/2 --out dealt/parts --machine n0";
    assert!(said.contains(again), "{said}");

    let kept = checkout.read(&format!("{first}/trials.csv"));
    checkout.succeed(&turn("1/2", "n1"));
    assert_eq!(checkout.read(&format!("{first}/trials.csv")), kept, "what another turn has written stays");
    let second = blocks(&checkout, "dealt/parts/shard-1/n1.1");
    assert!(second == [0, 3, 5] || second == [0, 5], "{second:?}");
    checkout.succeed(&turn("0/2", "n1"));
    let said = checkout.run(&["merge", "dealt/merged", "dealt/parts"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.err.contains("no machine has"), "{}", said.err);
}

#[test]
fn a_machine_that_was_given_up_and_its_successor_write_into_folders_of_their_own() {
    let checkout = with_plan("sleep 0.2; honest", "5");
    let zombie = checkout.start(&turn("0/1", "n0"));
    checkout.wait_for_trials("dealt/parts/shard-0/n0.0", 3);
    checkout.succeed(&turn("0/1", "n1"));
    let mut zombie = zombie;
    assert_eq!(zombie.wait().unwrap().code(), Some(0));
    let said = checkout.run(&["merge", "dealt/merged", "dealt/parts"]);
    assert_eq!(said.code, 0, "{}", said.err);
    // Both have whole blocks; nothing counts twice on one machine.
    let trials = checkout.read("dealt/merged/trials.csv");
    let columns = ["machine", "cell", "block", "pass", "process"].map(|name| column(&trials, name));
    let keys: Vec<[&String; 5]> =
        (0..columns[0].len()).map(|row| columns.each_ref().map(|it| &it[row])).collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    let of = |machine: &str| keys.iter().filter(|key| key[0] == machine && *key[2] != "0").count();
    assert!(of("n0") >= 8 && of("n1") >= 4, "{} and {}", of("n0"), of("n1"));
}

#[test]
fn a_part_is_a_run_that_can_be_summarised_and_that_its_machine_can_resume() {
    let checkout = with_plan("honest", "6");
    checkout.succeed(&turn("1/2", "n0"));
    let part = "dealt/parts/shard-1/n0.0";
    let said = checkout.run(&["aggregate", part]);
    assert!(said.code == 0 && !said.err.contains("missing"), "{}", said.err);
    // Its last block is lost.
    checkout.edit(&format!("{part}/trials.csv"), |text| {
        let rows: Vec<&str> = text.lines().collect();
        rows[..rows.len() - 2].join("\n") + "\n"
    });
    checkout.refuse(&["run", "--resume", "--out", part], "add --machine n0");
    checkout.succeed(&["run", "--resume", "--out", part, "--machine", "n0"]);
    assert_eq!(blocks(&checkout, part), [0, 1, 3, 5]);
}

#[test]
fn whole_groups_are_dealt_and_each_machine_has_and_judges_its_own() {
    let checkout = Checkout::new();
    checkout.runner("a", "scattered 1000").runner("b", "scattered 1000");
    checkout.experiment_with_a_claim(8);
    let other =
        checkout.read("x.toml").replace("tasks = [10]", "tasks = [20]").replace("spawn-10", "spawn-20");
    checkout.write("y.toml", &other);
    let deal =
        ["plan", "x.toml", "y.toml", "--out", "dealt", "--shards", "3", "--deal", "groups", "--seed", "7"];
    let said = checkout.run(&deal);
    assert!(said.out.contains("3 shards of 1 groups each, 7 blocks of them."), "{}", said.out);
    assert!(said.out.contains("--shard 0/3 --deal groups --out dealt/parts"), "{}", said.out);
    assert!(said.err.contains("some shards have none (--shards 2)"), "{}", said.err);
    let turn = |shard, machine| [&turn(shard, machine)[..], &["--deal", "groups"]].concat();
    let said = checkout.succeed(&turn("0/3", "n0"));
    assert!(said.contains("shard 0/3 is done: blocks 1, 2, 3, 4, 5, 6, 7 of 1 group in"), "{said}");
    let said = checkout.succeed(&turn("2/3", "n0"));
    assert!(said.contains("shard 2/3 has nothing to run"), "{said}");
    checkout.refuse(&self::turn("0/3", "n0"), "was dealt to 3 shards by groups, and now to 3 shards;");
    checkout.succeed(&turn("1/3", "n1"));
    for (part, experiment) in [("dealt/parts/shard-0/n0.0", "x"), ("dealt/parts/shard-1/n1.0", "y")] {
        assert_eq!(blocks(&checkout, part), (0..8).collect::<Vec<_>>());
        let of: BTreeSet<String> =
            column(&checkout.read(&format!("{part}/trials.csv")), "experiment").into_iter().collect();
        assert_eq!(of, [experiment.to_string()].into());
        let said = checkout.run(&["aggregate", part]);
        assert!(said.code == 0 && !said.err.contains("missing"), "{}", said.err);
    }
    let said = checkout.run(&["merge", "dealt/merged", "dealt/parts"]);
    assert!(said.code == 0 && !said.err.contains("no machine has"), "{}", said.err);
    assert!(!said.out.contains("trials of the plan are in the parts"), "all of them are: {}", said.out);
    let claims = |file: &str| column(&checkout.read(&format!("dealt/merged/{file}")), "experiment");
    assert_eq!(claims("machines/n0/verdicts.csv"), ["x"]);
    assert_eq!(claims("machines/n1/verdicts.csv"), ["y"]);
    assert_eq!(claims("verdicts-across.csv"), ["x", "y"]);
    assert!(
        checkout.read("dealt/merged/verdicts-across.csv").contains(" on n1, the only machine that was asked")
    );
    checkout.succeed(&["report", "dealt/merged"]);
    assert!(!checkout.read("dealt/merged/machines/n1/report.html").contains("spawn-10"), "n0 has that");
}

#[test]
fn what_cannot_be_dealt_is_refused_with_what_to_do() {
    let checkout = Checkout::with_run(&["a"], 3);
    let run = ["run", "--plan", "results/plan.json", "--out", "parts"];
    checkout.edit("results/plan.json", |text| text.replace("\"seed\": 7", "\"seed\": 8"));
    checkout.refuse(&run, "it was changed");
    checkout.succeed(&["plan", "x.toml", "--out", "dealt"]);
    checkout.refuse(&["plan", "x.toml", "--out", "dealt"], "dealt already holds a plan or a run");
    checkout.refuse(&[&turn("4/4", "n0")[..], &[]].concat(), "0/4 for the first of four");
    checkout.refuse(&[&turn("0/2", "n0")[..], &["--blocks", "4"]].concat(), "cannot be used with");
    checkout.succeed(&turn("0/2", "n0"));
    checkout.refuse(&turn("0/3", "n0"), "was dealt to 2 shards, and now to 3");
    checkout.refuse(&["merge", "dealt", "dealt/parts"], "is not empty");
    checkout.refuse(&["merge", "merged", "x"], "x");
}

#[test]
fn a_plan_says_how_long_it_takes_by_an_earlier_run_and_settles_how_often_each_cell_runs() {
    let checkout = Checkout::new();
    checkout.runner("a", "honest").runner("b", "honest");
    checkout.experiment_with_a_claim(4);
    let said = checkout.run(&["plan", "x.toml", "--out", "blind", "--shards", "3"]);
    assert!(said.out.contains("No earlier run says how long"), "{}", said.out);
    assert!(said.out.contains("3 shards of 1 blocks each."), "{}", said.out);
    assert!(said.err.contains("x: a shard has 1 blocks, and needs 6"), "{}", said.err);
    checkout.succeed(&["run", "x.toml", "--out", "results", "--seed", "7"]);
    let said = checkout.run(&["plan", "x.toml", "--out", "dealt", "--pilot", "results", "--blocks", "25"]);
    assert!(said.out.contains("By results: ") && said.out.contains("for each other block."), "{}", said.out);
    let plan: serde_json::Value = serde_json::from_str(&checkout.read("dealt/plan.json")).unwrap();
    assert!(plan["equal_time"]["expected_seconds"].is_u64(), "{plan}");
    assert!(
        plan["cells"][1]["expected_us"].is_u64(),
        "by groups it is dealt by the times of the pilot: {plan}"
    );
    checkout.succeed(&turn("0/4", "n0"));
}

/// Runs a script that kilotask slurm wrote, with these variables; a `scontrol` notes what is asked of it.
fn script(checkout: &Checkout, name: &str, variables: &[(&str, &str)]) -> Child {
    let asked = checkout.path().join("asked");
    checkout.write("bin/scontrol", &format!("#!/bin/sh\necho \"$@\" >> {}\n", asked.display()));
    let path = checkout.path().join("bin/scontrol");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = checkout.kilotask();
    let paths = format!("{}:{}", checkout.path().join("bin").display(), env::var("PATH").unwrap());
    let mut script = Command::new("bash");
    script.envs(command.env("PATH", paths).get_envs().filter_map(|(name, value)| Some((name, value?))));
    script.arg(checkout.path().join("dealt").join(name)).envs(variables.iter().copied());
    script.current_dir("/").spawn().unwrap()
}

fn with_scripts(script: &str) -> Checkout {
    let checkout = Checkout::with(script, &["a", "b"], 3);
    let said = checkout.succeed(&["slurm", "x.toml", "--out", "dealt", "--shards", "2", "--time", "90s"]);
    assert!(!checkout.read("dealt/shard.sbatch").contains("--deal"));
    checkout.succeed(&["slurm", "x.toml", "--out", "by-groups", "--shards", "2", "--deal", "groups"]);
    assert!(checkout.read("by-groups/shard.sbatch").contains("--shard \"$shard/2\" --deal groups --out"));
    assert!(said.contains("sbatch --dependency=afterany:$array"), "{said}");
    assert!(checkout.read("dealt/shard.sbatch").contains("\n#SBATCH --array=0-1\n"));
    assert!(checkout.read("dealt/shard.sbatch").contains("\n#SBATCH --time=2\n"));
    for name in ["shard.sbatch", "merge.sbatch"] {
        let text = checkout.read(&format!("dealt/{name}"));
        assert!(
            !text.contains("@OUT")
                && !text.contains("@KILO")
                && !text.contains("@LAST")
                && !text.contains("@DEAL"),
            "{text}"
        );
    }
    checkout
}

#[test]
fn the_scripts_run_the_shard_that_slurm_or_kubernetes_or_an_argument_names_and_merge_them() {
    let checkout = with_scripts("honest");
    let first = script(&checkout, "shard.sbatch", &[("SLURM_ARRAY_TASK_ID", "0"), ("SLURMD_NODENAME", "n0")]);
    let second = script(&checkout, "shard.sbatch", &[("JOB_COMPLETION_INDEX", "1"), ("NODE_NAME", "n1")]);
    for mut child in [first, second] {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert_eq!(script(&checkout, "merge.sbatch", &[]).wait().unwrap().code(), Some(0));
    let trials = checkout.read("dealt/merged/trials.csv");
    let part: BTreeSet<String> = column(&trials, "part").into_iter().collect();
    assert_eq!(part, ["shard-0/n0.0".to_string(), "shard-1/n1.0".into()].into());
    assert_eq!(script(&checkout, "shard.sbatch", &[]).wait().unwrap().code(), Some(1), "no shard is named");
}

#[test]
fn a_script_that_is_warned_asks_for_another_turn_and_one_that_is_cancelled_does_not() {
    let checkout = with_scripts("sleep 0.2; honest");
    for (shard, name, asked) in [("1", "-USR1", true), ("0", "-TERM", false)] {
        let variables = [("SLURM_ARRAY_TASK_ID", shard), ("SLURM_JOB_ID", "77"), ("SLURMD_NODENAME", "n0")];
        let mut child = script(&checkout, "shard.sbatch", &variables);
        checkout.wait_for_trials(&format!("dealt/parts/shard-{shard}/n0.0"), 1);
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let path = checkout.path().join("asked");
        assert_eq!(fs::read_to_string(&path).ok().as_deref() == Some("requeue 77\n"), asked);
        let _ = fs::remove_file(path);
    }
}

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use protocol::{RuntimeInfo, Status};
use results::environment::RunnerOrigin;
use results::fixture::{planned, seal_again};
use results::folder::{ENVIRONMENT, MACHINES, PART, PLAN, ROUNDS, SPANS, SPANS_TASKS, TRIALS, spans_of};
use results::read::Rows;
use results::write::{csv_file, json_file, sealed_file};
use results::{
    Deal, Environment, Machine, Part, Pass, Plan, PresetName, RoundRow, RowKey, RuntimeState, Shard, SpanRow,
    TrialRow,
};

use crate::{MergeError, Merged, merge};

/// Two cells of seven blocks.
fn plan() -> Plan {
    let (id, cells) = (Some("7".into()), vec![planned("a", 7), planned("b", 7)]);
    Plan { id, cells, ..Plan::empty(PresetName::Default, 7) }
}

/// A folder of parts, and of what they are merged into.
struct Cluster {
    folder: tempfile::TempDir,
}

/// Where and when a part ran.
#[derive(Clone, Copy)]
struct Ran {
    shard: &'static str,
    machine: &'static str,
    turn: u32,
}

const N0: Ran = Ran { shard: "0/2", machine: "n0", turn: 0 };
const N1: Ran = Ran { shard: "1/2", machine: "n1", turn: 0 };

impl Cluster {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A part that has these blocks whole.
    fn part(&self, turn: Ran, whole: &[u32]) -> PathBuf {
        self.part_of(&plan(), turn, whole)
    }

    fn part_of(&self, plan: &Plan, turn: Ran, whole: &[u32]) -> PathBuf {
        self.part_dealt(plan, Deal::Blocks, turn, whole)
    }

    fn part_dealt(&self, plan: &Plan, deal: Deal, turn: Ran, whole: &[u32]) -> PathBuf {
        let shard: Shard = turn.shard.parse().unwrap();
        let part = Part { turn: turn.turn, ..Part::whole(plan, shard, deal) };
        let folder = self.path("parts").join(part.name(turn.machine));
        fs::create_dir_all(&folder).unwrap();
        let rows = || {
            let blocks = [0].iter().chain(whole);
            let own = || plan.cells.iter().filter(|planned| part.has_group(&planned.cell.group));
            blocks.flat_map(move |block| own().map(move |planned| trial(planned, *block, turn)))
        };
        let files = [
            (PLAN, plan.file()),
            (PART, json_file(&part)),
            (ENVIRONMENT, json_file(&environment(turn.machine))),
            (TRIALS, sealed_file(&rows().collect::<Vec<_>>(), plan.row_key())),
            (ROUNDS, sealed_file(&rows().map(|row| round(&row)).collect::<Vec<_>>(), plan.row_key())),
        ];
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes).unwrap();
        }
        folder
    }

    fn merge(&self, out: &str, parts: &[&str]) -> Result<Merged, MergeError> {
        let parts: Vec<PathBuf> = parts.iter().map(|name| self.path(name)).collect();
        merge(&self.path(out), &parts)
    }

    fn refused(&self) -> String {
        self.merge("merged", &["parts"]).unwrap_err().to_string()
    }
}

fn trial(planned: &results::PlannedCell, block: u32, turn: Ran) -> TrialRow {
    TrialRow {
        runtime_version: "1".into(),
        makespan_ns: Some(100 + u64::from(block)),
        completed: Some(planned.cell.tasks),
        started_at: format!("2026-01-0{}T00:00:0{block}Z", turn.turn + 1),
        ..planned.cell.blank_row(block, 0, Pass::Timed)
    }
}

fn round(trial: &TrialRow) -> RoundRow {
    RoundRow {
        cell: trial.cell.clone(),
        block: trial.block,
        makespan_ns: trial.makespan_ns.unwrap(),
        completed: trial.completed.unwrap(),
        ..RoundRow::default()
    }
}

fn environment(machine: &str) -> Environment {
    let machine = Machine { name: machine.into(), id: format!("id-of-{machine}") };
    let runtime = |name: &str| RuntimeState {
        info: serde_json::from_str::<RuntimeInfo>(&format!(
            r#"{{"name":"{name}","version":"1","language":"rust","model":"m","workloads":["sleep"]}}"#
        ))
        .unwrap(),
        status: Status::Ok,
        reason: String::new(),
        runner: RunnerOrigin { sha256: Some("x".into()), ..RunnerOrigin::default() },
    };
    Environment {
        kilotask: "1".into(),
        commit: Some("c0ffee".into()),
        machine: Some(machine),
        cpus: 2,
        memory_bytes: Some(1000),
        runtimes: vec![runtime("a"), runtime("b")],
        ..Environment::default()
    }
}

/// Changes the text of a file, which must make a difference.
fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn the_rows_of_all_machines_keep_their_checksums() {
    let cluster = Cluster::new();
    cluster.part(N0, &[2, 4, 6]);
    cluster.part(N1, &[1, 3, 5]);
    cluster.merge("merged", &["parts"]).unwrap();
    let merged = cluster.path("merged").join(TRIALS);
    let read = || {
        let rows = Rows::<TrialRow>::open(&merged, RowKey::of(Some("7"))).unwrap();
        rows.each(drop).map_err(|error| error.to_string())
    };
    assert_eq!(read(), Ok(0));
    edit(&merged, ",103,", ",104,");
    assert!(read().unwrap_err().contains("`checksum`"));
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(String::from).collect()
}

#[test]
fn each_block_is_there_once_with_its_machine_and_part_and_what_the_parts_wrote_is_unchanged() {
    let cluster = Cluster::new();
    let parts = [cluster.part(N0, &[2, 4, 6]), cluster.part(N1, &[1, 3, 5])];
    let merged = cluster.merge("merged", &["parts"]).unwrap();
    assert_eq!((merged.missing_blocks.len(), merged.notes.len(), merged.trials), (0, 0, 16));
    for file in [TRIALS, ROUNDS] {
        let rows = lines(&cluster.path("merged").join(file));
        assert!(rows[0].ends_with(",machine,part"), "{}", rows[0]);
        let own = |part: &Path, behind: &str| -> Vec<String> {
            lines(&part.join(file))[1..].iter().map(|row| format!("{row}{behind}")).collect()
        };
        let expected = [own(&parts[0], ",n0,shard-0/n0.0"), own(&parts[1], ",n1,shard-1/n1.0")].concat();
        assert_eq!(rows[1..], expected);
    }
    let machines = lines(&cluster.path("merged").join(MACHINES));
    assert_eq!(
        machines[0],
        "machine,id,cpu_model,cpus,memory_bytes,kernel,virtualisation,parts,blocks,trials,dealt"
    );
    assert_eq!(machines[1..], ["n0,id-of-n0,,2,1000,,,1,3,8,", "n1,id-of-n1,,2,1000,,,1,3,8,"]);
    let environments = fs::read_dir(cluster.path("merged/environment")).unwrap();
    let names: BTreeSet<String> =
        environments.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, ["n0.json".to_string(), "n1.json".into()].into());
}

#[test]
fn the_order_in_which_parts_are_named_and_where_they_lie_makes_no_difference() {
    let cluster = Cluster::new();
    cluster.part(N0, &[2, 4, 6]);
    cluster.part(N1, &[1, 3, 5]);
    cluster.merge("one", &["parts/shard-0", "parts/shard-1"]).unwrap();
    fs::create_dir(cluster.path("elsewhere")).unwrap();
    fs::rename(cluster.path("parts/shard-1"), cluster.path("elsewhere/a-copy")).unwrap();
    cluster.merge("two", &["elsewhere", "parts", "elsewhere/a-copy"]).unwrap();
    for file in [PLAN, TRIALS, ROUNDS, MACHINES, "merge.json", "environment/n0.json", "environment/n1.json"] {
        let bytes = ["one", "two"].map(|out| fs::read(cluster.path(out).join(file)).unwrap());
        assert!(bytes[0] == bytes[1], "{file}");
    }
}

#[test]
fn what_is_not_whole_is_left_out_and_told_and_a_merge_can_be_repeated_when_more_is_there() {
    let cluster = Cluster::new();
    let part = cluster.part(N0, &[2, 4]);
    // The last row of block 4 was not written to its end.
    let text = fs::read_to_string(part.join(TRIALS)).unwrap();
    fs::write(part.join(TRIALS), &text[..text.len() - 5]).unwrap();
    let merged = cluster.merge("merged", &["parts"]).unwrap();
    assert_eq!(merged.parts[0].not_whole, [4].into());
    assert_eq!((merged.parts[0].torn_rows, merged.trials), (1, 4));
    assert_eq!(merged.missing_blocks, [1, 3, 4, 5, 6].into());

    cluster.part(N1, &[1, 3, 5]);
    cluster.part(Ran { machine: "n1", turn: 1, ..N0 }, &[4, 6]);
    let merged = cluster.merge("merged", &["parts"]).unwrap();
    assert!(merged.missing_blocks.is_empty());
    assert_eq!(merged.machines[1].blocks, [1, 3, 4, 5, 6].into());
    // One burn-in block of each machine.
    assert_eq!(merged.trials, 2 * (2 + 6));
}

#[test]
fn of_two_whole_copies_both_stay_where_machines_differ_and_the_earlier_one_on_one_machine() {
    let cluster = Cluster::new();
    cluster.part(N0, &[2, 4]);
    cluster.part(Ran { machine: "n1", turn: 1, ..N0 }, &[4, 6]);
    cluster.part(Ran { turn: 2, ..N0 }, &[2, 6]);
    let merged = cluster.merge("merged", &["parts"]).unwrap();
    let blocks = |place: usize| merged.parts[place].blocks.clone();
    assert_eq!([blocks(0), blocks(1), blocks(2)], [[0, 2, 4].into(), [6].into(), [0, 4, 6].into()]);
    assert_eq!(merged.parts[1].copies, [2].into());
}

#[test]
fn parts_of_another_plan_commit_or_version_are_refused_key_by_key() {
    let cluster = Cluster::new();
    cluster.part(N0, &[2]);
    let other = cluster.part_of(&Plan { seed: 8, ..plan() }, N1, &[1]);
    let said = cluster.refused();
    assert!(said.contains("shard-1/n1.0 are not of one plan: seed is 7 and 8"), "{said}");
    for (from, to, expected) in [
        ("c0ffee", "decade", "commit is \"c0ffee\" and \"decade\""),
        ("\"version\": \"1\"", "\"version\": \"2\"", "runtimes.a.version is \"1\" and \"2\""),
        ("\"kilotask\": \"1\"", "\"kilotask\": \"2\"", "kilotask is \"1\" and \"2\""),
    ] {
        cluster.part(N1, &[1]);
        edit(&other.join(ENVIRONMENT), from, to);
        let said = cluster.refused();
        assert!(said.contains(expected) && said.contains("shard-1/n1.0"), "{said}");
        assert!(!cluster.path("merged").exists(), "nothing is written");
    }
}

#[test]
fn a_row_that_cannot_be_true_is_refused_with_its_file_and_line() {
    let cluster = Cluster::new();
    let part = cluster.part(N0, &[2, 4]);
    edit(&part.join(TRIALS), "\nx,a,x,2,", "\nx,a,x,3,");
    let said = cluster.refused();
    assert!(said.contains("shard-0/n0.0/trials.csv:4: ") && said.contains("`checksum`"), "{said}");
    seal_again(&part);
    let said = cluster.refused();
    assert!(
        said.contains("shard-0/n0.0/trials.csv:4: ") && said.contains("block 3 is not one of this part"),
        "{said}"
    );
    cluster.part(N0, &[2, 4]);
    edit(&part.join(ROUNDS), ",102,", ",103,");
    seal_again(&part);
    let said = cluster.refused();
    assert!(said.contains("rounds.csv:4: ") && said.contains("makespan_ns"), "{said}");
    cluster.part(N0, &[2, 4]);
    fs::remove_file(part.join(ENVIRONMENT)).unwrap();
    assert!(cluster.refused().contains("environment.json: it is missing"));
}

#[test]
fn two_machines_of_one_name_are_told_apart_and_one_machine_of_two_names_is_suspected() {
    let cluster = Cluster::new();
    cluster.part(N0, &[2]);
    let other = cluster.part(Ran { shard: "1/2", ..N0 }, &[1]);
    edit(&other.join(ENVIRONMENT), "id-of-n0", "another");
    let merged = cluster.merge("merged", &["parts"]).unwrap();
    let names: Vec<&str> = merged.machines.iter().map(|machine| &*machine.name).collect();
    assert_eq!(names, ["n0", "n0-2"]);
    assert!(merged.notes[0].contains("more than one machine is called n0"), "{:?}", merged.notes);

    fs::remove_dir_all(cluster.path("parts")).unwrap();
    cluster.part(N0, &[2]);
    let other = cluster.part(N1, &[1]);
    edit(&other.join(ENVIRONMENT), "id-of-n1", "id-of-n0");
    let merged = cluster.merge("merged", &["parts"]).unwrap();
    assert!(merged.notes[0].contains("n0, n1 have one id"), "{:?}", merged.notes);
    // What was merged of a machine that is not among them any more is gone.
    assert!(!cluster.path("merged/environment/n0-2.json").exists());
}

#[test]
fn a_folder_with_anything_else_in_it_and_no_part_at_all_are_refused() {
    let cluster = Cluster::new();
    fs::create_dir(cluster.path("parts")).unwrap();
    assert!(cluster.refused().contains("no part of a plan is in"));
    cluster.part(N0, &[2]);
    fs::create_dir(cluster.path("merged")).unwrap();
    fs::write(cluster.path("merged/thesis.tex"), "").unwrap();
    assert!(cluster.refused().contains("merged is not empty"));
    assert_eq!(fs::read_dir(cluster.path("merged")).unwrap().count(), 1);
}

#[test]
fn the_same_part_twice_counts_once_and_two_that_claim_to_be_one_are_refused() {
    let cluster = Cluster::new();
    let part = cluster.part(N0, &[2, 4]);
    let copy = cluster.path("parts/copy");
    fs::create_dir(&copy).unwrap();
    for file in [PLAN, PART, ENVIRONMENT, TRIALS, ROUNDS] {
        fs::copy(part.join(file), copy.join(file)).unwrap();
    }
    assert_eq!(cluster.merge("merged", &["parts"]).unwrap().trials, 6);
    let text = fs::read_to_string(copy.join(TRIALS)).unwrap();
    fs::write(copy.join(TRIALS), &text[..text.len() - 1]).unwrap();
    let said = cluster.refused();
    assert!(said.contains("both shard-0/n0.0 of one machine"), "{said}");
}

/// The plan with as many tasks as leave spans behind.
fn plan_with_spans() -> Plan {
    let mut plan = plan();
    plan.cells.iter_mut().for_each(|planned| planned.cell.tasks = SPANS_TASKS);
    plan
}

/// Spans of a cell in the folder of a part, of which all take so long.
fn write_spans(part: &Path, cell: &str, ns: u64) -> Vec<u8> {
    let spans: Vec<SpanRow> =
        (0..SPANS_TASKS).map(|at| SpanRow { start_ns: at, finish_ns: at + ns }).collect();
    fs::create_dir_all(part.join(SPANS)).unwrap();
    let bytes = csv_file(&spans);
    fs::write(spans_of(part, cell).unwrap(), &bytes).unwrap();
    bytes
}

#[test]
fn the_spans_of_a_group_are_those_of_the_first_part_that_has_most_of_them_in_whatever_order() {
    let (cluster, plan) = (Cluster::new(), plan_with_spans());
    let parts = ["n0", "n1", "n2"].map(|machine| cluster.part_of(&plan, Ran { machine, ..N0 }, &[2, 4]));
    write_spans(&parts[0], "a", 1);
    let expected = ["a", "b"].map(|cell| write_spans(&parts[1], cell, 2));
    let others = ["a", "b"].map(|cell| write_spans(&parts[2], cell, 3));
    let merged = cluster.merge("merged", &["parts"]).unwrap();
    let origins = |merged: &Merged| merged.spans.values().map(|of| of.part.clone()).collect::<Vec<_>>();
    assert_eq!(origins(&merged), ["shard-0/n1.0", "shard-0/n1.0"]);
    let there =
        |out: &str| ["a", "b"].map(|cell| fs::read(spans_of(&cluster.path(out), cell).unwrap()).unwrap());
    assert!(there("merged") == expected, "as the part has them");
    let named = ["parts/shard-0/n2.0", "parts/shard-0/n1.0", "parts/shard-0/n0.0"];
    cluster.merge("again", &named).unwrap();
    let files = ["merged", "again"].map(|out| fs::read(cluster.path(out).join("merge.json")).unwrap());
    assert!(there("again") == expected && files[0] == files[1]);
    assert_eq!(
        results::merged::spans_of_machine(&cluster.path("merged"), "n1")
            .unwrap()
            .into_keys()
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    // Without that part those of another; without any none is left.
    cluster.merge("merged", &named[..1]).unwrap();
    assert!(there("merged") == others);
    fs::remove_dir_all(parts[2].join(SPANS)).unwrap();
    assert!(cluster.merge("merged", &named[..1]).unwrap().spans.is_empty());
    assert_eq!(fs::read_dir(cluster.path("merged").join(SPANS)).unwrap().count(), 0);
}

#[test]
fn spans_that_cannot_be_those_of_their_cell_are_refused_with_their_file() {
    let (cluster, plan) = (Cluster::new(), plan_with_spans());
    let part = cluster.part_of(&plan, N0, &[2, 4]);
    write_spans(&part, "a", 1);
    edit(&spans_of(&part, "a").unwrap(), "\n7,8\n", "\n");
    let said = cluster.refused();
    assert!(said.contains("spans/a.csv: it has 999 spans, and a trial of its cell leaves 1000"), "{said}");
    write_spans(&part, "a", 1);
    edit(&spans_of(&part, "a").unwrap(), "\n7,8\n", "\n8,7\n");
    assert!(cluster.refused().contains("spans/a.csv:9: "), "{}", cluster.refused());
}

/// The plan with each cell in a group of its own, which can be parted.
fn plan_of_groups() -> Plan {
    let mut plan = plan();
    for (tasks, planned) in (1..).zip(&mut plan.cells) {
        planned.cell.group = format!("group-{tasks}");
        planned.cell.tasks = tasks;
    }
    plan
}

#[test]
fn by_groups_a_block_is_taken_once_of_each_shard_and_what_is_missing_is_told_by_shard() {
    let (cluster, plan) = (Cluster::new(), plan_of_groups());
    let part = |turn, whole: &[u32]| cluster.part_dealt(&plan, Deal::Groups, turn, whole);
    part(N0, &[1, 2, 3, 4, 5, 6]);
    part(Ran { machine: "n0", ..N1 }, &[1, 2]);
    part(Ran { machine: "n1", turn: 1, ..N1 }, &[2, 3, 4]);
    let merged = cluster.merge("merged", &["parts"]).unwrap();
    assert_eq!(merged.missing_of_shards, [(1, [5, 6].into())].into());
    assert_eq!((&merged.missing_blocks, merged.trials), (&[5, 6].into(), 7 + 3 + 4));
    let machines = lines(&cluster.path("merged").join(MACHINES));
    assert!(machines[1].ends_with(",0/2 1/2") && machines[2].ends_with(",1/2"), "{machines:?}");
    // One more part, named first: the same bytes in either order.
    part(Ran { machine: "n2", turn: 2, ..N1 }, &[5, 6]);
    assert!(cluster.merge("merged", &["parts"]).unwrap().missing_of_shards.is_empty());
    cluster.merge("again", &["parts/shard-1", "parts/shard-0"]).unwrap();
    for file in [TRIALS, ROUNDS, MACHINES, "merge.json"] {
        let bytes = ["merged", "again"].map(|out| fs::read(cluster.path(out).join(file)).unwrap());
        assert!(bytes[0] == bytes[1], "{file}");
    }
}

#[test]
fn parts_of_different_deals_and_groups_that_no_shard_was_dealt_are_refused() {
    let (cluster, plan) = (Cluster::new(), plan_of_groups());
    let part = cluster.part_dealt(&plan, Deal::Groups, N0, &[1]);
    let other = cluster.part_dealt(&plan, Deal::Blocks, N1, &[1]);
    let said = cluster.refused();
    assert!(
        said.contains("n0.0 is one of 2 shards by groups") && said.contains("n1.0 one of 2 shards:"),
        "{said}"
    );
    fs::remove_dir_all(&other).unwrap();
    cluster.part_dealt(&plan, Deal::Groups, Ran { shard: "0/1", machine: "n2", turn: 0 }, &[1]);
    let said = cluster.refused();
    assert!(
        said.contains("one of 2 shards by groups") && said.contains("one of 1 shards by groups"),
        "{said}"
    );
    edit(&part.join(PART), "group-1", "group-2");
    let said = cluster.refused();
    assert!(said.contains("part.json: its groups are not those that shard 0/2"), "{said}");
}

use crate::fixture::planned;
use crate::folder;

use super::*;

fn read(text: &str) -> Result<Plan, Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(folder::PLAN);
    std::fs::write(&path, text).unwrap();
    Plan::read(&path)
}

/// The JSON of a plan that was changed before its hash was taken.
fn changed(change: impl Fn(&mut Value)) -> String {
    let mut plan = serde_json::to_value(Plan::empty(PresetName::Quick, u64::MAX)).unwrap();
    change(&mut plan);
    plan[seal::KEY] = seal::hash(&plan).into();
    plan.to_string()
}

#[test]
fn a_plan_comes_back_the_same_and_fields_of_a_newer_one_are_ignored() {
    let plan = read(&changed(|plan| plan["mood"] = "good".into())).unwrap();
    assert_eq!(plan, Plan::empty(PresetName::Quick, u64::MAX));
}

/// A plan of cells with so many timed trials.
fn plan_of(sittings: u32, timed: &[u32]) -> Plan {
    let cells = timed.iter().map(|timed| planned("a", *timed)).collect();
    Plan { sittings, cells, ..Plan::empty(PresetName::Quick, 7) }
}

#[test]
fn the_blocks_are_divided_among_the_sittings_the_burn_in_aside() {
    assert_eq!(plan_of(3, &[14, 2]).blocks_by_sitting(), [0..5, 5..9, 9..14]);
    assert_eq!(plan_of(1, &[14]).blocks_by_sitting(), vec![0..14]);
    // There are no more sittings than blocks that count.
    assert_eq!(plan_of(9, &[3]).blocks_by_sitting(), [0..2, 2..3]);
    assert_eq!(plan_of(3, &[]).blocks_by_sitting(), vec![0..0]);
}

#[test]
fn a_cell_that_runs_less_often_has_trials_in_every_sitting() {
    let plan = plan_of(3, &[14, 4, 2, 1]);
    let blocks = |cell: usize| -> Vec<u32> {
        (0..14).filter(|block| plan.is_timed(&plan.cells[cell], *block, 14)).collect()
    };
    assert_eq!(blocks(0), (0..14).collect::<Vec<u32>>());
    assert_eq!(blocks(1), [0, 1, 5, 9]);
    assert_eq!((blocks(2), blocks(3)), (vec![0, 1], vec![0]));
    // In a single sitting it has them first, as older plans say.
    let plan = Plan { sittings: 1, ..plan };
    assert!((0..14).filter(|block| plan.is_timed(&plan.cells[1], *block, 14)).eq(0..4));
}

#[test]
fn a_plan_without_a_seed_is_refused_with_file_and_line() {
    let error = read(&changed(|plan| drop(plan.as_object_mut().unwrap().remove("seed")))).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("plan.json:1: reading the plan: missing field `seed`"), "{said}");
}

#[test]
fn a_plan_of_another_version_is_refused_with_experiments_preset_and_seed() {
    let said = read(
        r#"{"schema":1,"kilotask":"0.0.9","preset":"quick","seed":7,
        "experiments":[{"file":"a.toml"},{"file":"b.toml"}]}"#,
    );
    let said = said.unwrap_err().to_string();
    let expected = "run its experiments (a.toml, b.toml) again into a new folder with --preset quick --seed 7, \
                    or use it with the kilotask that made it, 0.0.9";
    assert!(said.contains("plan.json has schema version 1; ") && said.ends_with(expected), "{said}");
    let said = read("{}").unwrap_err().to_string();
    assert!(said.ends_with("again into a new folder, or use it with the kilotask that made it"), "{said}");
}

#[test]
fn claims_that_were_changed_after_the_run_began_or_are_about_no_known_metric_are_refused() {
    let claim = serde_json::json!({"experiment": "x", "id": "c", "says": "",
        "source": {"title": "", "author": "", "date": ""}, "metric": "makespan_ns",
        "quantity": {"value": {"of": {"cell": "", "runtime": "", "group": "", "tasks": 1}}},
        "expect": {"text": ">= 1", "low": 1.0}});
    let claims: Vec<Claim> = serde_json::from_value(vec![claim.clone()].into()).unwrap();
    let plan = |hash: &str| {
        changed(|plan| {
            plan["claims"] = vec![claim.clone()].into();
            plan["claims_sha256"] = hash.into();
        })
    };
    assert!(read(&plan(&claims::hash(&claims))).is_ok());
    let error = read(&plan("0000")).unwrap_err().to_string();
    assert!(error.contains("is not the one taken before the first trial"), "{error}");
    let error = read(&plan(&claims::hash(&claims)).replace("makespan_ns", "charm")).unwrap_err().to_string();
    assert!(error.contains("plan.json:1: reading the plan: unknown variant `charm`"), "{error}");
    let emptied = changed(|plan| plan["claims_sha256"] = claims::hash(&claims).into());
    let error = read(&emptied).unwrap_err().to_string();
    assert!(error.contains("its claims were changed"), "{error}");
}

#[test]
fn a_plan_that_was_changed_after_it_was_written_or_makes_no_sense_is_refused() {
    let plan = plan_of(1, &[3]);
    let text = String::from_utf8(plan.file()).unwrap();
    assert_eq!(read(&text).unwrap(), plan);
    for (from, to) in [("\"seed\": 7", "\"seed\": 8"), ("\"timed\": 3", "\"timed\": 2"), (seal::KEY, "hash")]
    {
        assert!(text.contains(from), "{from}");
        let error = read(&text.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains("plan.json:1: ") && error.contains("hash"), "{error}");
    }
    let error = read(&changed(|plan| plan["burn_in_blocks"] = 0.into())).unwrap_err().to_string();
    assert!(error.contains("it makes no sense: `burn_in_blocks` is 0"), "{error}");
    // A plan of an older version has no hash.
    let older = |plan: &mut Value| {
        plan["schema"] = OLDEST_SCHEMA.into();
        plan.as_object_mut().unwrap().remove(seal::KEY);
    };
    let mut value: Value = serde_json::from_str(&text).unwrap();
    older(&mut value);
    assert!(read(&value.to_string()).is_ok());
}

#[test]
fn a_folder_without_a_plan_is_refused_with_how_to_get_one() {
    let error = Plan::read(Path::new("nowhere/plan.json")).unwrap_err().to_string();
    assert!(error.starts_with("reading nowhere/plan.json: ") && error.contains("kilotask run"), "{error}");
}

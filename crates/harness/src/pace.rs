//! How often each cell runs: equal time instead of equal counts.
//!
//! A process of a millisecond says less than one of a second, and a plan that gives both one process in each block
//! spends nearly all of its time on the long ones. The trial of block 0, which counts nowhere, shows how long each cell
//! takes; from then on the numbers are fixed, and in the plan.

use std::collections::{HashMap, HashSet};
use std::iter;
use std::time::Duration;

use results::plan::{BURN_IN_BLOCKS, EqualTime};
use results::{Pass, Plan, PlannedCell, TrialRow};

/// What is done by default.
pub const EQUAL_TIME: EqualTime =
    EqualTime { block_ms: 100, most_processes: 16, long_ms: 500, expected_seconds: None };

/// What the lab itself takes to start and to verify a process.
const OF_THE_LAB: Duration = Duration::from_millis(1);

/// The fewest blocks that count of a cell that runs less often, where it had as many.
const FEWEST_BLOCKS: u32 = 3;

/// What is long is made shorter by this factor until the plan fits the time that there is,
const SHORTER: (u64, u64) = (3, 4);
/// as far as this: what is shorter gives no interval any more where it has fewer blocks.
const SHORTEST: Duration = Duration::from_millis(100);

/// The share of the time for what block 0 does not show: blocks that are repeated or added for undecided claims.
const RESERVE: u32 = 8;

/// Gives each cell its number of processes and of blocks, by how long its trial in block 0 took. Where the rest of the plan
/// would take longer than the time that there is, cells that no claim is about get fewer blocks; `counting` is what a trial
/// that counts instructions takes beyond a timed one. Whether there was anything to settle.
pub fn settle(plan: &mut Plan, trials: &[TrialRow], time: Option<Duration>, counting: Duration) -> bool {
    let Some(rule) = plan.equal_time.filter(|rule| rule.expected_seconds.is_none()) else { return false };
    let seen = lasted(trials);
    let burn_in: Duration = seen.values().map(|lasted| *lasted + OF_THE_LAB).sum();
    let lasted = expected(plan, seen);
    let claims = Claimed::of(plan);
    let counted: u64 = plan.cells.iter().map(|planned| u64::from(planned.instructions)).sum();
    let counting = counting * u32::try_from(counted).unwrap_or(u32::MAX);
    let shorter =
        |ms: &u64| Some(ms * SHORTER.0 / SHORTER.1).filter(|ms| Duration::from_millis(*ms) >= SHORTEST);
    for long_ms in iter::successors(Some(rule.long_ms), shorter) {
        let mut settled = plan.clone();
        let rule = EqualTime { long_ms, ..rule };
        let expected = settle_by(rule, &mut settled, &lasted, &claims) + counting;
        settled.equal_time = Some(EqualTime { expected_seconds: Some(expected.as_secs()), ..rule });
        let left = expected.saturating_sub(burn_in);
        let fits = time.is_none_or(|time| left + time / RESERVE <= time);
        if fits || shorter(&long_ms).is_none() {
            *plan = settled;
            break;
        }
    }
    true
}

/// What the claims of a plan are about.
struct Claimed {
    cells: HashSet<String>,
    groups: HashSet<String>,
}

impl Claimed {
    fn of(plan: &Plan) -> Self {
        let cells: HashSet<String> = plan
            .claims
            .iter()
            .flat_map(|claim| claim.quantity.cells())
            .map(|cell| cell.cell.clone())
            .collect();
        let groups = (plan.cells.iter().map(|planned| &planned.cell))
            .filter(|cell| cells.contains(&cell.id))
            .map(|cell| cell.group.clone())
            .collect();
        Self { cells, groups }
    }
}

/// Settles the numbers by a rule; gives how long the plan will take.
fn settle_by(
    rule: EqualTime,
    plan: &mut Plan,
    lasted: &HashMap<String, Duration>,
    claims: &Claimed,
) -> Duration {
    let mut expected = Duration::ZERO;
    for planned in &mut plan.cells {
        let Some(lasted) = lasted.get(&planned.cell.id).copied() else { continue };
        if !planned.ceiling {
            if claims.groups.contains(&planned.cell.group) {
                planned.processes = processes(rule, lasted);
            }
            if !claims.cells.contains(&planned.cell.id) {
                planned.timed = blocks(rule, lasted, planned.timed);
            }
        }
        expected += (lasted + OF_THE_LAB) * u32::try_from(planned.trials()).unwrap_or(u32::MAX);
    }
    expected
}

/// How long the trial of each cell took in block 0.
pub fn lasted(trials: &[TrialRow]) -> HashMap<String, Duration> {
    let burn_in = trials.iter().filter(|trial| trial.pass == Pass::Timed && trial.block < BURN_IN_BLOCKS);
    burn_in
        .filter_map(|trial| Some((trial.cell.clone(), Duration::from_nanos(trial.process_lifetime_ns?))))
        .collect()
}

/// The same, and for cells without a trial in block 0 how long they took in the run that the plan was made by, times how much
/// longer others take here (the median).
fn expected(plan: &Plan, seen: HashMap<String, Duration>) -> HashMap<String, Duration> {
    let before = |planned: &PlannedCell| planned.expected_us.map(|us| us as f64 / 1e6).filter(|s| *s > 0.0);
    let longer = |planned: &PlannedCell| Some(seen.get(&planned.cell.id)?.as_secs_f64() / before(planned)?);
    let mut times: Vec<f64> = plan.cells.iter().filter_map(longer).collect();
    times.sort_unstable_by(f64::total_cmp);
    let times = times.get(times.len() / 2).copied().unwrap_or(1.0);
    let mut expected = seen;
    for planned in plan.cells.iter().filter(|planned| !planned.burn_in) {
        if let Some(seconds) = before(planned)
            && let Ok(lasted) = Duration::try_from_secs_f64(times * seconds)
        {
            expected.entry(planned.cell.id.clone()).or_insert(lasted);
        }
    }
    expected
}

/// As many as fit into the time of a block, and one at least.
fn processes(rule: EqualTime, lasted: Duration) -> u32 {
    let fit = Duration::from_millis(rule.block_ms).as_nanos() / (lasted + OF_THE_LAB).as_nanos();
    u32::try_from(fit).unwrap_or(u32::MAX).min(rule.most_processes).max(1)
}

/// So many fewer blocks as the cell is longer than what is long, the burn-in aside.
fn blocks(rule: EqualTime, lasted: Duration, timed: u32) -> u32 {
    let (count, long) = (timed.saturating_sub(BURN_IN_BLOCKS), Duration::from_millis(rule.long_ms));
    if lasted <= long || count == 0 {
        return timed;
    }
    let share = (u128::from(count) * long.as_nanos()).div_ceil(lasted.as_nanos());
    let fewest = if count < FEWEST_BLOCKS { 1 } else { FEWEST_BLOCKS };
    BURN_IN_BLOCKS + u32::try_from(share).unwrap_or(u32::MAX).clamp(fewest, count)
}

#[cfg(test)]
mod tests {
    use results::Claim;
    use results::fixture::sample;

    use super::*;
    use crate::experiment::PresetName;
    use crate::fixture::planned;

    fn claim_about(cell: &str) -> Claim {
        let value = serde_json::json!({"experiment": "x", "id": "c", "says": "",
            "source": {"title": "", "author": "", "date": ""}, "metric": "makespan_ns",
            "quantity": {"value": {"of": {"cell": cell, "runtime": "", "group": "", "tasks": 1}}},
            "expect": {"text": ">= 1", "low": 1.0}});
        serde_json::from_value(value).unwrap()
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn short_cells_have_as_many_processes_as_fit_and_long_ones_have_one() {
        let processes = |lasted| processes(EQUAL_TIME, ms(lasted));
        assert_eq!([0, 1, 9, 49, 99, 5000].map(processes), [16, 16, 10, 2, 1, 1]);
    }

    #[test]
    fn long_cells_run_in_fewer_blocks_but_in_three_where_they_had_as_many() {
        let blocks = |lasted, timed| blocks(EQUAL_TIME, ms(lasted), timed);
        assert_eq!([400, 500, 1000, 6000].map(|lasted| blocks(lasted, 21)), [21, 21, 11, 4]);
        assert_eq!([1000, 6000].map(|lasted| blocks(lasted, 3)), [2, 2]);
        assert_eq!((blocks(1000, 7), blocks(6000, 7), blocks(6000, 1)), (4, 4, 1));
    }

    #[test]
    fn the_numbers_follow_from_block_0_and_are_settled_once() {
        let mut plan = Plan::empty(PresetName::Default, 7);
        plan.cells = ["short", "long", "beside", "unknown"].map(|id| planned(id, 21)).into();
        for (planned, group) in plan.cells.iter_mut().zip(["g", "h", "g", "g"]) {
            planned.cell.group = group.into();
        }
        plan.claims = vec![claim_about("short")];
        plan.equal_time = Some(EQUAL_TIME);
        let trial = |cell: &str, block, lasted: u64| TrialRow {
            process_lifetime_ns: Some(lasted * 1_000_000),
            ..sample(cell, block)
        };
        let trials =
            [trial("short", 0, 9), trial("long", 0, 1000), trial("beside", 0, 24), trial("short", 1, 99)];
        assert!(settle(&mut plan, &trials, None, Duration::ZERO));
        let numbers: Vec<(u32, u32)> = plan.cells.iter().map(|cell| (cell.processes, cell.timed)).collect();
        assert_eq!(numbers, [(10, 21), (1, 11), (4, 21), (1, 21)]);
        // By hand: 10 ms × 201, 1001 × 11, 25 × 81, of whole seconds.
        assert_eq!(plan.equal_time.unwrap().expected_seconds, Some(15));
        assert!(!settle(&mut plan, &[], None, Duration::ZERO));
    }

    #[test]
    fn cells_without_burn_in_are_expected_to_take_as_long_as_before_times_what_others_do() {
        let mut plan = Plan::empty(PresetName::Full, 7);
        plan.cells = ["short", "long"].map(|id| planned(id, 21)).into();
        plan.equal_time = Some(EQUAL_TIME);
        (plan.cells[0].expected_us, plan.cells[1].expected_us) = (Some(10_000), Some(1_000_000));
        plan.cells[1].burn_in = false;
        let short = TrialRow { process_lifetime_ns: Some(20_000_000), ..sample("short", 0) };
        settle(&mut plan, &[short], None, Duration::ZERO);
        // Twice as long here: 21 ms × 21, and 2001 ms × 5.
        assert_eq!(plan.cells[1].timed, 6);
        assert_eq!(plan.equal_time.unwrap().expected_seconds, Some(10));
    }

    #[test]
    fn where_time_is_short_what_is_long_begins_earlier_and_cells_of_claims_keep_their_blocks() {
        let begun = || {
            let mut plan = Plan::empty(PresetName::Full, 7);
            plan.cells = ["claimed", "other"].map(|id| planned(id, 21)).into();
            plan.cells.iter_mut().for_each(|planned| planned.cell.group.clone_from(&planned.cell.id));
            plan.claims = vec![claim_about("claimed")];
            plan.equal_time = Some(EQUAL_TIME);
            plan
        };
        let trial = |cell: &str| TrialRow { process_lifetime_ns: Some(1_000_000_000), ..sample(cell, 0) };
        let trials = [trial("claimed"), trial("other")];
        let settled_with = |counted, seconds: Option<u64>| {
            let mut plan = begun();
            plan.cells[1].instructions = counted;
            settle(&mut plan, &trials, seconds.map(Duration::from_secs), Duration::from_secs(1));
            let timed: Vec<u32> = plan.cells.iter().map(|cell| cell.timed).collect();
            (timed, plan.equal_time.unwrap().long_ms)
        };
        let settled = |seconds| settled_with(0, seconds);
        // 20 s and 10 s are left after block 0, and an eighth is kept in reserve.
        assert_eq!(settled(None), (vec![21, 11], 500));
        assert_eq!(settled(Some(36)), (vec![21, 11], 500));
        assert_eq!(settled(Some(33)), (vec![21, 9], 375));
        assert_eq!(settled(Some(1)), (vec![21, 4], 117), "three blocks at least");
        // To count the instructions of a trial takes a second more than the trial, of which one takes a second.
        assert_eq!(settled_with(1, Some(36)), (vec![21, 9], 375));
        assert_eq!(settled_with(1, Some(37)), (vec![21, 11], 500));
    }
}

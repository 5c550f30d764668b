//! Parts: a plan that is dealt to several machines is run in shards, and each turn of a shard on a machine is a part of its
//! own, a folder like that of a run, with `part.json` beside its plan.
//!
//! Shards share the blocks of the plan: block b is of shard b mod n. Or, where one block is too long for any machine, they
//! share its groups ([`deal`](crate::deal)), and each has all blocks of its own. Either way whatever is compared within a
//! block is compared within one machine. Block 0, the burn-in, every part runs for itself.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::deal::{Deal, hands};
use crate::error::{Error, Problem};
use crate::folder::PART;
use crate::names::is_file_name;
use crate::plan::{BURN_IN_BLOCKS, MAX_BLOCKS, Plan, PlannedCell};
use crate::read;
use crate::rows::Pass;

/// The most shards that a plan is dealt to.
pub const MAX_SHARDS: u32 = 100_000;

/// One of the shards of a plan: `3/16` is number 3 of 16, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shard {
    /// Its number, from 0.
    pub shard: u32,
    /// How many there are.
    pub of: u32,
}

impl Shard {
    /// The only one.
    pub const WHOLE: Self = Self { shard: 0, of: 1 };

    /// Its blocks of a plan that is dealt by blocks, the burn-in aside.
    pub fn blocks(self, plan: &Plan) -> BTreeSet<u32> {
        let end = plan.stages().last().map_or(0, |blocks| blocks.end);
        (BURN_IN_BLOCKS..end).filter(|block| block % self.of == self.shard).collect()
    }

    /// Its groups of a plan that is dealt by groups.
    pub fn groups(self, plan: &Plan) -> BTreeSet<String> {
        hands(plan, self.of).into_iter().nth(self.shard as usize).unwrap_or_default()
    }

    /// The name of the folder that its parts lie in.
    pub fn folder(self) -> String {
        format!("shard-{}", self.shard)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.shard, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers =
            text.split_once('/').and_then(|(shard, of)| Some((shard.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((shard, of)) if shard < of && of <= MAX_SHARDS => Ok(Self { shard, of }),
            _ => Err(format!(
                "write it like 0/4 for the first of four, up to 3/4; at most {MAX_SHARDS} are possible"
            )),
        }
    }
}

/// A turn of a shard on one machine: `part.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The shard that it is of.
    #[serde(flatten)]
    pub shard: Shard,
    /// How the plan was dealt.
    #[serde(default, skip_serializing_if = "Deal::is_blocks")]
    pub deal: Deal,
    /// Its number among the turns of the shard, from 0.
    pub turn: u32,
    /// The blocks that it has to run beside the burn-in: those that no earlier turn had whole.
    pub blocks: BTreeSet<u32>,
    /// The groups that it has, where the plan was dealt by groups; none where it has all of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
}

impl Part {
    /// All that a shard has of a plan that is dealt so, as its first turn has it.
    pub fn whole(plan: &Plan, shard: Shard, deal: Deal) -> Self {
        if deal.is_blocks() {
            return Self { shard, deal, turn: 0, blocks: shard.blocks(plan), groups: BTreeSet::new() };
        }
        let all =
            Self { shard, deal, turn: 0, blocks: Shard::WHOLE.blocks(plan), groups: shard.groups(plan) };
        let blocks = all.blocks.iter().copied().filter(|block| all.has_trial_in(plan, *block)).collect();
        Self { blocks, ..all }
    }

    /// Whether any of its cells has a trial in a block: some run in fewer blocks than others.
    fn has_trial_in(&self, plan: &Plan, block: u32) -> bool {
        let blocks = plan.blocks();
        let mut own = plan.cells.iter().filter(|planned| self.has_group(&planned.cell.group));
        own.any(|planned| Pass::ALL.into_iter().any(|pass| plan.trials_in(planned, pass, block, blocks) > 0))
    }

    /// How its plan was dealt, in words: `4 shards`, `4 shards by groups`.
    pub fn deal_in_words(&self) -> String {
        let by = if self.deal.is_blocks() { "" } else { " by groups" };
        format!("{} shards{by}", self.shard.of)
    }

    /// The part that a folder holds; `None` where it is that of an ordinary run.
    ///
    /// # Errors
    /// When `part.json` cannot be read, or cannot be true.
    pub fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(PART);
        let part: Option<Self> = read::json_if_any(&path)?;
        match part {
            Some(part) if !part.is_possible() => {
                let what = format!("reading the part: it cannot be a turn of shard {}", part.shard);
                Err(Problem::new(1, what, "use the file that the run wrote").at(&path))
            }
            part => Ok(part),
        }
    }

    fn is_possible(&self) -> bool {
        let Self { shard: Shard { shard, of }, deal, ref blocks, ref groups, .. } = *self;
        let is_block = |block: &u32| (BURN_IN_BLOCKS..=MAX_BLOCKS << 10).contains(block);
        let fits = match deal {
            Deal::Blocks => groups.is_empty() && blocks.iter().all(|block| block % of.max(1) == shard),
            Deal::Groups => !groups.is_empty() && groups.iter().all(|group| is_file_name(group)),
        };
        shard < of && of <= MAX_SHARDS && blocks.iter().all(is_block) && fits
    }

    /// What it is called in the results, given the machine that it ran on: `shard-3/n0.1`. Its folder lies under the same
    /// path.
    pub fn name(&self, machine: &str) -> String {
        format!("{}/{machine}.{}", self.shard.folder(), self.turn)
    }

    /// Whether it is to run a block.
    pub fn has(&self, block: u32) -> bool {
        block < BURN_IN_BLOCKS || self.blocks.contains(&block)
    }

    /// Whether it is to run the cells of a group.
    pub fn has_group(&self, group: &str) -> bool {
        self.deal.is_blocks() || self.groups.contains(group)
    }
}

/// What of a plan a folder is to hold: all of it, or the blocks and the groups of a part.
#[derive(Debug, Clone, Copy)]
pub struct Share<'a> {
    plan: &'a Plan,
    part: Option<&'a Part>,
}

impl<'a> Share<'a> {
    /// The share of a part, or the whole plan.
    pub fn of(plan: &'a Plan, part: Option<&'a Part>) -> Self {
        Self { plan, part }
    }

    /// The plan.
    pub fn plan(self) -> &'a Plan {
        self.plan
    }

    /// Whether it has a block of the plan.
    pub fn has(self, block: u32) -> bool {
        self.part.is_none_or(|part| part.has(block))
    }

    /// Whether it has a cell of the plan.
    pub fn has_cell(self, planned: &PlannedCell) -> bool {
        self.part.is_none_or(|part| part.has_group(&planned.cell.group))
    }

    /// Those of some blocks that it has.
    pub fn within(self, blocks: Range<u32>) -> impl Iterator<Item = u32> + 'a {
        blocks.filter(move |block| self.has(*block))
    }

    /// How many trials of a pass a cell has in it.
    pub fn trials_in_pass(self, planned: &PlannedCell, pass: Pass) -> u64 {
        let Some(part) = self.part else { return self.of_whole_plan(planned, pass) };
        if !self.has_cell(planned) {
            return 0;
        }
        let blocks = self.plan.blocks();
        let all = (0..BURN_IN_BLOCKS).chain(part.blocks.iter().copied());
        all.map(|block| u64::from(self.plan.trials_in(planned, pass, block, blocks))).sum()
    }

    fn of_whole_plan(self, planned: &PlannedCell, pass: Pass) -> u64 {
        match pass {
            Pass::Timed => self.plan.trials_of(planned) - planned.trials_not_timed(),
            pass => planned.blocks_of(pass).into(),
        }
    }

    /// How many trials it has.
    pub fn trials(self) -> u64 {
        if self.part.is_none() {
            return self.plan.trials();
        }
        let of_cell =
            |planned| Pass::ALL.into_iter().map(|pass| self.trials_in_pass(planned, pass)).sum::<u64>();
        self.plan.cells.iter().map(of_cell).sum()
    }
}

impl<'a> From<&'a Plan> for Share<'a> {
    fn from(plan: &'a Plan) -> Self {
        Self { plan, part: None }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::PresetName;
    use crate::fixture::planned;
    use crate::write::json_file;

    use super::*;

    fn plan() -> Plan {
        let several = PlannedCell { processes: 2, counted: 1, ..planned("b", 9) };
        Plan { cells: vec![planned("a", 9), several], ..Plan::empty(PresetName::Quick, 7) }
    }

    fn part(shard: &str) -> Part {
        Part::whole(&plan(), shard.parse().unwrap(), Deal::Blocks)
    }

    #[test]
    fn shards_have_each_block_once_and_the_burn_in_all() {
        let all = ["0/3", "1/3", "2/3"].map(part);
        let blocks = |part: &Part| part.blocks.iter().copied().collect::<Vec<_>>();
        assert_eq!(all.each_ref().map(blocks), [vec![3, 6], vec![1, 4, 7], vec![2, 5, 8]]);
        assert!(all.iter().all(|part| part.has(0)));
        assert_eq!(part("0/1").blocks, (1..9).collect());
    }

    #[test]
    fn the_trials_of_all_shards_are_those_of_the_plan_and_a_burn_in_for_each() {
        let plan = plan();
        let trials = |shard: &str| Share::of(&plan, Some(&part(shard))).trials();
        let whole = Share::of(&plan, None).trials();
        assert_eq!(whole, 9 + 1 + 8 * 2 + 1);
        assert_eq!(trials("0/1"), whole);
        // Block 1 has the counted trial.
        assert_eq!(["0/3", "1/3", "2/3"].map(trials), [2 + 2 * 3, 2 + 3 * 3 + 1, 2 + 3 * 3]);
    }

    #[test]
    fn by_groups_all_shards_together_have_each_trial_once_beside_nothing_else() {
        let mut plan = plan();
        plan.cells[1].cell.group = "y".into();
        plan.cells[1].cell.tasks = 2;
        let part = |shard: &str| Part::whole(&plan, shard.parse().unwrap(), Deal::Groups);
        let both = ["0/2", "1/2"].map(part);
        assert_eq!(both.each_ref().map(|part| part.blocks.len()), [8, 8]);
        let groups = |part: &Part| part.groups.iter().cloned().collect::<Vec<_>>();
        assert_eq!(both.each_ref().map(groups), [["y"], ["x"]]);
        let trials = both.each_ref().map(|part| Share::of(&plan, Some(part)).trials());
        assert_eq!(trials, [1 + 8 * 2 + 1, 9]);
        assert!(!Share::of(&plan, Some(&both[1])).has_cell(&plan.cells[1]));
        assert_eq!((part("2/3").groups.len(), &*part("1/3").deal_in_words()), (0, "3 shards by groups"));
        plan.cells[0].timed = 4;
        let fewer = Part::whole(&plan, "1/2".parse().unwrap(), Deal::Groups);
        assert_eq!(
            (fewer.groups.contains("x"), fewer.blocks),
            (true, [1, 2, 3].into()),
            "it runs less often"
        );
    }

    #[test]
    fn a_shard_is_read_as_it_is_shown_and_one_that_cannot_be_is_refused() {
        assert_eq!("3/16".parse::<Shard>().unwrap().to_string(), "3/16");
        for text in ["", "3", "4/4", "0/0", "-1/2", "1/2/3", "0/1000000"] {
            assert!(text.parse::<Shard>().unwrap_err().contains("0/4"), "{text}");
        }
    }

    #[test]
    fn a_part_comes_back_the_same_and_one_with_blocks_of_another_shard_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Part::read(folder.path()).unwrap(), None);
        let write = |part: &Part| fs::write(folder.path().join(PART), json_file(part)).unwrap();
        let part = part("1/3");
        write(&part);
        assert_eq!(Part::read(folder.path()).unwrap().as_ref(), Some(&part));
        assert_eq!(part.name("n0"), "shard-1/n0.0");
        for blocks in [[0], [2], [u32::MAX]] {
            write(&Part { blocks: blocks.into(), ..part.clone() });
            let said = Part::read(folder.path()).unwrap_err().to_string();
            assert!(said.contains("part.json:1: ") && said.contains("shard 1/3"), "{said}");
        }
        let by_groups = Part { deal: Deal::Groups, groups: ["g".into()].into(), blocks: [2].into(), ..part };
        write(&by_groups);
        assert_eq!(Part::read(folder.path()).unwrap().as_ref(), Some(&by_groups));
        for groups in [vec![], vec!["../g".to_string()]] {
            write(&Part { groups: groups.into_iter().collect(), ..by_groups.clone() });
            assert!(Part::read(folder.path()).is_err());
        }
    }
}

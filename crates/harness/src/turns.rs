//! The turns of a shard: what earlier ones have done, and a folder for the next one.
//!
//! Each turn has a folder of its own, `shard-K/MACHINE.TURN`. A machine that was given up may still be running its turn
//! while another has taken over: the two never write one file.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use results::folder::PLAN;
use results::{Deal, Error, Part, Plan, Roster, Shard, disk};

/// The most folders that are looked into for earlier turns.
const MOST_FOLDERS: usize = 10_000;

/// What earlier turns of a shard have left.
#[derive(Debug, Default)]
pub struct Turns {
    /// The blocks that one of them has whole.
    pub whole: BTreeSet<u32>,
    /// The number of the next turn.
    pub next: u32,
    /// Those whose files cannot be used, and why: their blocks are run again.
    pub unusable: Vec<String>,
}

/// Why the turns of a shard cannot be told.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum TurnsError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{} is of another plan; choose another --out, or run the plan that the folder was begun with", path.display())]
    AnotherPlan { path: PathBuf },
    #[error(
        "{} was dealt to {found}, and now to {wanted}; deal a plan in the same way each time, or choose another --out",
        path.display()
    )]
    AnotherDeal { path: PathBuf, found: String, wanted: String },
}

impl Turns {
    /// The turns of a shard of a plan in the folder of all its parts, given all that the shard has. What is being written
    /// there meanwhile is left alone.
    ///
    /// # Errors
    /// When the folder cannot be read, or holds parts of another plan, or of one that was dealt otherwise.
    pub fn read(parts: &Path, plan: &Plan, all: &Part) -> Result<Self, TurnsError> {
        let mut turns = Self::default();
        let hash = plan.sha256();
        for (path, turn) in folders(&parts.join(all.shard.folder()))? {
            turns.next = turns.next.max(turn.saturating_add(1));
            if !path.join(PLAN).exists() {
                continue; // It ended before it began.
            }
            match whole_blocks(&path) {
                Ok((there, part, whole)) => {
                    check(&path, &hash, all, &there, &part)?;
                    turns.whole.extend(whole);
                }
                Err(error) => turns.unusable.push(error.to_string()),
            }
        }
        Ok(turns)
    }
}

/// The plan and the part in a folder, and the blocks that it has whole.
fn whole_blocks(folder: &Path) -> Result<(Plan, Part, BTreeSet<u32>), Error> {
    let plan = Plan::read(&folder.join(PLAN))?;
    let part = Part::read(folder)?.unwrap_or_else(|| Part::whole(&plan, Shard::WHOLE, Deal::Blocks));
    let whole = Roster::read(folder, &plan, Some(&part), |_| Ok(()))?.0.whole_blocks();
    Ok((plan, part, whole))
}

/// They are of the plan with this hash, dealt in the same way.
fn check(path: &Path, hash: &str, all: &Part, there: &Plan, part: &Part) -> Result<(), TurnsError> {
    let path = path.to_path_buf();
    if there.sha256() != hash {
        return Err(TurnsError::AnotherPlan { path });
    }
    if (part.shard, part.deal, &part.groups) == (all.shard, all.deal, &all.groups) {
        return Ok(());
    }
    let (found, wanted) = (part.deal_in_words(), all.deal_in_words());
    Err(TurnsError::AnotherDeal { path, found, wanted })
}

/// The folders of the turns of a shard, each with its number; in no order.
fn folders(shard: &Path) -> Result<Vec<(PathBuf, u32)>, TurnsError> {
    let at = |error| TurnsError::Io { path: shard.into(), error };
    let entries = match fs::read_dir(shard) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(at)?,
    };
    let mut found = Vec::new();
    for entry in entries.take(MOST_FOLDERS) {
        let entry = entry.map_err(at)?;
        let turn = entry.file_name().to_str().and_then(|name| name.rsplit_once('.')?.1.parse().ok());
        if let Some(turn) = turn.filter(|_| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
            found.push((entry.path(), turn));
        }
    }
    Ok(found)
}

/// Makes the folder of a turn on this machine, one that was not there: of two that ask at once each gets its own. Gives the
/// number of the turn too.
///
/// # Errors
/// When it cannot be made.
pub fn make_folder(
    parts: &Path,
    shard: Shard,
    machine: &str,
    next: u32,
) -> Result<(PathBuf, u32), TurnsError> {
    let shard = parts.join(shard.folder());
    let at = |path: &Path, error| TurnsError::Io { path: path.into(), error };
    disk::make_folder(&shard).map_err(|error| at(&shard, error))?;
    let mut turn = next;
    loop {
        let folder = shard.join(format!("{machine}.{turn}"));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok((folder, turn)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => turn += 1,
            Err(error) => return Err(at(&folder, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use results::PlannedCell;
    use results::folder::TRIALS;

    use super::*;
    use crate::experiment::PresetName;
    use crate::fixture::{Mock, planned};
    use crate::journal::{Done, Journal};
    use crate::run::{Limits, run};

    fn plan() -> Plan {
        let several = PlannedCell { processes: 2, ..planned("b", 7) };
        Plan { cells: vec![planned("a", 7), several], ..Plan::empty(PresetName::Quick, 7) }
    }

    const SHARD: Shard = Shard { shard: 1, of: 3 };

    fn all(shard: Shard) -> Part {
        Part::whole(&plan(), shard, Deal::Blocks)
    }

    /// A turn that is broken off after so many trials.
    fn turn(parts: &Path, machine: &str, most: Option<usize>) -> (PathBuf, Part) {
        let plan = plan();
        let turns = Turns::read(parts, &plan, &all(SHARD)).unwrap();
        let (folder, turn) = make_folder(parts, SHARD, machine, turns.next).unwrap();
        let blocks = SHARD.blocks(&plan).difference(&turns.whole).copied().collect();
        let part = Part { turn, blocks, ..all(SHARD) };
        let mut journal = Journal::create_part(&folder, &plan, &part, &()).unwrap();
        let mut mock = Mock { most, ..Mock::default() };
        let share = results::Share::of(&plan, Some(&part));
        run(share, 0..7, &Done::new(), &mut journal, &mut mock, Limits::default(), |_| ()).unwrap();
        (folder, part)
    }

    #[test]
    fn a_turn_goes_on_with_the_blocks_that_no_earlier_one_has_whole_in_a_folder_of_its_own() {
        let parts = tempfile::tempdir().unwrap();
        let parts = parts.path();
        // The burn-in, block 1, and a trial of block 4.
        let (first, part) = turn(parts, "n0", Some(2 + 3 + 1));
        assert_eq!((first, part.blocks), (parts.join("shard-1/n0.0"), [1, 4].into()));
        let (second, part) = turn(parts, "n1", Some(1));
        assert_eq!((second, part.blocks), (parts.join("shard-1/n1.1"), [4].into()));
        let (third, _) = turn(parts, "n0", None);
        assert_eq!(third, parts.join("shard-1/n0.2"));
        let turns = Turns::read(parts, &plan(), &all(SHARD)).unwrap();
        assert_eq!((turns.whole, turns.next), ([0, 1, 4].into(), 3));
        assert_eq!(fs::read_to_string(third.join(TRIALS)).unwrap().lines().count(), 1 + 2 + 3);
    }

    #[test]
    fn two_that_begin_the_same_turn_get_a_folder_each() {
        let parts = tempfile::tempdir().unwrap();
        let made: Vec<_> = (0..2).map(|_| make_folder(parts.path(), SHARD, "n0", 0).unwrap()).collect();
        assert_eq!((made[0].1, made[1].1), (0, 1));
        assert!(made[0].0 != made[1].0);
    }

    #[test]
    fn blocks_of_a_turn_whose_files_were_changed_are_run_again_and_parts_of_another_plan_are_refused() {
        let parts = tempfile::tempdir().unwrap();
        let (folder, _) = turn(parts.path(), "n0", None);
        let turns = |plan: &Plan, part: &Part| Turns::read(parts.path(), plan, part);
        let said = turns(&Plan { seed: 8, ..plan() }, &all(SHARD)).unwrap_err().to_string();
        assert!(said.contains("shard-1/n0.0 is of another plan"), "{said}");
        let said = turns(&plan(), &all(Shard { of: 4, ..SHARD })).unwrap_err().to_string();
        assert!(said.contains("was dealt to 3 shards, and now to 4 shards"), "{said}");
        let by_groups = Part { deal: Deal::Groups, groups: ["x".into()].into(), ..all(SHARD) };
        let said = turns(&plan(), &by_groups).unwrap_err().to_string();
        assert!(said.contains("was dealt to 3 shards, and now to 3 shards by groups"), "{said}");
        fs::write(folder.join(TRIALS), "").unwrap();
        let turns = turns(&plan(), &all(SHARD)).unwrap();
        assert!(turns.whole.is_empty() && turns.next == 1, "{turns:?}");
        assert!(turns.unusable[0].contains("trials.csv"), "{:?}", turns.unusable);
    }
}

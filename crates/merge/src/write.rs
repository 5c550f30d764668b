//! Writes the merged folder: the rows of the parts as they stand, with the machine and the part behind each.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use results::disk::{self, Staged, make_folder, make_inner_folder};
use results::folder::{BY_MACHINE, ENVIRONMENT, ENVIRONMENTS, MACHINES, MERGE, PLAN, ROUNDS, TRIALS};
use results::table::Row;
use results::write::{csv_file, header, json_file};
use results::{Error, MachineRow, Plan, RoundRow, Shard, TrialRow, regular};

use crate::error::MergeError;
use crate::machines::Machines;
use crate::merged::Merged;
use crate::part::{PartRun, Places, bytes_of};

/// The columns that a merged file has behind those of the parts.
const COLUMNS: &str = ",machine,part";

/// Refuses a folder that holds anything but what this plan was merged into before.
pub fn check_out(out: &Path, plan: &Plan) -> Result<(), MergeError> {
    let is_empty = !out.exists() || fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    let is_same = || Plan::read(&out.join(PLAN)).is_ok_and(|there| there.sha256() == plan.sha256());
    if is_empty || (out.join(MACHINES).exists() && is_same()) {
        return Ok(());
    }
    Err(MergeError::Taken(out.into()))
}

/// Writes all files of the merged folder.
pub fn folder(
    out: &Path,
    plan: &Plan,
    parts: &[PartRun],
    machines: &Machines,
    pieces: &[(usize, u32)],
    merged: &Merged,
) -> Result<(), MergeError> {
    make_folder(out).and_then(|()| disk::remove_unfinished(out)).map_err(Error::writing(out))?;
    let joined = Joined { parts, machines, pieces };
    let trials = joined.stage::<TrialRow>(&out.join(TRIALS), |part| &part.trials)?;
    let rounds = joined.stage::<RoundRow>(&out.join(ROUNDS), |part| &part.rounds)?;
    let rows = csv_file(&joined.machine_rows(merged));
    let files = [(PLAN, plan.file()), (MERGE, json_file(merged)), (MACHINES, rows)];
    for (name, bytes) in files {
        let path = out.join(name);
        disk::replace(&path, &bytes).map_err(Error::writing(&path))?;
    }
    results::write::publish([trials, rounds])?;
    joined.write_environments(&out.join(ENVIRONMENTS))?;
    remove_others(&out.join(BY_MACHINE), &machines.names)?;
    Ok(())
}

/// What is written.
struct Joined<'a> {
    parts: &'a [PartRun],
    machines: &'a Machines,
    pieces: &'a [(usize, u32)],
}

impl Joined<'_> {
    /// Writes the rows of one of the files of the parts.
    fn stage<T: Row>(&self, path: &Path, places: fn(&PartRun) -> &Places) -> Result<Staged, MergeError> {
        let staged = disk::stage_with(path, |file| {
            let mut file = BufWriter::new(file);
            let columns = header::<T>();
            file.write_all(columns.trim_ascii_end())?;
            writeln!(file, "{COLUMNS}")?;
            let mut from: Option<(usize, File)> = None;
            for (place, block) in self.pieces {
                let part = &self.parts[*place];
                let source = match &mut from {
                    Some((same, source)) if same == place => source,
                    other => &mut other.insert((*place, regular::open(&part.folder.join(T::TABLE.file))?)).1,
                };
                let machine = &self.machines.names[self.machines.of_part[*place]];
                let behind = format!(",{machine},{}\n", part.name());
                for bytes in places(part).of(*block) {
                    copy_rows(source, bytes, &mut file, behind.as_bytes())?;
                }
            }
            file.flush()
        });
        Ok(staged.map_err(Error::writing(path))?)
    }

    fn machine_rows(&self, merged: &Merged) -> Vec<MachineRow> {
        let rows = merged.machines.iter().enumerate().map(|(machine, it)| {
            let parts: Vec<usize> = self.machines.parts(machine).collect();
            let PartRun { machine: known, kind, .. } = &self.parts[parts[0]];
            let own = || self.pieces.iter().filter(|(part, _)| parts.contains(part));
            let hands: BTreeSet<Shard> = own().filter_map(|(part, _)| self.shard_of_groups(*part)).collect();
            let hands: Vec<String> = hands.iter().map(ToString::to_string).collect();
            MachineRow {
                machine: it.name.clone(),
                id: known.id.clone(),
                cpu_model: kind.cpu_model.clone(),
                cpus: kind.cpus,
                memory_bytes: kind.memory_bytes,
                kernel: kind.kernel.clone(),
                virtualisation: kind.virtualisation.clone(),
                parts: parts.len() as u64,
                blocks: it.blocks.len() as u64,
                trials: own().map(|(part, block)| self.parts[*part].trials.rows(*block)).sum(),
                dealt: Some(hands.join(" ")).filter(|hands| !hands.is_empty()),
            }
        });
        rows.collect()
    }

    /// The shard of a part, where the plan was dealt by groups.
    fn shard_of_groups(&self, part: usize) -> Option<Shard> {
        let part = &self.parts[part].part;
        (!part.deal.is_blocks()).then_some(part.shard)
    }

    /// The environment of the first part of each machine, as it stands.
    fn write_environments(&self, folder: &Path) -> Result<(), MergeError> {
        make_inner_folder(folder).map_err(Error::writing(folder))?;
        let mut names = Vec::new();
        for (machine, name) in self.machines.names.iter().enumerate() {
            let name = format!("{name}.json");
            if let Some(part) = self.machines.parts(machine).next() {
                let (from, to) = (self.parts[part].folder.join(ENVIRONMENT), folder.join(&name));
                disk::replace(&to, &bytes_of(&from)?).map_err(Error::writing(&to))?;
            }
            names.push(name);
        }
        remove_others(folder, &names)
    }
}

/// Copies rows, with the same behind each. No field holds a newline, so that a line is a row.
fn copy_rows(
    source: &mut File,
    bytes: &std::ops::Range<u64>,
    file: &mut impl Write,
    behind: &[u8],
) -> io::Result<()> {
    source.seek(SeekFrom::Start(bytes.start))?;
    let mut rows = Vec::new();
    source.take(bytes.end - bytes.start).read_to_end(&mut rows)?;
    if rows.len() as u64 != bytes.end - bytes.start {
        return Err(io::Error::other("a part became shorter while it was being merged"));
    }
    for row in rows.split_inclusive(|byte| *byte == b'\n') {
        file.write_all(row.strip_suffix(b"\n").unwrap_or(row))?;
        file.write_all(behind)?;
    }
    Ok(())
}

/// Removes what an earlier merge has left in a folder and this one has not: of machines that are not among these any more.
pub fn remove_others(folder: &Path, names: &[String]) -> Result<(), MergeError> {
    let writing = Error::writing(folder);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(&writing)?,
    };
    for entry in entries {
        let entry = entry.map_err(&writing)?;
        let is_kept = names.iter().any(|name| entry.file_name() == name.as_str());
        // What is a link is removed, and not what it leads to.
        let is_folder = entry.file_type().map_err(&writing)?.is_dir();
        let removed = match (is_kept, is_folder) {
            (true, _) => Ok(()),
            (false, true) => fs::remove_dir_all(entry.path()),
            (false, false) => fs::remove_file(entry.path()),
        };
        removed.map_err(&writing)?;
    }
    Ok(())
}

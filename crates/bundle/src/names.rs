//! Which files of a run are in a bundle, and nothing else is.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use results::folder::{
    ACROSS, BY_MACHINE, CROSSOVERS_ACROSS, ENDING, ENVIRONMENT, ENVIRONMENTS, FLAGS, MACHINES, MERGE, PART,
    PLAN, RATIOS, ROUNDS, SCALING, SPANS, SUMMARY, TRIALS, VERDICTS, VERDICTS_ACROSS,
};
use results::names::is_file_name;

/// What a file of a bundle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Written when the run was made or merged.
    Given,
    /// Worked out from what was given.
    Derived,
}

/// How the name of a bundle ends.
pub const ENDING_OF_BUNDLE: &str = ".kilotask.tar.gz";

/// Those of an ordinary run, those of a part, and those of a merged folder.
pub const GIVEN: [&str; 8] = [PLAN, ENVIRONMENT, ENDING, TRIALS, ROUNDS, PART, MACHINES, MERGE];
/// What follows from the rows of one machine.
const OF_A_MACHINE: [&str; 5] = [SUMMARY, RATIOS, SCALING, FLAGS, VERDICTS];
/// What follows from those of several.
const OF_MACHINES: [&str; 3] = [ACROSS, CROSSOVERS_ACROSS, VERDICTS_ACROSS];
/// The folders that a run has.
const FOLDERS: [&str; 3] = [SPANS, ENVIRONMENTS, BY_MACHINE];

/// What the file of this name is; `None` where a bundle has no such file. No name that has a kind leads out of a folder.
pub fn kind(name: &str) -> Option<Kind> {
    let is_named = |file: &str, ending: &str| file.strip_suffix(ending).is_some_and(is_file_name);
    match name.split('/').collect::<Vec<&str>>()[..] {
        [file] if GIVEN.contains(&file) => Some(Kind::Given),
        [file] if OF_A_MACHINE.contains(&file) || OF_MACHINES.contains(&file) => Some(Kind::Derived),
        [SPANS, file] if is_named(file, ".csv") => Some(Kind::Given),
        [ENVIRONMENTS, file] if is_named(file, ".json") => Some(Kind::Given),
        [BY_MACHINE, machine, file] if is_file_name(machine) && OF_A_MACHINE.contains(&file) => {
            Some(Kind::Derived)
        }
        _ => None,
    }
}

/// The files of this kind in the folder of a run, sorted by name.
///
/// # Errors
/// When a folder cannot be read.
pub fn listed(folder: &Path, wanted: Kind) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    list(folder, "", wanted, &mut names)?;
    names.sort();
    Ok(names)
}

fn list(folder: &Path, before: &str, wanted: Kind, names: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A name that is no text is none of ours.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let name = format!("{before}{name}");
        let is_folder = || FOLDERS.iter().any(|folder| name == *folder || before.starts_with(folder));
        match fs::metadata(entry.path()) {
            Ok(data) if data.is_dir() && is_folder() && name.split('/').count() < 3 => {
                list(&entry.path(), &format!("{name}/"), wanted, names)?;
            }
            Ok(_) if kind(&name) == Some(wanted) => names.push(name),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_a_run_has_are_known() {
        let given =
            ["plan.json", "trials.csv", "spans/x_sleep-1000-1ms_tokio@1.2.3.csv", "environment/n0.json"];
        assert!(given.iter().all(|name| kind(name) == Some(Kind::Given)));
        for name in ["summary.csv", "across.csv", "machines/n0/verdicts.csv"] {
            assert_eq!(kind(name), Some(Kind::Derived), "{name}");
        }
        for name in [
            "",
            "/",
            "/plan.json",
            "./plan.json",
            "../plan.json",
            "plan.json/",
            "report.html",
            "manifest.json",
            "spans/../plan.json",
            "spans//x.csv",
            "spans/.csv",
            "spans/x/y.csv",
            "spans/x",
            "spans/-x.csv",
            "environment/../x.json",
            "machines/../summary.csv",
            "machines/n0/trials.csv",
            "machines/summary.csv",
            "machines/a/b/summary.csv",
            "spans\\x.csv",
            "plan.json\0",
            "spans/a\nb.csv",
        ] {
            assert_eq!(kind(name), None, "{name:?}");
        }
    }
}

//! Runs for tests: the committed one, and one without a trial.

use std::fs;
use std::sync::OnceLock;

use crate::run::Run;
use results::fixture::reference as reference_folder;
use results::folder;

/// The committed run.
pub fn reference() -> &'static Run {
    static REFERENCE: OnceLock<Run> = OnceLock::new();
    REFERENCE.get_or_init(read_reference)
}

/// The committed run, to be changed.
pub fn read_reference() -> Run {
    Run::read(&reference_folder()).expect("the committed run can be read")
}

/// The committed run's plan and environment, without a single trial.
pub fn without_trials() -> Run {
    let folder = tempfile::tempdir().expect("a folder for a test");
    for json in [folder::PLAN, folder::ENVIRONMENT] {
        fs::copy(reference_folder().join(json), folder.path().join(json)).expect("the committed run has it");
    }
    for table in
        [folder::SUMMARY, folder::RATIOS, folder::SCALING, folder::FLAGS, folder::VERDICTS, folder::TRIALS]
    {
        let whole = fs::read_to_string(reference_folder().join(table)).expect("the committed run has it");
        let header = whole.lines().next().unwrap_or_default();
        fs::write(folder.path().join(table), format!("{header}\n")).expect("a file for a test");
    }
    Run::read(folder.path()).expect("a run without trials can be read")
}

//! A run of some of the runtimes here, in a checkout of its own with a temporary folder of its own, in which somebody is
//! killed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use assert_cmd::cargo::cargo_bin;
use results::folder::PLAN;
use results::{Environment, TrialRow};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::here::{self, Runtime};
use crate::processes::{Found, all_with, wait_for_the_end_of};
use crate::random::Random;
use crate::rows::{check_progress, check_whole, whole_rows};

/// The folder of the run in its checkout.
const OUT: &str = "results";

/// Long for each of the trials, and not too long for one whose worker was killed and that waits for it for ever.
const TIME_LIMIT: &str = "15s";

pub struct Scenario {
    folder: TempDir,
    /// How it is repeated.
    name: String,
    runtimes: Vec<String>,
    pub random: Random,
    /// The whole rows of the run at the last look.
    rows: String,
}

/// Says which scenario it was where something did not hold, and leaves nothing of it to the next one.
impl Drop for Scenario {
    fn drop(&mut self) {
        if thread::panicking() {
            let said = fs::read_to_string(self.said()).unwrap_or_default();
            println!("{} of {:?}; the lab had said: {said}", self.name, self.runtimes);
            for found in self.processes() {
                found.send(Signal::KILL);
            }
        }
    }
}

impl Scenario {
    /// A checkout that has these runtimes, and an experiment of them on these workloads.
    pub fn new(name: String, seed: u64, runtimes: &[Runtime], workloads: &BTreeSet<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = runtimes.iter().map(|runtime| runtime.name.clone()).collect();
        let scenario = Self { folder, name, runtimes: names, random: Random::new(seed), rows: String::new() };
        fs::create_dir(scenario.temporary()).unwrap();
        let checkout = scenario.checkout();
        for parent in ["crates", "runners"] {
            fs::create_dir_all(checkout.join(parent)).unwrap();
        }
        fs::write(checkout.join("Cargo.toml"), "[workspace]\n[workspace.metadata.kilotask]\n").unwrap();
        fs::write(checkout.join("x.toml"), here::experiment(runtimes, workloads)).unwrap();
        // The lab of a test is in target/debug or the like, and the runners are in target/release.
        symlink(cargo_bin("kilotask").ancestors().nth(2).unwrap(), checkout.join("target")).unwrap();
        for runtime in runtimes {
            let link = checkout.join(&runtime.runner);
            if !link.exists() {
                symlink(here::root().join(&runtime.runner), link).unwrap();
            }
        }
        scenario
    }

    fn checkout(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    /// TMPDIR of the lab, and so of all that it starts.
    pub fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    fn out(&self) -> PathBuf {
        self.checkout().join(OUT)
    }

    fn said(&self) -> PathBuf {
        self.folder.path().join("said")
    }

    pub fn has_plan(&self) -> bool {
        self.out().join(PLAN).exists()
    }

    /// Begins the run, or resumes it.
    pub fn start(&self) -> Child {
        let mut command = Command::new(cargo_bin("kilotask"));
        let begin = ["x.toml", "--seed", "7", "--sittings", "2"];
        command.args(["run", "--out", OUT, "--timeout", TIME_LIMIT]);
        command.args(if self.has_plan() { &["--resume"][..] } else { &begin });
        command.current_dir(self.checkout()).env("TMPDIR", self.temporary());
        for name in ["KILOTASK_ROOT", "KILOTASK_RUNNERS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET"] {
            command.env_remove(name);
        }
        let said = fs::File::create(self.said()).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn().unwrap()
    }

    /// What the lab has said since it was started last.
    pub fn words(&self) -> String {
        fs::read_to_string(self.said()).unwrap()
    }

    /// All that is at work for this run.
    pub fn processes(&self) -> Vec<Found> {
        all_with(&self.temporary())
    }

    /// Once the lab has ended: nothing is left of it, and what had been measured is still there.
    pub fn check(&mut self, known: &[Found]) {
        let left = wait_for_the_end_of(&self.temporary(), known);
        assert!(left.is_empty(), "still at work: {left:?}");
        let names = fs::read_dir(self.temporary()).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = names.collect();
        assert!(left.is_empty(), "left in the temporary folder: {left:?}");
        let now = whole_rows(&self.out());
        check_progress(&self.rows, &now);
        self.rows = now;
    }

    /// Once the run has ended: it is whole. Gives its rows.
    pub fn finish(&mut self) -> Vec<TrialRow> {
        self.check(&[]);
        let rows = check_whole(&self.out());
        self.check_resumptions();
        rows
    }

    /// Nothing that a kill left is taken for another machine or another program.
    fn check_resumptions(&self) {
        let path: &Path = &self.out().join(results::folder::ENVIRONMENT);
        let environment: Environment = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let differ = environment.resumed.iter().find(|resumed| !resumed.differences.is_empty());
        assert!(differ.is_none(), "{differ:?}");
    }
}

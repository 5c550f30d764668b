//! The runtimes that work on this machine, and which workloads each has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;

use crate::victim::Victim;

/// A runtime that works here.
#[derive(Debug, Clone)]
pub struct Runtime {
    pub name: String,
    /// The folder of its runner, seen from the checkout.
    pub runner: PathBuf,
    workloads: Vec<String>,
}

/// This checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The runtimes that work here; a build has to come first, as `make test` does it.
pub fn runtimes() -> Vec<Runtime> {
    let mut command = Command::new(cargo_bin("kilotask"));
    let output = command.args(["list", "--json"]).env("KILOTASK_ROOT", root()).output().unwrap();
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    list.iter().filter(|row| row["status"] == "ok").map(Runtime::of).collect()
}

impl Runtime {
    fn of(row: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_string();
        let workloads = row["workloads"].as_array().unwrap().iter().map(text);
        let unsupported = row["unsupported"].as_object().unwrap();
        Self {
            name: text(&row["name"]),
            runner: text(&row["runner"]).into(),
            workloads: workloads.filter(|workload| !unsupported.contains_key(workload)).collect(),
        }
    }
}

/// The workloads and their sizes: short, so that a run has many trials; some with spans that are kept (1000 tasks), and with
/// each kind of peer.
const WORKLOADS: [(&str, &str); 14] = [
    ("sleep", "tasks = [20, 1000]\nduration = [\"1ms\"]"),
    ("spawn", "tasks = [100]"),
    ("hold", "tasks = [100]"),
    ("yield", "tasks = [10]"),
    ("ping-pong", "tasks = [2]"),
    ("fan-in", "tasks = [10]"),
    ("skynet", "tasks = [100]"),
    ("mutex", "tasks = [10]"),
    ("brigade", "tasks = [10]\nparams = { times = 10 }"),
    (REQUEST, "tasks = [5]\nduration = [\"20ms\"]"),
    (ECHO, "tasks = [2]\nduration = [\"50ms\"]"),
    ("file-read", "tasks = [2]\nparams = { file_bytes = 1048576 }"),
    ("cpu", "tasks = [10]"),
    ("blocking", "tasks = [5]\nduration = [\"5ms\"]"),
];

/// Those with a peer that is a process.
const REQUEST: &str = "request";
const ECHO: &str = "echo";

impl Runtime {
    /// Its workloads in which such a one can be killed.
    pub fn workloads_with(&self, victim: Victim) -> Vec<&'static str> {
        let names = WORKLOADS.iter().map(|(name, _)| *name).filter(|name| self.has(name));
        names.filter(|name| victim != Victim::Peer || [REQUEST, ECHO].contains(name)).collect()
    }

    fn has(&self, workload: &str) -> bool {
        self.workloads.iter().any(|name| name == workload)
    }
}

/// An experiment of these runtimes on these workloads, as far as each has them.
pub fn experiment(runtimes: &[Runtime], workloads: &BTreeSet<&str>) -> String {
    let names = |of: &dyn Fn(&&Runtime) -> bool| -> Vec<&str> {
        runtimes.iter().filter(of).map(|runtime| &*runtime.name).collect()
    };
    let head = format!(
        "question = \"What is left?\"\nruntimes = {:?}\n\
         presets.default = {{ blocks = 3, counted = 1, traced = 1 }}\n",
        names(&|_| true)
    );
    let wanted = WORKLOADS.iter().filter(|(name, _)| workloads.contains(name));
    wanted.fold(head, |text, (name, sizes)| {
        let able = names(&|runtime| runtime.has(name));
        text + &format!("[[workload]]\nname = {name:?}\n{sizes}\nrounds = 2\nruntimes = {able:?}\n")
    })
}

//! The circumstances of a run: `environment.json`. What the machine does not say is absent.

use std::collections::BTreeMap;
use std::path::PathBuf;

use protocol::{RuntimeInfo, Status};
use serde::{Deserialize, Serialize};

use crate::difference::Difference;
use crate::machine::{Kind, Machine};

/// Everything about the machine and the build that a reader of the results may want to know.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Environment {
    pub kilotask: String,
    /// The commit of the checkout, with `-dirty` where it was changed since.
    pub commit: Option<String>,
    /// Why there is no commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_commit: Option<String>,
    /// The compiler that built the lab; in runs of older versions, the one that stood on the `PATH`.
    pub toolchain: Option<String>,
    /// How the lab was built: `compiler`, `flags`, `profile`, … Each runner has its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub build: BTreeMap<String, String>,
    pub lock_file_sha256: Option<String>,
    /// Which machine; older versions did not note it. What kind of machine it is say the fields from `kernel` on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    pub kernel: String,
    pub cpu_model: Option<String>,
    pub cpus: u32,
    pub memory_bytes: Option<u64>,
    /// Memory that the control group allows, where it is limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit_bytes: Option<u64>,
    pub virtualisation: Option<String>,
    pub clock_source: Option<String>,
    pub clock_tolerance_ns: u64,
    pub timer_slack_ns: Option<u64>,
    pub governor: Option<String>,
    pub transparent_huge_pages: Option<String>,
    /// The file system of the temporary folder, which the file of `file-read` is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporary_file_system: Option<String>,
    /// What every runner inherited; older versions did not note it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub circumstances: Option<Circumstances>,
    /// Soft limits of a process, and limits of the kernel; bytes or counts. `null` is unlimited.
    pub limits: BTreeMap<String, Option<u64>>,
    /// `ok`, or the reason why not.
    pub instruments: BTreeMap<String, String>,
    /// What the lab itself needs: `ok`, or the reason why not.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lab: BTreeMap<String, String>,
    pub runtimes: Vec<RuntimeState>,
    /// Each time that the run was resumed; older versions noted only those in other circumstances than it began in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<Resumption>,
}

impl Environment {
    /// The kind of machine that it was.
    pub fn kind(&self) -> Kind {
        Kind {
            cpu_model: self.cpu_model.clone(),
            cpus: self.cpus,
            memory_bytes: self.memory_bytes,
            kernel: self.kernel.clone(),
            virtualisation: self.virtualisation.clone(),
        }
    }
}

/// A start of the harness that resumed a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resumption {
    /// When: RFC 3339, UTC. Trials that started later are of it.
    pub at: String,
    /// What was another: `a` is as the run began. Nothing, where all was the same.
    pub differences: Vec<Difference>,
}

/// What the lab, and with it every runner, inherited from who started it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Circumstances {
    /// The CPUs that it may run on, as the kernel lists them: `0-3,8`.
    pub affinity: Option<String>,
    /// From −20, which is served first, to 19.
    pub nice: Option<i64>,
    /// The scheduling policy: `other`, `batch`, `idle`, `fifo 50`.
    pub scheduling: Option<String>,
    /// How many CPUs the control groups let it use on the average; `null` is no quota.
    pub cpu_quota: Option<f64>,
    /// `RLIMIT_AS`: the most virtual memory of a process; `null` is unlimited.
    pub address_space_bytes: Option<u64>,
}

/// A runtime and whether it works here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuntimeState {
    /// What it says of itself.
    #[serde(flatten)]
    pub info: RuntimeInfo,
    /// `ok`, or why it does not work.
    pub status: Status,
    /// The reason, where the status is not `ok`.
    #[serde(default)]
    pub reason: String,
    /// Which runner hosts it.
    #[serde(default)]
    pub runner: RunnerOrigin,
}

/// Where a runner came from, and which program it was. One in the checkout is of the checkout's commit; of one that
/// lives elsewhere as much is noted as can be known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunnerOrigin {
    /// Its folder within the checkout, or the whole path of one that lives elsewhere.
    pub path: PathBuf,
    /// The commit of the repository that it stands in, if it is another than the lab's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// SHA-256 of its program: of the executable that it is; of a folder with a `runner.toml`, that of what `sha256sum`
    /// would write of the folder's files, in the order of their names. None where it cannot be read. Runs of older
    /// versions have it only of executables that live outside the checkout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// How it was built, in its own words; of one in Rust, as for the lab.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub build: BTreeMap<String, String>,
    /// SHA-256 of the lock file of a version that was built apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock_file_sha256: Option<String>,
}

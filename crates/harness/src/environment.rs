//! The circumstances of a run: `environment.json`. What this machine does not say is absent.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::available_parallelism;

use procfs::{CpuInfo, Current, Meminfo};
use protocol::Status;
use rustix::process::{Resource, getrlimit};

use crate::circumstances::circumstances;
use crate::counters::Counters;
use crate::discover::{Runner, Runtime};
use crate::fault::Fault;
use crate::machine_noise::{self, MachineClocks};
use crate::preflight::{self, Needs};
use crate::verify::clock_tolerance;
use crate::{control_group, file_system, memory};

use results::Machine;
use results::sanitize::{MAX_REASON, of_stranger};

pub use results::environment::{Environment, RunnerOrigin, RuntimeState};

/// Where a runner came from.
fn origin_of(runner: &Runner) -> RunnerOrigin {
    let external = runner.external_path();
    RunnerOrigin {
        path: runner.place.clone(),
        commit: external.and_then(|_| commit(&runner.folder).ok()),
        sha256: runner.sha256(),
        build: runner.build.clone(),
        lock_file_sha256: runner.lock_file.as_deref().and_then(sha256_of),
    }
}

/// Probes a runtime.
pub fn state_of(runtime: &Runtime) -> RuntimeState {
    let fault = runtime.probe().err();
    let (status, reason) =
        fault.map_or((Status::Ok, String::new()), |fault| (fault.status(), in_short(&fault)));
    RuntimeState { info: runtime.info.clone(), status, reason, runner: origin_of(&runtime.runner) }
}

fn in_short(fault: &Fault) -> String {
    of_stranger(&fault.to_string(), MAX_REASON)
}

/// What is known of this machine, of the checkout, if there is one, and of these runtimes.
pub fn survey(
    root: Option<&Path>,
    machine: Machine,
    runtimes: Vec<RuntimeState>,
    instruments: BTreeMap<String, String>,
) -> Environment {
    let tolerance = clock_tolerance().as_nanos();
    let commit = root.map_or_else(|| Err("there is no checkout".into()), commit_of_checkout);
    let (commit, no_commit) = match commit {
        Ok(commit) => (Some(commit), None),
        Err(reason) => (None, Some(reason)),
    };
    Environment {
        kilotask: env!("CARGO_PKG_VERSION").into(),
        commit,
        no_commit,
        toolchain: protocol::build().remove("compiler"),
        build: protocol::build(),
        lock_file_sha256: root.and_then(|root| sha256_of(&root.join("Cargo.lock"))),
        machine: Some(machine),
        kernel: kernel(),
        cpu_model: CpuInfo::current().ok().and_then(|cpus| cpus.model_name(0).map(String::from)),
        cpus: cpus(),
        memory_bytes: memory_bytes(),
        memory_limit_bytes: control_group::memory_limit(),
        virtualisation: virtualisation(),
        clock_source: word("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        clock_tolerance_ns: u64::try_from(tolerance).unwrap_or(u64::MAX),
        timer_slack_ns: number("/proc/self/timerslack_ns"),
        governor: word("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        transparent_huge_pages: word("/sys/kernel/mm/transparent_hugepage/enabled"),
        temporary_file_system: file_system::name_of(&env::temp_dir()),
        circumstances: Some(circumstances()),
        limits: limits(),
        instruments,
        lab: preflight::look(Needs::default()),
        runtimes,
        resumed: Vec::new(),
    }
}

/// Each instrument with `ok` or the reason why it does not work here; of those that count instructions what was tried.
pub fn instruments(runtimes: &[Runtime], counters: &Counters) -> BTreeMap<String, String> {
    let unbuilt = runtimes.iter().filter(|runtime| runtime.runner.lacks_counted_build());
    let unbuilt: Vec<&str> = unbuilt.map(|runtime| runtime.info.name.as_str()).collect();
    let reason_unless = |works: bool, reason: &str| (!works).then(|| reason.to_string());
    let has_memory = memory::read(std::process::id()).is_some();
    let unbuilt_reason = format!("counted build missing for {}; run make build", unbuilt.join(", "));
    let has_steal = MachineClocks::read().is_some_and(MachineClocks::knows_steal);
    let has_frequency = machine_noise::frequency().is_some();
    let no_frequency = "no scaling_cur_freq under /sys/devices/system/cpu, as on most virtual machines";
    let no_kernel = "/proc/meminfo lacks KernelStack, PageTables or SUnreclaim";
    let instruments = [
        ("memory", reason_unless(has_memory, "/proc/self/status cannot be read; mount /proc")),
        ("allocations", reason_unless(unbuilt.is_empty(), &unbuilt_reason)),
        ("system calls", counters.calls.as_ref().err().map(ToString::to_string)),
        ("steal time", reason_unless(has_steal, "/proc/stat has no steal column")),
        ("frequency", reason_unless(has_frequency, no_frequency)),
        ("kernel memory", reason_unless(memory::kernel().is_some(), no_kernel)),
    ];
    let all = instruments.into_iter().chain(counters.tried());
    all.map(|(name, reason)| (name.to_string(), reason.unwrap_or_else(|| "ok".into()))).collect()
}

/// CPUs that this process may use.
pub fn cpus() -> u32 {
    available_parallelism().map_or(1, |cpus| u32::try_from(cpus.get()).unwrap_or(u32::MAX))
}

/// Memory of this machine, bytes.
pub fn memory_bytes() -> Option<u64> {
    Meminfo::current().ok().map(|memory| memory.mem_total)
}

/// Memory that may be used here, bytes: that of the machine, or what the control group allows.
pub fn usable_memory_bytes() -> Option<u64> {
    memory_bytes().into_iter().chain(control_group::memory_limit()).min()
}

fn kernel() -> String {
    let uname = rustix::system::uname();
    format!("{} {}", uname.sysname().to_string_lossy(), uname.release().to_string_lossy())
}

/// `bare metal`, or who is suspected of running us.
fn virtualisation() -> Option<String> {
    let cpu = CpuInfo::current().ok()?;
    let virtual_cpu = cpu.flags(0).is_some_and(|flags| flags.contains(&"hypervisor"));
    let product = word("/sys/class/dmi/id/product_name").unwrap_or_default();
    Some(if virtual_cpu {
        format!("virtual machine {product}").trim_end().into()
    } else {
        "bare metal".into()
    })
}

fn limits() -> BTreeMap<String, Option<u64>> {
    let limits = [
        ("memlock_bytes", getrlimit(Resource::Memlock).current),
        ("processes", getrlimit(Resource::Nproc).current),
        ("open_files", getrlimit(Resource::Nofile).current),
        ("stack_bytes", getrlimit(Resource::Stack).current),
        ("vm.max_map_count", number("/proc/sys/vm/max_map_count")),
        ("kernel.threads-max", number("/proc/sys/kernel/threads-max")),
        ("kernel.pid_max", number("/proc/sys/kernel/pid_max")),
        ("kernel.io_uring_disabled", number("/proc/sys/kernel/io_uring_disabled")),
    ];
    limits.map(|(name, value)| (name.to_string(), value)).into()
}

fn word(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_string()).filter(|text| !text.is_empty())
}

fn number(path: &str) -> Option<u64> {
    word(path)?.parse().ok()
}

/// The commit of a checkout; or why it has none. A repository in which the checkout is a mere folder says nothing of it.
fn commit_of_checkout(root: &Path) -> Result<String, String> {
    let top = git(root, &["rev-parse", "--show-toplevel"])?;
    let is_own = fs::canonicalize(&top).is_ok_and(|top| fs::canonicalize(root).is_ok_and(|root| top == root));
    if is_own { commit(root) } else { Err(format!("the repository is that of {top}")) }
}

/// The commit that a folder is of, and whether it has been changed since.
fn commit(folder: &Path) -> Result<String, String> {
    git(folder, &["describe", "--always", "--dirty"])
}

/// The first line that git prints of the repository of a folder, whatever `GIT_DIR` and its like say of another one; or the
/// first line of its complaint.
fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    let named = env::vars_os().map(|(name, _)| name);
    for name in named.filter(|name| name.as_encoded_bytes().starts_with(b"GIT_")) {
        command.env_remove(name);
    }
    let output = command.args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("git: {error}"))?;
    let first =
        |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().trim().to_string();
    if output.status.success() { Ok(first(&output.stdout)) } else { Err(first(&output.stderr)) }
}

fn sha256_of(path: &Path) -> Option<String> {
    fs::read(path).ok().map(|bytes| results::sha256(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survey_knows_the_machine_and_leaves_out_what_it_cannot_know() {
        let environment = survey(Some(Path::new("/nowhere")), Machine::default(), vec![], BTreeMap::new());
        assert!(environment.cpus > 0 && environment.kernel.starts_with("Linux"));
        assert_eq!(environment.lock_file_sha256, None);
    }

    #[test]
    fn the_commit_is_that_of_the_checkout_and_not_of_a_repository_around_it() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("unpacked");
        fs::create_dir(&inner).unwrap();
        let set_up = |arguments: &[&str]| git(outer.path(), arguments).unwrap();
        set_up(&["init", "-q"]);
        set_up(&["-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "--allow-empty", "-m", "x"]);
        assert!(commit_of_checkout(outer.path()).is_ok_and(|commit| commit.len() >= 7));
        let reason = commit_of_checkout(&inner).unwrap_err();
        assert!(reason.starts_with("the repository is that of"), "{reason}");
        let nowhere = commit_of_checkout(Path::new("/proc")).unwrap_err();
        assert!(nowhere.contains("not a git repository"), "{nowhere}");
    }

    #[test]
    fn a_forbidden_instrument_says_why() {
        let forbidden = instruments(&[], &Counters::none());
        assert_eq!(forbidden["system calls"], "nothing is counted here");
        assert_eq!(forbidden["instructions by callgrind"], "nothing is counted here");
    }
}

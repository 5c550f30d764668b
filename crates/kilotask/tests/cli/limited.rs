//! Less than the machine has, by affinity or by the control group. With other CPUs than it began with a run is not resumed;
//! what there are too few processes or too little memory for says so.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use procfs::process::Process;

use crate::support::{Checkout, Said};

/// The CPUs that this test may use.
fn cpus() -> Vec<u32> {
    let ranges = Process::myself().unwrap().status().unwrap().cpus_allowed_list.unwrap();
    ranges.into_iter().flat_map(|(first, last)| first..=last).collect()
}

/// Runs the command in a checkout, by way of another one, which gets its words.
fn by_way_of(way: &[&str], checkout: &Checkout, words: &[&str]) -> Said {
    let inner = checkout.kilotask();
    let mut outer = std::process::Command::new(way[0]);
    outer.args(&way[1..]).arg(inner.get_program()).args(words).current_dir(checkout.path());
    let removed = inner.get_envs().filter(|(_, value)| value.is_none());
    for (name, _) in removed {
        outer.env_remove(name);
    }
    let output = outer.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// A control group, removed when this is dropped.
struct ControlGroup(PathBuf);

impl ControlGroup {
    /// One of a controller with these files: of the first version and of the second. None where this machine does not let us
    /// make it.
    fn new(controller: &str, first: &[(&str, &str)], second: &[(&str, &str)]) -> Option<Self> {
        // Tests are threads of one process.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("kilotask-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let root = Path::new("/sys/fs/cgroup");
        for (root, files) in [(root.join(controller), first), (root.into(), second)] {
            let group = Self(root.join(&name));
            let is_made = fs::create_dir(&group.0).is_ok()
                && files.iter().all(|(file, text)| write(&group.0.join(file), text).is_ok());
            if is_made {
                return Some(group);
            }
        }
        eprintln!("no control group can be made here");
        None
    }

    /// One with a quota of so many CPUs.
    fn with_quota(cpus: u32) -> Option<Self> {
        let quota = (cpus * 100_000).to_string();
        let first = [("cpu.cfs_period_us", "100000"), ("cpu.cfs_quota_us", &quota)];
        Self::new("cpu", &first, &[("cpu.max", &format!("{quota} 100000"))])
    }

    /// One for so many processes and threads.
    fn with_processes(most: u32) -> Option<Self> {
        let files = [("pids.max", &*most.to_string())];
        Self::new("pids", &files, &files)
    }

    /// One with so much memory, and none on a disk.
    fn with_memory(bytes: u64) -> Option<Self> {
        let bytes = bytes.to_string();
        let second = [("memory.max", &*bytes), ("memory.swap.max", "0")];
        Self::new("memory", &[("memory.limit_in_bytes", &bytes)], &second)
    }

    /// Runs the command in a checkout, in this group.
    fn run(&self, checkout: &Checkout, words: &[&str]) -> Said {
        let joining = self.joining();
        by_way_of(&joining.each_ref().map(String::as_str), checkout, words)
    }

    /// The words of a command that joins it and becomes what follows.
    fn joining(&self) -> [String; 4] {
        let script = format!("echo $$ > {}/cgroup.procs && exec \"$@\"", self.0.display());
        ["sh".into(), "-c".into(), script, "sh".into()]
    }
}

/// Writes into a file that is there.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    fs::OpenOptions::new().write(true).open(file)?.write_all(text.as_bytes())
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        // What was in it ends in its own time.
        for _ in 0..1000 {
            if fs::remove_dir(&self.0).is_ok() || !self.0.exists() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

#[test]
fn an_affinity_to_fewer_cpus_is_shown_and_a_run_is_not_resumed_on_others() {
    let [first, .., last] = cpus()[..] else {
        eprintln!("there is one CPU here");
        return;
    };
    let (first, last) = (first.to_string(), last.to_string());
    let on =
        |cpu: &str, checkout: &Checkout, words: &[&str]| by_way_of(&["taskset", "-c", cpu], checkout, words);
    let checkout = Checkout::with("honest", &["a"], 2);
    let doctor = on(&first, &checkout, &["doctor"]).out;
    assert!(doctor.contains("affinity") && doctor.contains(&format!("CPUs {first}: 1 of ")), "{doctor}");

    assert_eq!(on(&first, &checkout, &["run", "x.toml", "--out", "results"]).code, 0);
    let resume = ["run", "--out", "results", "--resume"];
    let said = on(&last, &checkout, &resume);
    let words = format!(
        "circumstances.affinity was \"{first}\" and is \"{last}\". Resume it where it began (taskset -c {first} kilotask"
    );
    assert!(said.code == 1 && said.err.contains(&words), "{}", said.err);
    assert_eq!(on(&first, &checkout, &resume).code, 0);
}

#[test]
fn a_quota_is_shown_and_a_run_is_not_resumed_with_another_one_or_with_none() {
    let Some(group) = ControlGroup::with_quota(50) else { return };
    let checkout = Checkout::with("honest", &["a"], 2);
    let doctor = group.run(&checkout, &["doctor"]).out;
    assert!(doctor.contains("CPU quota") && doctor.contains("50 CPUs by the control group"), "{doctor}");

    let out = |name: &'static str| ["run", "--out", name, "--resume"];
    assert_eq!(group.run(&checkout, &["run", "x.toml", "--out", "within"]).code, 0);
    checkout.refuse(&out("within"), "circumstances.cpu_quota was 50.0 and is none");
    checkout.succeed(&["run", "x.toml", "--out", "without"]);
    let said = group.run(&checkout, &out("without"));
    assert_eq!(said.code, 1);
    assert!(said.err.contains("circumstances.cpu_quota was none and is 50.0"), "{}", said.err);
    assert_eq!(group.run(&checkout, &out("within")).code, 0);
}

#[test]
fn a_group_with_room_for_too_few_processes_is_told_before_anything_is_begun() {
    let Some(group) = ControlGroup::with_processes(10) else { return };
    let checkout = Checkout::with("honest", &["a"], 2);
    let said = group.run(&checkout, &["run", "x.toml", "--out", "results"]);
    let expected = "pids.max of the control group leaves room for 9 processes and threads, and the lab needs 16; raise it";
    assert!(said.code == 1 && said.err.contains(expected), "{}", said.err);
    assert!(!checkout.path().join("results").exists());
}

#[test]
fn more_threads_than_the_group_has_room_for_are_unsupported_and_its_limit_is_named() {
    let Some(checkout) = Checkout::with_threads() else { return };
    let Some(group) = ControlGroup::with_processes(200) else { return };
    let said = group.run(&checkout, &["trial", "threads", "hold", "--tasks", "1000", "--json"]);
    assert_eq!((said.code, &said.json()["status"]), (0, &"unsupported".into()), "{}", said.out);
    let reason = said.json()["reason"].to_string();
    assert!(reason.contains("the room that pids.max of the control group leaves = 1"), "{reason}");
}

#[test]
fn the_memory_of_the_group_is_shown_and_a_runner_that_is_killed_for_want_of_it_has_the_reason_in_its_row() {
    const BYTES: u64 = 200 << 20;
    let Some(group) = ControlGroup::with_memory(BYTES) else { return };
    let checkout = Checkout::new();
    checkout.runner("greedy", "ready; all=$(tr '\\0' x < /dev/zero); honest");
    let doctor = group.run(&checkout, &["doctor"]).out;
    assert!(doctor.contains("200 MiB"), "{doctor}");
    let doctor = group.run(&checkout, &["doctor", "--json"]).json();
    assert_eq!(doctor["memory_limit_bytes"], BYTES, "{doctor}");

    let trial = ["trial", "greedy", "spawn", "--json"];
    let said = group.run(&checkout, &[&trial[..], &["--memory-limit", "10000"]].concat());
    assert_eq!((said.code, &said.json()["status"]), (2, &"crashed".into()), "{}", said.out);
    let reason = said.json()["reason"].to_string();
    for words in ["no memory left", &format!("the control group allows {BYTES} bytes")] {
        assert!(reason.contains(words), "{words:?} is missing: {reason}");
    }
    // By itself the lab leaves a quarter to itself and to the kernel.
    let said = group.run(&checkout, &trial);
    let reason = said.json()["reason"].to_string();
    assert!(said.code == 2 && reason.contains(&(BYTES / 4 * 3).to_string()), "{reason}");
}

//! Fewer CPUs than the machine has, by affinity or by a quota of the control group: it is shown, and a run is not resumed
//! with others than it began with.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

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
        let root = Path::new("/sys/fs/cgroup");
        for (root, files) in [(root.join(controller), first), (root.into(), second)] {
            let group = Self(root.join(format!("kilotask-test-{}", std::process::id())));
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
    let joining = group.joining();
    let joining: Vec<&str> = joining.iter().map(String::as_str).collect();
    let checkout = Checkout::with("honest", &["a"], 2);
    let doctor = by_way_of(&joining, &checkout, &["doctor"]).out;
    assert!(doctor.contains("CPU quota") && doctor.contains("50 CPUs by the control group"), "{doctor}");

    let out = |name: &'static str| ["run", "--out", name, "--resume"];
    assert_eq!(by_way_of(&joining, &checkout, &["run", "x.toml", "--out", "within"]).code, 0);
    checkout.refuse(&out("within"), "circumstances.cpu_quota was 50.0 and is none");
    checkout.succeed(&["run", "x.toml", "--out", "without"]);
    let said = by_way_of(&joining, &checkout, &out("without"));
    assert_eq!(said.code, 1);
    assert!(said.err.contains("circumstances.cpu_quota was none and is 50.0"), "{}", said.err);
    assert_eq!(by_way_of(&joining, &checkout, &out("within")).code, 0);
}

#[test]
fn a_group_with_room_for_too_few_processes_is_told_before_anything_is_begun() {
    let Some(group) = ControlGroup::with_processes(10) else { return };
    let joining = group.joining();
    let joining: Vec<&str> = joining.iter().map(String::as_str).collect();
    let checkout = Checkout::with("honest", &["a"], 2);
    let said = by_way_of(&joining, &checkout, &["run", "x.toml", "--out", "results"]);
    let expected = "pids.max of the control group leaves room for 9 processes and threads, and the lab needs 16; raise it";
    assert!(said.code == 1 && said.err.contains(expected), "{}", said.err);
    assert!(!checkout.path().join("results").exists());
}

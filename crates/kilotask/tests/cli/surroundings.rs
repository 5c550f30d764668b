//! Surroundings in which people work: folders with odd names, other locales, no home, tools of other versions. What a run
//! gives does not depend on them.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::full::{own_mounts, sh};
use crate::support::{Checkout, Said, program};

/// Runs the command in a checkout, in surroundings that `prepare` makes.
fn said(checkout: &Checkout, words: &[&str], prepare: impl FnOnce(&mut Command) -> &mut Command) -> Said {
    let mut command = checkout.kilotask();
    command.args(words);
    prepare(&mut command);
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// Asserts that a whole run goes well, from the first look to the report.
fn whole_run(checkout: &Checkout, prepare: impl Fn(&mut Command) -> &mut Command) {
    let run = ["run", "x.toml", "--out", "results", "--seed", "7"];
    let all = [&["list"][..], &["doctor"], &run, &["aggregate", "results"], &["report", "results"]];
    for words in all {
        let said = said(checkout, words, &prepare);
        assert_eq!(said.code, 0, "{words:?}: {}{}", said.out, said.err);
    }
    let trials = checkout.trials("results");
    let rows = checkout.read("results/trials.csv");
    assert!(trials.len() >= 6 && rows.matches(",ok,").count() >= trials.len(), "{rows}");
    assert!(checkout.read("results/REPORT.md").contains("report.html"));
}

/// A checkout with two honest runners.
fn small() -> Checkout {
    Checkout::with("honest", &["a", "b"], 3)
}

#[test]
fn a_checkout_and_a_temporary_folder_may_have_any_names() {
    let checkout = Checkout::called("it's a \"größe\" $HOME ");
    checkout.runner("a", "honest").runner("b", "honest").experiment(3);
    let temporary = checkout.path().join("a temporary \"folder\"");
    fs::create_dir(&temporary).unwrap();
    whole_run(&checkout, |command| command.env("TMPDIR", &temporary));
    if let Some(real) = Checkout::with_threads() {
        // It writes its spans into that folder, and reads a file there.
        for workload in ["sleep", "file-read"] {
            let trial = ["trial", "threads", workload, "--tasks", "10"];
            let said = said(&real, &trial, |command| command.env("TMPDIR", &temporary));
            assert_eq!(said.code, 0, "{workload}: {}{}", said.out, said.err);
        }
    }
}

#[test]
fn a_temporary_folder_that_is_named_from_where_one_stands_is_there_for_a_runner_that_stands_elsewhere() {
    let checkout = small();
    fs::create_dir(checkout.path().join("tmp")).unwrap();
    let says = r#"
        read -r job
        file=$(echo "$job" | sed 's/.*"spans_file":"\([^"]*\)".*/\1/')
        is=$([ -d "$(dirname "$file")" ] && echo here)
        echo "{\"event\":\"refused\",\"status\":\"unsupported\",\"reason\":\"$file is $is\"}""#;
    checkout.runner("says", says);
    let trial = ["trial", "says", "sleep", "--tasks", "10", "--json"];
    let row = said(&checkout, &trial, |command| command.env("TMPDIR", "tmp")).json();
    assert_eq!(row["status"], "unsupported", "{row}");
    assert!(row["reason"].as_str().unwrap().ends_with("spans is here"), "{row}");
}

#[test]
fn no_home_and_no_user_are_needed() {
    whole_run(&small(), |command| command.env_remove("HOME").env_remove("USER").env_remove("LOGNAME"));
}

#[test]
fn a_user_whose_number_has_no_name_can_run_everything() {
    let checkout = small();
    let way = ["unshare", "--user", "--map-user=54321"];
    if sh(&checkout, &way, "! id -un").status.code() != Some(0) {
        return eprintln!("no user without a name can be had here");
    }
    let script =
        "\"$KILOTASK\" doctor && \"$KILOTASK\" run x.toml --out results && \"$KILOTASK\" report results";
    let output = sh(&checkout, &way, script);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(checkout.read("results/trials.csv").contains(",ok,"));
}

#[test]
fn without_shared_memory_a_pool_of_processes_is_unavailable_in_python_s_own_words() {
    let checkout = Checkout::new();
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runners/python").canonicalize().unwrap();
    fs::create_dir(checkout.path().join("runners")).unwrap();
    symlink(real, checkout.path().join("runners/python")).unwrap();
    let Some(way) = own_mounts(&checkout).filter(|_| Command::new("python3").arg("-V").output().is_ok())
    else {
        return eprintln!(
            "there is no Python here, or no file system can be mounted: shared memory is there"
        );
    };
    // A folder of devices without `shm`, as in some containers.
    let script = "mkdir dev && mount -t tmpfs none dev && for one in null zero full urandom random tty; do
            touch dev/$one && mount --bind /dev/$one dev/$one || exit 90
        done
        mount --move dev /dev && [ ! -e /dev/shm ] || exit 91
        exec \"$KILOTASK\" trial python-multiprocessing spawn --tasks 10 --workers 1 --json";
    let output = sh(&checkout, way, script);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let row: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(row["status"], "unavailable", "{row}");
    assert!(row["reason"].as_str().unwrap().contains("/dev/shm"), "{row}");
}

#[test]
fn figures_are_written_in_the_same_way_in_every_locale() {
    let checkout = small();
    whole_run(&checkout, |command| command.env("LC_ALL", "de_DE.UTF-8"));
    let files =
        ["summary.csv", "ratios.csv", "trials.csv", "REPORT.md"].map(|name| format!("results/{name}"));
    let texts = |locale: &str| {
        let words = [&["aggregate", "results"][..], &["report", "results"]];
        let said = words.map(|words| {
            said(&checkout, words, |command| {
                command.env_remove("LC_ALL").env("LANG", locale).env("LC_NUMERIC", locale)
            })
            .out
        });
        (said, files.each_ref().map(|file| checkout.read(file)))
    };
    let english = texts("C");
    assert!(english.1[0].contains("makespan") && english.1[3].contains('.'), "{}", english.1[0]);
    // The Turkish i has no dot in capitals.
    for locale in ["de_DE.UTF-8", "tr_TR.UTF-8", "nonsense"] {
        assert_eq!(texts(locale), english, "{locale}");
    }
}

#[test]
fn a_checkout_that_cannot_be_written_is_measured_all_the_same() {
    let checkout = small();
    let Some(way) = own_mounts(&checkout) else {
        return eprintln!("no file system can be mounted here: no checkout is read-only");
    };
    let out = tempfile::tempdir().unwrap();
    let script = format!(
        "here=$PWD; mount --bind . . && mount -o remount,bind,ro . && cd / && cd \"$here\" || exit 90
         touch x 2> /dev/null && exit 91
         \"$KILOTASK\" run x.toml --out '{0}/results' && \"$KILOTASK\" report '{0}/results'",
        out.path().display()
    );
    let output = sh(&checkout, way, &script);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(out.path().join("results/REPORT.md").exists());
}

/// What git says of a folder.
fn git(folder: &Path, words: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=x", "-c", "user.email=x@x"]).args(words).current_dir(folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().into()
}

/// A checkout under version control; its commit has this message.
fn committed(message: &str) -> Checkout {
    let checkout = small();
    checkout.write("crates/.keep", "");
    git(checkout.path(), &["init", "-q"]);
    git(checkout.path(), &["add", "."]);
    git(checkout.path(), &["commit", "-q", "-m", message]);
    checkout
}

#[test]
fn the_commit_on_record_is_that_of_the_checkout_whatever_a_hook_of_git_has_set() {
    let (other, own, none) = (committed("other"), committed("own"), small());
    let folder = other.path().join(".git");
    let doctor = |checkout: &Checkout| {
        said(checkout, &["doctor", "--json"], |command| {
            command.env("GIT_DIR", &folder).env("GIT_WORK_TREE", other.path());
            command.env("GIT_INDEX_FILE", folder.join("index"))
        })
        .json()
    };
    let head = git(own.path(), &["rev-parse", "--short", "HEAD"]);
    assert_eq!(doctor(&own)["commit"], *head);
    let nothing = doctor(&none);
    assert_eq!(nothing["commit"], Value::Null);
    assert!(nothing["no_commit"].to_string().contains("not a git repository"), "{nothing}");
}

#[test]
fn a_worktree_is_a_checkout_with_a_commit_of_its_own() {
    let checkout = committed("first");
    let tree = checkout.path().join("tree");
    git(checkout.path(), &["worktree", "add", "-q", "tree"]);
    git(&tree, &["commit", "-q", "--allow-empty", "-m", "second"]);
    let doctor = said(&checkout, &["doctor", "--json"], |command| command.current_dir(&tree)).json();
    assert_eq!(doctor["commit"], *git(&tree, &["rev-parse", "--short", "HEAD"]));
    let run = ["run", "x.toml", "--out", "results"];
    let said = said(&checkout, &run, |command| command.current_dir(&tree));
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(tree.join("results/trials.csv").exists());
}

#[test]
fn the_toolchain_on_record_is_that_of_the_build_and_not_the_first_on_the_path() {
    let checkout = small();
    let shims = checkout.path().join("shims");
    program(&shims.join("rustc"), "echo 'rustc 0.0.1 (a stub)'");
    let path = format!("{}:{}", shims.display(), env::var("PATH").unwrap());
    let doctor = said(&checkout, &["doctor", "--json"], |command| command.env("PATH", path));
    let toolchain = doctor.json()["toolchain"].to_string();
    assert!(toolchain.contains("rustc 1."), "{toolchain}");
    assert!(!doctor.out.contains("0.0.1"), "{}", doctor.out);
}

/// A checkout with a runner that has the manifest of the real one in Java, and a class that describes itself; `None` where
/// there is no JDK.
fn java() -> Option<Checkout> {
    const MAIN: &str = r#"class Main {
        public static void main(String[] words) {
            System.out.println(words[0].equals("probe") ? "{\"available\":true}" : "{\"protocol\":2,\"runtimes\":[" +
                "{\"name\":\"java-threads\",\"version\":\"1\",\"language\":\"java\",\"model\":\"x\",\"workloads\":[\"spawn\"]}]}");
        }
    }"#;
    let checkout = Checkout::new();
    checkout.write("runners/java/runner.toml", include_str!("../../../../runners/java/runner.toml"));
    checkout.write("runners/java/Main.java", MAIN);
    let folder = checkout.path().join("runners/java");
    let javac = Command::new("javac").args(["-d", "build", "Main.java"]).current_dir(folder).status();
    if !javac.is_ok_and(|status| status.success()) {
        eprintln!("there is no JDK here: its last words are not tested");
        return None;
    }
    Some(checkout)
}

/// The status of a runtime and its reason, as a script lists it that ends in `"$KILOTASK" list --json`.
fn listed(checkout: &Checkout, before: &str) -> (String, String) {
    let output = sh(checkout, &[], &format!("{before} exec \"$KILOTASK\" list --json"));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |name: &str| list[0][name].as_str().unwrap_or_default().to_string();
    (text("status"), text("reason"))
}

#[test]
fn a_java_that_cannot_run_here_is_unavailable_with_its_own_words() {
    let Some(checkout) = java() else { return };
    // The JVM on the PATH needs no JAVA_HOME, and options that somebody has set for another program are not for it.
    for before in ["", "export JAVA_HOME=/nowhere JAVA_TOOL_OPTIONS=-nonsense;"] {
        assert_eq!(listed(&checkout, before), ("ok".into(), String::new()));
    }

    let (status, reason) = listed(&checkout, "ulimit -v 2000000;");
    assert_eq!(status, "unavailable", "{reason}");
    assert!(reason.contains("Could not "), "{reason}");

    // The version of the format stands behind the four bytes by which a class is known, and its minor version.
    let class = checkout.path().join("runners/java/build/Main.class");
    let mut bytes = fs::read(&class).unwrap();
    bytes[6..8].copy_from_slice(&[0, 255]);
    fs::write(&class, bytes).unwrap();
    let (status, reason) = listed(&checkout, "");
    assert_eq!(status, "unavailable", "{reason}");
    assert!(reason.contains("UnsupportedClassVersionError"), "{reason}");
}

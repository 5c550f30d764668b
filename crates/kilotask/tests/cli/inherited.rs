//! What a command inherits from who starts it, and hands on to its runners: ignored signals, the locale, the version of
//! an interpreter, the checkout to work in.

use std::fs;
use std::process::{Child, Command, Stdio};

use assert_cmd::cargo::cargo_bin;

use crate::support::{Checkout, program};

/// A run of twelve trials, long enough to be sent a signal in its midst.
fn long_run() -> Checkout {
    Checkout::with("sleep 0.05; honest", &["a"], 12)
}

/// Starts a script of the shell in a checkout, with `$KILOTASK`.
fn start(checkout: &Checkout, script: &str) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(checkout.path()).env_remove("KILOTASK_ROOT");
    let said = fs::File::create(checkout.path().join("said")).unwrap();
    command.env("KILOTASK", cargo_bin("kilotask")).stdout(Stdio::null()).stderr(said).spawn().unwrap()
}

/// Sends a signal to the process whose number a file has, in the midst of its run; the run must end as if there had been
/// none.
fn outlives(signal: &str, script: &str) {
    let checkout = long_run();
    let mut shell = start(&checkout, script);
    checkout.wait_for_trials("results", 2);
    let pid = checkout.read("pid");
    assert!(Command::new("kill").args([signal, pid.trim()]).status().unwrap().success());
    assert_eq!(shell.wait().unwrap().code(), Some(0), "{script}: {}", checkout.read("said"));
    assert!(checkout.trials("results").len() >= 12, "{script}");
}

#[test]
fn nohup_protects_a_run_from_a_closed_terminal_and_an_ampersand_in_a_script_from_ctrl_c() {
    let run = "\"$KILOTASK\" run x.toml --out results";
    outlives("-HUP", &format!("echo $$ > pid; exec nohup {run}"));
    // A shell that is not interactive starts such a command with SIGINT ignored.
    outlives("-INT", &format!("{run} & echo $! > new; mv new pid; wait $!"));
}

#[test]
fn a_closed_terminal_ends_a_run_that_nothing_protects() {
    let checkout = long_run();
    let mut run = start(&checkout, "exec \"$KILOTASK\" run x.toml --out results");
    checkout.wait_for_trials("results", 2);
    assert!(Command::new("kill").args(["-HUP", &run.id().to_string()]).status().unwrap().success());
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert!(checkout.trials("results").len() < 12, "it went on to its end");
}

/// The version that a runner gives of its runtime, in this environment: what a script writes.
fn version(script: &str, environment: &[(&str, &str)]) -> String {
    let checkout = Checkout::new();
    checkout.runner("x", "honest");
    checkout.edit("runners/x/main.sh", |text| {
        text.replace("\"version\":\"1\"", "\"version\":\"'\"$VERSION\"'\"")
    });
    checkout.edit("runners/x/main.sh", |text| format!("VERSION={script}\n{text}"));
    let mut command = checkout.kilotask();
    for name in ["LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "PYENV_VERSION"] {
        command.env_remove(name);
    }
    let output = command.args(["list", "--json"]).envs(environment.iter().copied()).output().unwrap();
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    list[0]["version"].as_str().unwrap().into()
}

#[test]
fn the_locale_and_the_version_that_pyenv_s_user_chose_are_handed_on_and_nothing_else_of_their_kind() {
    let script = r#""$LANG $LC_ALL $LC_CTYPE $PYENV_VERSION ${LC_MESSAGES-none} ${PYTHONPATH-none}""#;
    let environment = [
        ("LANG", "C"),
        ("LC_ALL", "C.UTF-8"),
        ("LC_CTYPE", "de_DE.UTF-8"),
        ("PYENV_VERSION", "3.13.0"),
        ("LC_MESSAGES", "de"),
        ("PYTHONPATH", "/nowhere"),
    ];
    assert_eq!(version(script, &environment), "C C.UTF-8 de_DE.UTF-8 3.13.0 none none");
    // Where nothing says that texts are in UTF-8, this does.
    let script = r#""${LANG-none} ${LC_ALL-none} ${LC_CTYPE-none}""#;
    assert_eq!(version(script, &[]), "none none C.UTF-8");
    assert_eq!(version(script, &[("LANG", "C")]), "C none C.UTF-8");
    assert_eq!(version(script, &[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]), "de_DE.UTF-8 none C.UTF-8");
    assert_eq!(version(script, &[("LANG", "de_DE.UTF-8")]), "de_DE.UTF-8 none none");
}

/// Without a locale in UTF-8 Java finds no class in such a folder; cron, ssh and containers give it none.
#[test]
fn java_works_beside_names_that_are_not_ascii_whatever_the_locale() {
    let java = |arguments: &[&str]| Command::new("java").args(arguments).output();
    // A JRE without the compiler runs classes alone.
    if !java(&["--describe-module", "jdk.compiler"]).is_ok_and(|output| output.status.success()) {
        eprintln!("there is no JDK here");
        return;
    }
    let checkout = Checkout::new();
    let description = r#"{\"protocol\":2,\"runtimes\":[{\"name\":\"j\",\"version\":\"1\",\"language\":\"java\",\"model\":\"x\",\"workloads\":[\"spawn\"]}]}"#;
    let class = format!(
        "class Main {{ public static void main(String[] words) {{ System.out.println(words[0].equals(\"probe\") ? \
         \"{{\\\"available\\\":true}}\" : \"{description}\"); }} }}"
    );
    checkout.write("größe/Main.java", &class);
    checkout.write("größe/runner.toml", "command = [\"java\", \"Main.java\"]");
    for set in [Some(("LC_ALL", "C.UTF-8")), Some(("LANG", "C")), Some(("LC_ALL", "POSIX")), None] {
        let mut command = checkout.kilotask();
        command.args(["list", "--json", "--runner", "größe"]);
        command.env_remove("LANG").env_remove("LC_ALL").env_remove("LC_CTYPE").envs(set);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let list: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!((&list[0]["name"], &list[0]["status"]), (&"j".into(), &"ok".into()), "{set:?}: {said}");
    }
}

/// What shims say where no version is chosen, or one that is not here: asdf's, pyenv's, and that of an older pyenv,
/// of rbenv and of nodenv.
const SHIMS: [(&str, i32, &str); 3] = [
    (
        "No version is set for command python3\nConsider adding one of the following versions in your config file at \
         /x/.tool-versions\npython 3.13.0",
        126,
        "No version is set for command python3",
    ),
    (
        "pyenv: python3: command not found\n\nThe `python3' command exists in these Python versions:\n  3.13.0",
        127,
        "pyenv: python3: command not found",
    ),
    (
        "pyenv: version `3.99' is not installed (set by PYENV_VERSION environment variable)\nand more",
        1,
        "pyenv: version `3.99' is not installed (set by PYENV_VERSION environment variable)",
    ),
];

#[test]
fn a_shim_without_a_version_is_unavailable_with_the_line_that_tells_and_fails_nothing() {
    for (says, code, tells) in SHIMS {
        let checkout = Checkout::with("honest", &["here"], 2);
        checkout.write("runners/shimmed/main.py", "");
        let manifest =
            "command = [\"python3\", \"main.py\"]\nrequires = [\"python3\"]\nruntimes = [\"shimmed\"]";
        checkout.write("runners/shimmed/runner.toml", manifest);
        checkout.write("shims/says", says);
        let shims = checkout.path().join("shims");
        program(&shims.join("python3"), &format!("cat '{}/says' >&2; exit {code}", shims.display()));
        let path = format!("{}:{}", shims.display(), std::env::var("PATH").unwrap());
        let said = |words: &[&str]| {
            let output = checkout.kilotask().args(words).env("PATH", &path).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(output.status.code(), Some(0), "{words:?}: {said}");
            said
        };
        let row = |said: &str| {
            let rows: serde_json::Value = serde_json::from_str(said).unwrap();
            let rows = rows.as_array().or_else(|| rows["runtimes"].as_array()).unwrap().clone();
            rows.into_iter().find(|row| row["name"] == "shimmed").unwrap()
        };
        for words in [&["list", "--json"], &["doctor", "--json"]] {
            let row = row(&said(words));
            assert_eq!((&row["status"], &row["reason"]), (&"unavailable".into(), &tells.into()), "{words:?}");
        }
        said(&["run", "x.toml", "--out", "results"]);
        let rows = checkout.read("results/trials.csv");
        assert!(rows.contains("unavailable") && rows.contains(tells), "{rows}");
        assert!(said(&["verify", "shimmed"]).contains(&format!("is unavailable here: {tells}")));
    }
}

/// pyenv's takes 55 ms, which would count as the interpreter's start-up.
#[test]
fn a_shim_runs_once_for_a_runner_that_says_what_it_stands_for() {
    for (said, words) in [
        ("/bin/sh", ""),
        ("sh", "program: \"sh\" is no whole path of an executable"),
        ("/", "program: \"/\" is no whole path of an executable"),
        ("/nowhere/sh", "program: \"/nowhere/sh\" is no whole path of an executable"),
    ] {
        let checkout = Checkout::with("honest", &["a"], 2);
        checkout.write("runners/a/runner.toml", "command = [\"shim\", \"main.sh\"]\nruntimes = [\"a\"]");
        checkout.edit("runners/a/main.sh", |text| {
            text.replace(
                "{\"protocol\":2,\"runtimes\"",
                &format!("{{\"protocol\":2,\"program\":\"{said}\",\"runtimes\""),
            )
        });
        let shims = checkout.path().join("shims");
        program(&shims.join("shim"), &format!("echo x >> '{}/calls'; exec sh \"$@\"", shims.display()));
        let path = format!("{}:{}", shims.display(), std::env::var("PATH").unwrap());
        let mut command = checkout.kilotask();
        command.args(["run", "x.toml", "--out", "results"]).env("PATH", path);
        assert_eq!(command.output().unwrap().status.code(), Some(if words.is_empty() { 0 } else { 2 }));
        assert_eq!(checkout.read("shims/calls").lines().count(), 1, "{said}");
        let rows = checkout.read("results/trials.csv");
        assert!(
            rows.contains(&words.replace('"', "\"\"")) && rows.contains("ok,") == words.is_empty(),
            "{rows}"
        );
    }
}

#[test]
fn a_checkout_that_is_named_from_where_one_stands_finds_its_programs_and_what_is_none_is_refused() {
    let checkout = Checkout::with("honest", &["foreign"], 2);
    let script = checkout.read("runners/foreign/main.sh").replace("foreign", "rust");
    program(&checkout.path().join("target/release/runtime-rust"), &script);
    let manifest =
        "[package]\nname = \"runtime-rust\"\n[package.metadata.kilotask]\nrunner = \"runtime-rust\"\n";
    checkout.write("crates/runtime-rust/Cargo.toml", manifest);
    fs::create_dir_all(checkout.path().join("elsewhere/below")).unwrap();
    let name = checkout.path().file_name().unwrap().to_str().unwrap();
    for (from, root) in [(".", "."), ("elsewhere/below", "../.."), ("..", name), ("crates", "")] {
        let mut command = checkout.kilotask();
        command.current_dir(checkout.path().join(from)).env("KILOTASK_ROOT", root);
        let output = command.args(["list", "--json"]).output().unwrap();
        let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let states: Vec<(&str, &str)> = (list.as_array().unwrap().iter())
            .map(|row| (row["name"].as_str().unwrap(), row["status"].as_str().unwrap()))
            .collect();
        assert_eq!(states, [("foreign", "ok"), ("rust", "ok")], "{root:?} from {from}: {list}");
    }
    for root in ["/etc", "/nowhere", "runners"] {
        for words in [&["list"][..], &["doctor"], &["verify"], &["run", "x.toml", "--out", "results"]] {
            let output = checkout.kilotask().env("KILOTASK_ROOT", root).args(words).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(
                (output.status.code(), &*output.stdout),
                (Some(1), &b""[..]),
                "{root} {words:?}: {said}"
            );
            assert!(said.contains("KILOTASK_ROOT names") && said.contains("no kilotask checkout"), "{said}");
        }
    }
}

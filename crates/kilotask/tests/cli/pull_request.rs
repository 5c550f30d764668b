//! The example of a workflow for a code forge: its commands, run as they stand there.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

use crate::support::Checkout;

const EXAMPLE: &str = include_str!("../../../../docs/examples/pull-request.yml");

/// The script of a step.
fn script(step: &str) -> String {
    const INDENT: &str = "          ";
    let (_, after) =
        EXAMPLE.split_once(&format!("- name: {step}\n        run: |\n")).expect("the example has it");
    after.lines().map_while(|line| line.strip_prefix(INDENT)).flat_map(|line| [line, "\n"]).collect()
}

/// Runs a step as a forge does, in a folder that is no checkout of the lab.
fn run(step: &str, folder: &Path) -> Output {
    let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-ec", &script(step)]).current_dir(folder).env("PATH", path);
    shell.env_remove("KILOTASK_ROOT").env_remove("KILOTASK_RUNNERS").output().unwrap()
}

/// What a runner does whose rounds take MS milliseconds, up to a tenth more by the seed.
const RUNS: &str = r#"
ready; n=$(number tasks) left=$(number rounds) each=$(( MS000000 + MS000 * ($(number seed) % 100) )) rounds=
sleep 0.0$((MS * left * 12))
round="{\"makespan_ns\":$each,\"completed\":$n,\"checksum\":\"$(checksum "$n")\"}"
while [ $left -gt 0 ]; do rounds="$rounds${rounds:+,}$round"; left=$((left - 1)); done
echo "{\"event\":\"done\",\"rounds\":[$rounds]}"; end
"#;

/// A workspace of a forge: a runner before and after, with rounds of so many milliseconds.
fn workspace(before: u32, after: u32) -> TempDir {
    let (folder, made) = (tempfile::tempdir().unwrap(), Checkout::new());
    for (side, milliseconds) in [("before", before), ("after", after)] {
        made.runner("mine", &RUNS.replace("MS", &milliseconds.to_string()));
        made.edit("runners/mine/main.sh", |text| text.replace(",\"sleep\"", ""));
        fs::create_dir(folder.path().join(side)).unwrap();
        fs::rename(made.path().join("runners/mine"), folder.path().join(side).join("runner")).unwrap();
    }
    fs::create_dir(folder.path().join("bin")).unwrap();
    symlink(cargo_bin("kilotask"), folder.path().join("bin/kilotask")).unwrap();
    folder
}

#[test]
fn a_pull_request_passes_unless_it_is_slower() {
    for (after, status) in [(2, 0), (4, 2)] {
        let workspace = workspace(2, after);
        let measured = run("Measure both in turns", workspace.path());
        assert!(measured.status.success(), "{}", String::from_utf8_lossy(&measured.stderr));
        let compared = run("Compare", workspace.path());
        let said = String::from_utf8_lossy(&compared.stdout);
        assert_eq!(
            compared.status.code(),
            Some(status),
            "{said}{}",
            String::from_utf8_lossy(&compared.stderr)
        );
        let environment = fs::read_to_string(workspace.path().join("runs/after-3/environment.json")).unwrap();
        assert!(environment.contains("there is no checkout"), "{environment}");
    }
}

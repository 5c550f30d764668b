use std::path::Path;

use protocol::Status;

use super::{Runtime, discover};
use crate::fixture::{DESCRIBE, checkout, write_runner};

fn unavailable(runtime: &Runtime) -> (Status, String) {
    let fault = runtime.probe().unwrap_err();
    (fault.status(), fault.to_string())
}

#[test]
fn a_folder_with_a_manifest_is_enough() {
    let root = checkout(&[]);
    write_runner(root.path(), "x", DESCRIBE);
    let runtimes = discover(root.path()).unwrap();
    assert_eq!(runtimes.len(), 1);
    assert_eq!(runtimes[0].info.name, "x");
    assert!(runtimes[0].broken.is_none());
    assert_eq!(runtimes[0].runner.place, Path::new("runners/x"));
    assert_eq!(runtimes[0].runner.external_path(), None);
    assert!(runtimes[0].runner.sha256().is_some(), "a runner of the checkout has a hash too");
}

#[test]
fn a_missing_interpreter_leaves_the_names_with_the_reason() {
    let manifest = "command = [\"no-such-program\"]\nruntimes = [\"a\", \"b\"]";
    let root = checkout(&[("runners/x/runner.toml", manifest)]);
    let runtimes = discover(root.path()).unwrap();
    assert_eq!(runtimes.iter().map(|r| r.info.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let (status, reason) = unavailable(&runtimes[0]);
    assert_eq!(status, Status::Unavailable);
    assert!(reason.contains("no-such-program is not on the PATH"), "{reason}");
}

#[test]
fn a_runner_that_cannot_be_asked_is_listed_with_the_reason_and_the_way_to_get_what_is_missing() {
    for (manifest, expected, words) in [
        (
            "command = [\"./x\"]\nrequires = [\"no-such-program\"]\ninstall = \"apt install it\"",
            Status::Unavailable,
            "no-such-program is not on the PATH; apt install it",
        ),
        (
            "command = [\"sh\", \"-c\", \"echo 1; echo such is TooOldError >&2; echo at x >&2; exit 1\"]\n\
             cannot_run = [\"TooOldError\"]",
            Status::ProtocolError,
            "describe gave no answer",
        ),
        (
            "command = [\"sh\", \"-c\", \"echo such is TooOldError >&2; echo at x >&2; exit 1\"]\n\
             cannot_run = [\"TooOldError\"]",
            Status::Unavailable,
            "such is TooOldError",
        ),
        (
            "command = [\"sh\", \"out/x\"]\nrequires = [\"out/x\"]\nbuild = [\"make\", \"-s\"]",
            Status::Unavailable,
            "not built; run make build, or make -s in /runners/x",
        ),
        ("command = [\"echo\", \"hello\"]", Status::ProtocolError, "hello"),
    ] {
        let root = checkout(&[("runners/x/runner.toml", manifest)]);
        let (status, reason) = unavailable(&discover(root.path()).unwrap()[0]);
        let reason = reason.replace(&root.path().display().to_string(), "");
        assert_eq!(status, expected);
        assert!(reason == words || status == Status::ProtocolError && reason.contains(words), "{reason}");
    }
}

#[test]
fn one_name_twice_is_an_error_that_names_both_folders() {
    let root = checkout(&[]);
    write_runner(root.path(), "a", DESCRIBE);
    write_runner(root.path(), "b", DESCRIBE);
    let error = discover(root.path()).unwrap_err().to_string();
    assert!(error.contains("runners/a") && error.contains("runners/b"), "{error}");
}

#[test]
fn an_unknown_key_in_a_manifest_is_an_error() {
    let root = checkout(&[("runners/x/runner.toml", "comand = [\"sh\"]")]);
    assert!(discover(root.path()).unwrap_err().to_string().contains("comand"));
}

#[test]
fn a_runner_that_is_killed_while_it_is_asked_is_asked_once_more() {
    let dies = |times: u32, words: &str| {
        let dying =
            format!("echo >> asked; [ $(wc -l < asked) -le {times} ] && {words} kill -9 $$\n{DESCRIBE}");
        let root = checkout(&[]);
        write_runner(root.path(), "x", &dying);
        let broken = discover(root.path()).unwrap().into_iter().find_map(|runtime| runtime.broken);
        let asked = std::fs::read_to_string(root.path().join("runners/x/asked")).unwrap();
        (broken.map(|fault| fault.status()), asked.lines().count())
    };
    assert_eq!(dies(1, ""), (None, 2));
    assert_eq!(dies(1, "echo '# A fatal error' &&"), (None, 2), "what it says as it dies is no answer");
    assert_eq!(dies(2, ""), (Some(Status::ProtocolError), 2), "one that always ends is no use");
}

#[test]
fn an_answer_of_a_runner_that_then_ends_badly_is_none() {
    let root = checkout(&[]);
    write_runner(root.path(), "x", &format!("echo >> asked\n{DESCRIBE}\necho such is life >&2\nexit 1"));
    let fault = discover(root.path()).unwrap().into_iter().find_map(|runtime| runtime.broken).unwrap();
    assert_eq!(fault.status(), Status::ProtocolError);
    let said = fault.to_string();
    assert!(said.contains("exit status: 1 after it: such is life"), "{said}");
    let asked = std::fs::read_to_string(root.path().join("runners/x/asked")).unwrap();
    assert_eq!(asked.lines().count(), 2, "it may have been killed by chance");
}

#[test]
fn names_that_a_manifest_lists_are_those_of_files() {
    for (names, words) in [
        (r#"["a\nb"]"#.to_string(), "\"a b\" is no name of a runtime"),
        (r#"["../x"]"#.into(), "\"../x\" is no name of a runtime"),
        (format!("{:?}", vec!["a"; 201]), "more than 200 names of a runtime"),
    ] {
        let manifest = format!("command = [\"sh\"]\nruntimes = {names}");
        let root = checkout(&[("runners/x/runner.toml", &manifest)]);
        let said = discover(root.path()).unwrap_err().to_string();
        assert!(said.contains("runners/x/runner.toml: ") && said.contains(words), "{said}");
    }
}

/// Each is asked whether it starts: with 14,000 that took a minute.
#[test]
fn a_description_of_more_runtimes_than_anybody_has_is_refused() {
    let runtime = |number| {
        let name = format!("\"x{number}\"");
        let (_, entry) = DESCRIBE.split_once('[').unwrap();
        entry.rsplit_once(']').unwrap().0.replace("\"x\"", &name)
    };
    for (count, is_refused) in [(200, false), (201, true)] {
        let list: Vec<String> = (0..count).map(runtime).collect();
        let root = checkout(&[("runners/x/list", &list.join(","))]);
        let describe = r#"printf '{"protocol":2,"runtimes":[%s]}\n' "$(cat list)""#;
        write_runner(root.path(), "x", describe);
        let manifest = "command = [\"sh\", \"main.sh\"]\nruntimes = [\"x\"]";
        std::fs::write(root.path().join("runners/x/runner.toml"), manifest).unwrap();
        let runtimes = discover(root.path()).unwrap();
        let said = runtimes[0].broken.as_ref().map(ToString::to_string);
        assert_eq!(runtimes.len(), if is_refused { 1 } else { count }, "{said:?}");
        assert_eq!(said.is_some_and(|said| said.contains("201 runtimes: at most 200")), is_refused);
    }
}

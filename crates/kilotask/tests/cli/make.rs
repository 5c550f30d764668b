//! The checkout's own Makefile, in a checkout with one small program: what it says is up to date is what cargo built.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const PROGRAM: &str = "target/release/runtime-x";

/// A checkout with a program that says what it was built from.
struct Small {
    folder: TempDir,
}

impl Small {
    fn new() -> Self {
        let small = Self { folder: tempfile::tempdir().unwrap() };
        let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        for name in ["Makefile", ".ci"] {
            symlink(real.join(name), small.path(name)).unwrap();
        }
        small.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/runtime-x\"]\n[workspace.metadata.kilotask]\n");
        small.write("Cargo.lock", "version = 4\n[[package]]\nname = \"runtime-x\"\nversion = \"0.1.0\"\n");
        small.write(
            "crates/runtime-x/Cargo.toml",
            "[package]\nname = \"runtime-x\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             [lints.rust]\nunexpected_cfgs = \"allow\"\n",
        );
        small.program("one");
        small
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The program says this word, and whether it was built with a flag.
    fn program(&self, word: &str) {
        let main = format!(
            "fn main() {{ print!(\"{word}{{}}\", if cfg!(flagged) {{ \" flagged\" }} else {{ \"\" }}); }}\n"
        );
        self.write("crates/runtime-x/src/main.rs", &main);
    }

    /// Makes a target; whether that went well, and what was said.
    fn make(&self, target: &str, environment: &[(&str, &str)]) -> (bool, String) {
        let mut command = Command::new("make");
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "RUSTFLAGS", "MAKEFLAGS", "MAKELEVEL"] {
            command.env_remove(name);
        }
        command.args([target]).envs(environment.iter().copied()).current_dir(self.folder.path());
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    }

    /// What the program says once it is made, in this environment.
    fn made(&self, environment: &[(&str, &str)]) -> String {
        let (good, said) = self.make(PROGRAM, environment);
        assert!(good, "{said}");
        let output = Command::new(self.path(PROGRAM)).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// The machine's own target triple.
fn triple() -> String {
    let said = Command::new("rustc").arg("-vV").output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_string()
}

#[test]
fn a_program_is_the_new_one_wherever_cargo_puts_it() {
    let small = Small::new();
    let triple = triple();
    assert_eq!(small.made(&[]), "one");
    small.program("two");
    assert_eq!(small.made(&[("CARGO_BUILD_TARGET", &triple)]), "two");
    assert_eq!(small.made(&[]), "two");
    small.program("three");
    small.write(".cargo/config.toml", &format!("[build]\ntarget = \"{triple}\"\n"));
    assert_eq!(small.made(&[]), "three");
    // Even where there is no program yet.
    fs::remove_dir_all(small.path("target")).unwrap();
    assert_eq!(small.made(&[]), "three");
}

#[test]
fn another_target_folder_is_found_in_the_configuration_and_in_the_environment() {
    let small = Small::new();
    small.write(".cargo/config.toml", "[build]\ntarget-dir = \"elsewhere\"\n");
    let (good, said) = small.make("elsewhere/release/runtime-x", &[]);
    assert!(good && small.path("elsewhere/release/runtime-x").is_file(), "{said}");
    let (good, said) = small.make("third/release/runtime-x", &[("CARGO_TARGET_DIR", "third")]);
    assert!(good && small.path("third/release/runtime-x").is_file(), "{said}");
    assert!(!small.path("target").exists(), "nothing is built where nobody asked for it");
}

#[test]
fn other_flags_and_another_configuration_build_again_and_the_same_ones_do_not() {
    let small = Small::new();
    let up_to_date = |environment: &[(&str, &str)]| small.make(PROGRAM, environment).1.contains("up to date");
    assert_eq!(small.made(&[]), "one");
    assert!(up_to_date(&[]));
    let flagged = [("RUSTFLAGS", "--cfg flagged")];
    assert_eq!(small.made(&flagged), "one flagged");
    assert!(up_to_date(&flagged));
    assert_eq!(small.made(&[]), "one");
    small.write(".cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"flagged\"]\n");
    assert_eq!(small.made(&[]), "one flagged");
    fs::remove_dir_all(small.path(".cargo")).unwrap();
    assert_eq!(small.made(&[]), "one");
}

#[test]
fn a_program_that_cargo_does_not_build_is_a_failure_and_no_file() {
    let small = Small::new();
    fs::rename(small.path("crates/runtime-x/src/main.rs"), small.path("crates/runtime-x/src/lib.rs"))
        .unwrap();
    let (good, said) = small.make(PROGRAM, &[]);
    assert!(!good && said.contains("no program runtime-x"), "{said}");
    assert!(!small.path(PROGRAM).exists(), "nothing is made up");
    small.program("broken\" +");
    let (good, said) = small.make(PROGRAM, &[]);
    assert!(!good && said.contains("error"), "{said}");
}

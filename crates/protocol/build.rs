//! Notes how this crate is compiled, and with it the program that it becomes a part of.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let facts = [
        ("COMPILER", compiler()),
        // Cargo puts a character between them that no flag contains.
        ("FLAGS", variable("CARGO_ENCODED_RUSTFLAGS").replace('\u{1f}', " ")),
        ("WRAPPER", variable("RUSTC_WRAPPER")),
        ("PROFILE", profile(&variable("OUT_DIR"))),
        ("OPT_LEVEL", variable("OPT_LEVEL")),
        ("OVERRIDES", overrides()),
        ("TARGET", variable("TARGET")),
    ];
    for (name, value) in facts {
        println!("cargo::rustc-env=BUILT_{name}={}", value.replace(['\n', '\r'], " "));
    }
}

/// `rustc 1.95.0 (… 2026-04-14)`
fn compiler() -> String {
    let compiler = env::var_os("RUSTC").expect("cargo names the compiler");
    let said = Command::new(compiler).arg("--version").output().expect("the compiler runs");
    String::from_utf8_lossy(&said.stdout).trim().into()
}

/// The folder of the profile: cargo itself names only what a profile inherits from. It is `…/PROFILE/build/CRATE/out`.
fn profile(out: &str) -> String {
    let folder = Path::new(out).ancestors().nth(3).and_then(Path::file_name);
    folder.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Settings of profiles that come from the environment: `CARGO_PROFILE_RELEASE_LTO=fat`.
fn overrides() -> String {
    let mut found: Vec<String> = env::vars_os()
        .filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PROFILE_"))
        .map(|(name, value)| format!("{}={}", name.to_string_lossy(), value.to_string_lossy()))
        .collect();
    found.sort();
    found.join(" ")
}

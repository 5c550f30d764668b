//! Asks the compiler for its version, which is that of the standard library.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let compiler = env::var_os("RUSTC").expect("cargo names the compiler");
    let said = Command::new(compiler).arg("--version").output().expect("the compiler runs");
    let said = String::from_utf8(said.stdout).expect("the compiler writes UTF-8");
    // `rustc 1.95.0 (… 2026-04-14)`
    let version = said.split_whitespace().nth(1).expect("the version is the second word");
    println!("cargo::rustc-env=RUSTC_VERSION={version}");
}

//! `kilotask new`: writes a runtime that works, for its author to change.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::arguments::one_of;
use crate::exit::ExitStatus;
use crate::lab::{Lab, Wanted, say};
use crate::template::{Language, lockfile, name};

/// The version that the template of a Rust runtime has.
const VERSION: &str = "0.1.0";

/// Create a new runtime that works unchanged, for you to change
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask new foo                      # crates/runtime-foo\n  \
kilotask new foo --language python    # runners/foo\n\n\
The new folder has one workload, sleep, with placeholder code; its comments say what to replace. It builds, \
passes kilotask verify and takes part in make all at once. CONTRIBUTING.md has the next steps.")]
pub struct Arguments {
    /// Name of the runtime, its folder, its program and its rows
    #[arg(allow_hyphen_values = true)]
    name: String,

    /// Programming language
    #[arg(long, default_value = "rust", value_parser = language, value_name = "rust|python|go|c")]
    language: Language,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let Arguments { name, language } = arguments;
    name::check(name).map_err(anyhow::Error::msg)?;
    let root = Lab::root()?;
    check_free(&root, &Lab::open(&Wanted::default())?, name)?;
    let folder = language.folder(name);
    for (path, text) in language.files(name) {
        write(&root, &folder.join(path), &text)?;
    }
    if *language == Language::Rust {
        lock(&root, name)?;
    }
    say(&next(*language, name))?;
    Ok(ExitStatus::Good)
}

fn check_free(root: &Path, lab: &Lab, name: &str) -> Result<()> {
    for folder in [Language::Rust, Language::C].map(|language| language.folder(name)) {
        if root.join(&folder).exists() {
            bail!("{} exists already; choose another name, or remove that folder", folder.display());
        }
    }
    if let Some(runtime) = lab.runtimes.iter().find(|runtime| runtime.info.name == name) {
        let place = runtime.runner.place.display();
        bail!("a runtime called {name:?} exists already, in {place}; choose another name");
    }
    Ok(())
}

fn write(root: &Path, path: &Path, text: &str) -> Result<()> {
    let whole = root.join(path);
    let folder = whole.parent().expect("a file stands in a folder");
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    fs::write(&whole, text).with_context(|| format!("writing {}", whole.display()))?;
    say(&path.display().to_string())
}

/// Enters a new crate into Cargo.lock, where there is one.
fn lock(root: &Path, name: &str) -> Result<()> {
    let path = Path::new("Cargo.lock");
    match fs::read_to_string(root.join(path)) {
        Ok(text) => write(root, path, &lockfile::with_member(&text, &format!("runtime-{name}"), VERSION)),
        Err(_) => Ok(()),
    }
}

/// What to do next, for a shell in the checkout.
fn next(language: Language, name: &str) -> String {
    let folder = language.folder(name).display().to_string();
    let lines = [
        language.build(name),
        Some(format!("target/release/kilotask verify {name}")),
        Some(format!("target/release/kilotask run {folder}/first-look.toml --out results/{name}")),
    ];
    let lines: Vec<String> = lines.into_iter().flatten().map(|line| format!("  {line}")).collect();
    format!(
        "\n{name} works unchanged; everything to change is marked REPLACE. Next:\n{}\n\
         CONTRIBUTING.md has the next steps.",
        lines.join("\n")
    )
}

fn language(text: &str) -> Result<Language, String> {
    one_of("there is no template in it", &Language::ALL, Language::name, text)
        .map_err(|problem| format!("{problem}; PROTOCOL.md is enough for any language"))
}

//! The templates of new runtimes: the files of `templates/`. Each set builds and passes `kilotask
//! verify` unchanged, as a runtime called `template`.

pub mod lockfile;
pub mod name;

use std::path::PathBuf;

/// The placeholder for the name.
const PLACEHOLDER: &str = "template";

protocol::named! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Language {
        Rust = "rust",
        Python = "python",
        Go = "go",
        C = "c",
    }
}

/// A file of a template: its path within the folder, and its text.
type File = (&'static str, &'static str);

macro_rules! template {
    ($language:literal: $($path:literal),+) => {
        &[$(($path, include_str!(concat!("../../templates/", $language, "/", $path)))),+]
    };
}

const RUST: &[File] =
    template!("rust": "Cargo.toml", "src/lib.rs", "src/main.rs", "src/counted.rs", "tests/wire.rs");
const PYTHON: &[File] = template!("python": "runner.toml", "main.py");
const GO: &[File] = template!("go": "runner.toml", "main.go", ".gitignore");
const C: &[File] = template!("c": "runner.toml", "main.c", ".gitignore");

/// The first experiment of a new runtime, whatever its language.
const EXPERIMENT: File = ("first-look.toml", include_str!("../../templates/first-look.toml"));

impl Language {
    /// Where in the checkout a runtime of that name has its folder.
    pub fn folder(self, name: &str) -> PathBuf {
        match self {
            Self::Rust => format!("crates/runtime-{name}").into(),
            _ => format!("runners/{name}").into(),
        }
    }

    /// The files of a runtime of that name: path within its folder, and text.
    pub fn files(self, name: &str) -> Vec<(&'static str, String)> {
        let files = match self {
            Self::Rust => RUST,
            Self::Python => PYTHON,
            Self::Go => GO,
            Self::C => C,
        };
        files.iter().chain([&EXPERIMENT]).map(|(path, text)| (*path, named(text, name))).collect()
    }

    /// The command that builds it, in the checkout; `None` where nothing is to be built.
    pub fn build(self, name: &str) -> Option<String> {
        match self {
            Self::Rust => Some(format!("cargo build --release -p runtime-{name}")),
            Self::Python => None,
            Self::Go | Self::C => Some("target/release/kilotask build".into()),
        }
    }
}

/// The text of a template with a name in it.
fn named(text: &str, name: &str) -> String {
    // In Rust code the name of a crate has no hyphens.
    let identifier = format!("runtime_{}", name.replace('-', "_"));
    text.replace(&format!("runtime_{PLACEHOLDER}"), &identifier).replace(PLACEHOLDER, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_with_a_name_in_it_has_no_other() {
        for language in Language::ALL {
            let files = language.files("my-own");
            assert!(files.iter().any(|(_, text)| text.contains("my-own")), "{language:?}");
            assert!(files.iter().all(|(_, text)| !text.contains(PLACEHOLDER)), "{language:?}");
        }
        let main =
            Language::Rust.files("my-own").into_iter().find(|(path, _)| *path == "src/main.rs").unwrap().1;
        assert!(main.contains("use runtime_my_own::"), "{main}");
    }

    #[test]
    fn a_runtime_begins_with_sixty_lines_of_rust_at_most() {
        let sources = RUST.iter().filter(|(path, _)| path.starts_with("src/"));
        assert!(sources.map(|(_, text)| text.lines().count()).sum::<usize>() <= 60);
    }
}

//! Builds a version of a crate as a runner of its own, or a runner in another way.
//!
//! It copies the runner, and those of our crates that it needs, into a workspace of its own, with
//! the checkout's manifest, profile and lock file, and changes one line of the lock file: the
//! version of the contestant. The workspace has a target folder of its own. So no code and no
//! feature of one version gets into another, and all other dependencies stay the same unless the
//! contestant requires others.
//!
//! Another build has the same versions. What differs is the profile, `tuned`, or flags of the compiler
//! that the runner's manifest declares, which hold for all crates of a program.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::outcome::{Built, Outcome, succeed};
use crate::discover::DiscoverError;
use crate::discover::rust_crates::{Flags, RustCrate, TUNED};
use crate::names::{Versioned, is_version};

/// A copy of the checkout's lock file, from which the folder's own was made.
const BASE: &str = "Cargo.lock.base";

/// Builds a version of a runtime, or the runtime in another way, and with it all the runtimes of its
/// runner.
pub fn build_version(root: &Path, wanted: &Versioned) -> Result<Built, DiscoverError> {
    let crates = RustCrate::all(root)?;
    if !is_version(&wanted.version) {
        return Ok(build_otherwise(root, &crates, wanted));
    }
    let Some((host, contestant)) = RustCrate::hosting(&crates, &wanted.runtime) else {
        let reason = format!(
            "no crate in crates/ has versions of {:?}; name the crate of the runtime as `contestant` in its \
             Cargo.toml",
            wanted.runtime
        );
        return Ok(Built { folder: root.join("crates"), outcome: Outcome::Failed(reason) });
    };
    let how = How::Version { contestant, version: &wanted.version };
    Ok(IsolatedBuild { root, package: &host.package, how }.built(host.build_folder(root, &wanted.version)))
}

/// Builds a runtime in the way that has this name.
fn build_otherwise(root: &Path, crates: &[RustCrate], wanted: &Versioned) -> Built {
    let (runtime, build) = (&wanted.runtime, &*wanted.version);
    let failed = |reason| Built { folder: root.join("crates"), outcome: Outcome::Failed(reason) };
    let Some(host) = RustCrate::building(crates, root, runtime) else {
        return failed(format!(
            "{runtime:?} is not a Rust runtime of crates/, and only those have other builds; kilotask list \
             shows all"
        ));
    };
    if !host.builds().any(|name| name == build) {
        let builds: Vec<_> = host.builds().collect();
        return failed(format!("{runtime} has no build {build:?}; it has {}", builds.join(", ")));
    }
    let how = How::Otherwise { tuned: build == TUNED, flags: host.flags(build) };
    IsolatedBuild { root, package: &host.package, how }.built(host.build_folder(root, build))
}

/// What is built, of which checkout.
struct IsolatedBuild<'a> {
    root: &'a Path,
    package: &'a str,
    how: How<'a>,
}

/// What differs from the checkout's own build.
enum How<'a> {
    /// One version in the lock file.
    Version { contestant: &'a str, version: &'a str },
    /// The profile, or flags.
    Otherwise { tuned: bool, flags: Option<&'a Flags> },
}

impl IsolatedBuild<'_> {
    fn built(&self, folder: PathBuf) -> Built {
        let outcome = self.build(&folder).map_or_else(Outcome::Failed, |()| Outcome::Done);
        Built { folder, outcome }
    }

    fn build(&self, folder: &Path) -> Result<(), String> {
        self.lay_out(folder)?;
        if let Err(reason) = self.lock(folder) {
            // There is no such version, or it cannot be downloaded: leave no half of a build
            // behind.
            let _ = fs::remove_dir_all(folder);
            return Err(reason);
        }
        let mut build = self.cargo("build", folder);
        let profile = if matches!(self.how, How::Otherwise { tuned: true, .. }) { TUNED } else { "release" };
        build.args(["--profile", profile, "--locked", "-p", self.package]);
        if let How::Otherwise { flags: Some(flags), .. } = self.how {
            let given = env::var("RUSTFLAGS").unwrap_or_default();
            build.env("RUSTFLAGS", format!("{given} {}", flags.rustflags).trim());
        }
        succeed(build.env("CARGO_TARGET_DIR", folder.join("target")))
    }

    /// Copies the manifest and the crates. Unchanged files keep their time, so that cargo does not
    /// build them again.
    fn lay_out(&self, folder: &Path) -> Result<(), String> {
        let crates = self.crates()?;
        mirror(&crates, &folder.join("crates"))
            .and_then(|()| copy(&self.root.join("Cargo.toml"), &folder.join("Cargo.toml")))
            .map_err(|error| format!("{}: {error}", folder.display()))
    }

    /// The folders of the package and of all crates of ours that it is built from.
    fn crates(&self) -> Result<BTreeSet<PathBuf>, String> {
        let output = cargo(self.root)
            .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
            .output()
            .map_err(|error| format!("cargo metadata: {error}"))?;
        if !output.status.success() {
            return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
        let metadata: Metadata =
            serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
        Ok(metadata.with_dependencies(self.package))
    }

    /// Locks the contestant's version, where another is wanted, and everything else as the checkout
    /// has it.
    fn lock(&self, folder: &Path) -> Result<(), String> {
        let checkouts = self.root.join("Cargo.lock");
        let lock = fs::read(&checkouts).map_err(|error| format!("{}: {error}", checkouts.display()))?;
        let (base, own) = (folder.join(BASE), folder.join("Cargo.lock"));
        if own.is_file() && fs::read(&base).is_ok_and(|base| base == lock) {
            return Ok(());
        }
        let failed = |error: io::Error| format!("{}: {error}", own.display());
        fs::write(&own, &lock).map_err(failed)?;
        let mut update = self.cargo("update", folder);
        succeed(match self.how {
            How::Version { contestant, version } => update.args(["-p", contestant, "--precise", version]),
            // Only drops what is of crates that are not in the folder.
            How::Otherwise { .. } => update.arg("--workspace"),
        })?;
        fs::write(&base, &lock).map_err(failed)
    }

    /// A command of cargo on the workspace in a folder. It runs in the checkout, whose configuration and toolchain hold
    /// for all builds: the folder may be outside it.
    fn cargo(&self, command: &str, folder: &Path) -> Command {
        let mut cargo = cargo(self.root);
        cargo.arg(command).arg("--manifest-path").arg(folder.join("Cargo.toml"));
        cargo
    }
}

/// Cargo in that folder; the one that runs us, where one does.
fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder);
    cargo
}

/// What we need of the output of `cargo metadata`.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    /// `dev` where only tests need it.
    kind: Option<String>,
    /// The folder, of a crate of ours.
    path: Option<PathBuf>,
}

impl Metadata {
    /// The folders of a package and, transitively, of its dependencies with a path.
    fn with_dependencies(&self, package: &str) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&Package> = self.packages.iter().filter(|one| one.name == package).collect();
        while let Some(one) = open.pop() {
            if found.insert(folder_of(&one.manifest_path)) {
                let built = one.dependencies.iter().filter(|one| one.kind.as_deref() != Some("dev"));
                let folders: Vec<_> = built.filter_map(|one| one.path.clone()).collect();
                let is_built = |one: &&Package| folders.contains(&folder_of(&one.manifest_path));
                open.extend(self.packages.iter().filter(is_built));
            }
        }
        found
    }
}

/// Makes a folder hold copies of these files and folders, and nothing else.
fn mirror(sources: &BTreeSet<PathBuf>, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let names: BTreeSet<_> = sources.iter().filter_map(|source| source.file_name()).collect();
    for other in children(to)?.iter().filter(|path| path.file_name().is_none_or(|name| !names.contains(name)))
    {
        if other.is_dir() { fs::remove_dir_all(other) } else { fs::remove_file(other) }?;
    }
    for source in sources {
        let target = to.join(source.file_name().unwrap_or_default());
        if source.is_dir() { mirror(&children(source)?, &target) } else { copy(source, &target) }?;
    }
    Ok(())
}

fn children(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

fn folder_of(manifest: &Path) -> PathBuf {
    manifest.parent().unwrap_or(manifest).into()
}

/// Copies a file, unless the same bytes are there already. A manifest loses its dev-dependencies, as
/// those of ours are not in the folder.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut bytes = fs::read(from)?;
    if from.file_name() == Some(OsStr::new("Cargo.toml")) {
        let text = String::from_utf8_lossy(&bytes);
        let mut manifest: toml::Table = text.parse().map_err(io::Error::other)?;
        manifest.remove("dev-dependencies");
        bytes = manifest.to_string().into_bytes();
    }
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(to, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::discover;
    use crate::fixture;

    const WORKSPACE: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\
        [workspace.dependencies]\nunused = { path = \"crates/unused\" }\n\
        [profile.tuned]\ninherits = \"release\"\n";

    const MANIFEST: &str = r#"
        [package]
        name = "runtime-cfg-if"
        version = "0.1.0"
        edition = "2024"
        [dependencies]
        cfg-if = "1"
        ours = { path = "../ours" }
        [dev-dependencies]
        unused = { workspace = true }
        [package.metadata.kilotask]
        runner = "runtime-cfg-if"
        contestant = "cfg-if"
        builds.flagged.rustflags = "--cfg flagged"
        [lints.rust]
        unexpected_cfgs = { level = "warn", check-cfg = ["cfg(flagged)"] }
    "#;

    const MAIN: &str = r#"
        cfg_if::cfg_if! { if #[cfg(unix)] { use ours::LANGUAGE; } }
        fn main() {
            let lock = include_str!("../../../Cargo.lock");
            let version = lock.split("name = \"cfg-if\"\nversion = \"").nth(1).unwrap().split('"').next().unwrap();
            let model = if cfg!(flagged) { "flagged" } else { "m" };
            println!("{{\"protocol\":2,\"runtimes\":[{{\"name\":\"cfg-if\",\"version\":\"{version}\",\
                \"language\":\"{LANGUAGE}\",\"model\":\"{model}\",\"workloads\":[\"sleep\"]}}]}}");
        }
    "#;

    const OURS: &str = "[package]\nname = \"ours\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

    /// A checkout whose one runner says which version of a small crate it was built with.
    fn checkout() -> tempfile::TempDir {
        let root = fixture::checkout(&[
            ("Cargo.toml", WORKSPACE),
            ("crates/runtime-cfg-if/Cargo.toml", MANIFEST),
            ("crates/runtime-cfg-if/src/main.rs", MAIN),
            ("crates/ours/Cargo.toml", OURS),
            ("crates/ours/src/lib.rs", "pub const LANGUAGE: &str = \"rust\";"),
            ("crates/unused/Cargo.toml", &OURS.replace("ours", "unused")),
            ("crates/unused/src/lib.rs", ""),
        ]);
        succeed(cargo(root.path()).arg("generate-lockfile")).unwrap();
        root
    }

    fn build(root: &Path, name: &str) -> Built {
        build_version(root, &Versioned::parse(name).unwrap()).unwrap()
    }

    #[test]
    fn a_runner_is_built_from_protocol_and_runner_and_nothing_else_of_ours() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
        let runners = RustCrate::all(&root).unwrap();
        assert!(runners.len() > 5, "only {} runners", runners.len());
        for RustCrate { package, .. } in &runners {
            let one =
                IsolatedBuild { root: &root, package, how: How::Otherwise { tuned: true, flags: None } };
            let names = ["protocol", "runner", package].map(|name| root.join("crates").join(name));
            let mut expected = BTreeSet::from(names);
            if package == "runtime-tokio-mimalloc" {
                // The same tasks over another allocator.
                expected.insert(root.join("crates/runtime-tokio"));
            }
            assert_eq!(one.crates().unwrap(), expected);
        }
    }

    #[test]
    fn versions_stand_side_by_side_and_each_says_which_it_is() {
        if fixture::is_target_shared() {
            return;
        }
        let root = checkout();
        for name in ["cfg-if@1.0.0", "cfg-if@1.0.1"] {
            let built = build(root.path(), name);
            assert_eq!(built.outcome, Outcome::Done);
            assert!(!built.folder.join("crates/unused").exists(), "it is made of what it needs");
        }
        let runtimes = discover(root.path()).unwrap();
        let labels: Vec<_> = runtimes.iter().map(|one| (&*one.info.name, &*one.info.version)).collect();
        assert_eq!(labels, [("cfg-if", ""), ("cfg-if@1.0.0", "1.0.0"), ("cfg-if@1.0.1", "1.0.1")]);
        assert!(runtimes[1].broken.is_none() && runtimes[1].info.on_request);
    }

    /// The triple of the machine's own programs.
    fn host() -> String {
        let rustc = Command::new("rustc").arg("-vV").output().unwrap();
        let said = String::from_utf8(rustc.stdout).unwrap();
        said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().into()
    }

    #[test]
    fn a_version_is_built_as_the_checkout_is_configured_and_what_was_built_otherwise_is_not_taken_for_it() {
        if fixture::is_target_shared() {
            return;
        }
        let (root, outside) = (checkout(), tempfile::tempdir().unwrap());
        let configure = |target: &str| {
            let text = format!("build = {{ target-dir = '{}'{target} }}", outside.path().display());
            fs::create_dir_all(root.path().join(".cargo")).unwrap();
            fs::write(root.path().join(".cargo/config.toml"), text).unwrap();
        };
        let is_built = || {
            let runtimes = discover(root.path()).unwrap();
            runtimes
                .iter()
                .find(|one| one.info.name == "cfg-if@1.0.0")
                .expect("it is listed")
                .broken
                .is_none()
        };
        configure("");
        assert_eq!(build(root.path(), "cfg-if@1.0.0").outcome, Outcome::Done);
        assert!(is_built());
        configure(&format!(", target = '{}'", host()));
        assert!(!is_built(), "this program is of the build before");
        assert_eq!(build(root.path(), "cfg-if@1.0.0").outcome, Outcome::Done);
        assert!(is_built());
    }

    #[test]
    fn another_build_has_the_same_version_and_is_a_variant() {
        let root = checkout();
        for (name, model) in [("cfg-if@tuned", "m"), ("cfg-if@flagged", "flagged")] {
            assert_eq!(build(root.path(), name).outcome, Outcome::Done);
            let runtimes = discover(root.path()).unwrap();
            let one = runtimes.iter().find(|one| one.info.name == name).expect(name);
            assert!(one.broken.is_none(), "{one:?}");
            assert_eq!((&*one.info.model, one.info.variant_of.as_deref()), (model, Some("cfg-if")));
            let lock = fs::read_to_string(root.path().join("Cargo.lock")).unwrap();
            assert!(lock.contains(&format!("name = \"cfg-if\"\nversion = \"{}\"", one.info.version)));
        }
    }

    #[test]
    fn a_build_that_does_not_exist_is_answered_with_those_that_do() {
        let root = checkout();
        let failed = |name| match build(root.path(), name).outcome {
            Outcome::Failed(reason) => reason,
            other => panic!("{other:?}"),
        };
        assert!(failed("cfg-if@latest").ends_with("it has flagged, tuned"));
        assert!(failed("python-threading@tuned").contains("is not a Rust runtime"));
    }

    #[test]
    fn what_has_changed_is_rebuilt_and_what_has_not_is_left_alone() {
        let root = checkout();
        let folder = build(root.path(), "cfg-if@1.0.0").folder;
        let (program, copy) =
            (folder.join("target/release/runtime-cfg-if"), folder.join("crates/ours/src/lib.rs"));
        let times = || [&program, &copy].map(|path| fs::metadata(path).unwrap().modified().unwrap());
        let before = times();
        assert_eq!(build(root.path(), "cfg-if@1.0.0").outcome, Outcome::Done);
        assert_eq!(times(), before);
        fs::write(root.path().join("crates/ours/src/lib.rs"), "pub const LANGUAGE: &str = \"oxide\";")
            .unwrap();
        fs::write(root.path().join("crates/ours/src/more.rs"), "").unwrap();
        assert_eq!(build(root.path(), "cfg-if@1.0.0").outcome, Outcome::Done);
        assert_eq!(discover(root.path()).unwrap()[1].info.language, "oxide");
        fs::remove_file(root.path().join("crates/ours/src/more.rs")).unwrap();
        assert_eq!(build(root.path(), "cfg-if@1.0.0").outcome, Outcome::Done);
        assert!(!folder.join("crates/ours/src/more.rs").exists());
    }

    #[test]
    fn a_version_that_does_not_exist_leaves_nothing_behind() {
        let root = checkout();
        let built = build(root.path(), "cfg-if@999.0.0");
        assert!(matches!(&built.outcome, Outcome::Failed(reason) if reason.contains("999.0.0")), "{built:?}");
        assert!(!built.folder.exists());
        let built = build(root.path(), "nowhere@1.0.0");
        assert!(
            matches!(&built.outcome, Outcome::Failed(reason) if reason.contains("contestant")),
            "{built:?}"
        );
    }
}

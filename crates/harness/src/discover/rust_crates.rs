//! Runners in Rust: `crates/*/Cargo.toml` with `[package.metadata.kilotask]`, and their isolated
//! builds ([`build`](crate::build)).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::cargo_layout::CargoLayout;
use super::description::check_listed;
use super::manifest::{DiscoverError, folder_of, manifests, read_toml};
use super::runner::{Found, Runner};
use crate::names::{Versioned, is_version, plain_like};

#[derive(Deserialize)]
struct CargoManifest {
    package: Option<CargoPackage>,
}

#[derive(Deserialize)]
struct CargoPackage {
    name: String,
    #[serde(default)]
    metadata: CargoMetadata,
}

#[derive(Default, Deserialize)]
struct CargoMetadata {
    kilotask: Option<Declared>,
}

/// What `[package.metadata.kilotask]` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    /// The executable.
    runner: String,
    /// The executable of its counted build.
    counted: Option<String>,
    /// The crate of the runtime, of which other versions can be built. Its runtimes have its name,
    /// or begin with its name and a hyphen.
    contestant: Option<String>,
    /// Its runtimes, where all are variants that only some experiments name: what is listed while it is not built.
    #[serde(default)]
    variants: Vec<String>,
    /// Other ways to build it, by name.
    #[serde(default)]
    builds: BTreeMap<String, Flags>,
}

/// How a build differs from the usual one.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flags {
    /// Flags for the compiler, of all crates of the program.
    pub(crate) rustflags: String,
}

/// The profile of the checkout's own build, and of all others but one.
const RELEASE: &str = "release";

/// The build that every crate has: the profile of that name in the checkout's manifest.
pub(crate) const TUNED: &str = "tuned";

/// A crate that is a runner.
pub(crate) struct RustCrate {
    /// Its name as a package.
    pub(crate) package: String,
    folder: PathBuf,
    declared: Declared,
}

impl RustCrate {
    /// All of a checkout, in the order of their folders' names.
    pub(crate) fn all(root: &Path) -> Result<Vec<Self>, DiscoverError> {
        let mut all = Vec::new();
        for manifest in manifests(&root.join("crates"), "Cargo.toml") {
            let cargo: CargoManifest = read_toml(&manifest)?;
            let Some(package) = cargo.package else { continue };
            let Some(declared) = package.metadata.kilotask else { continue };
            check_listed(&declared.variants)
                .map_err(|problem| DiscoverError::Manifest { path: manifest.clone(), problem })?;
            all.push(Self { package: package.name, folder: folder_of(&manifest), declared });
        }
        Ok(all)
    }

    /// The crate that hosts a runtime, and the contestant whose versions it has.
    pub(crate) fn hosting<'a>(all: &'a [Self], runtime: &str) -> Option<(&'a Self, &'a str)> {
        let hosts = |contestant: &&str| {
            runtime.strip_prefix(*contestant).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let hosting =
            all.iter().filter_map(|one| Some((one, one.declared.contestant.as_deref().filter(hosts)?)));
        // `tokio-uring` is a contestant of its own, not a runtime of `tokio`.
        hosting.max_by_key(|(_, contestant)| contestant.len())
    }

    /// The crate that hosts a runtime, of which it may have other builds.
    pub(crate) fn building<'a>(all: &'a [Self], root: &Path, runtime: &str) -> Option<&'a Self> {
        let describes =
            |one: &&Self| one.found(root).runtimes().iter().any(|hosted| hosted.info.name == runtime);
        // One that only another build has begins with the contestant's name.
        all.iter().find(describes).or_else(|| Self::hosting(all, runtime).map(|(host, _)| host))
    }

    /// The names of its other builds.
    pub(crate) fn builds(&self) -> impl Iterator<Item = &str> {
        self.declared.builds.keys().map(String::as_str).chain([TUNED])
    }

    /// How a build of it differs, but for the profile; `None` where only that does.
    pub(crate) fn flags(&self, build: &str) -> Option<&Flags> {
        self.declared.builds.get(build)
    }

    /// Where a version or another build of it is built.
    pub(crate) fn build_folder(&self, root: &Path, version: &str) -> PathBuf {
        versions(root).join(format!("{}@{version}", self.package))
    }

    /// What it is called where it cannot be asked.
    fn plain_name(&self) -> &str {
        self.package.strip_prefix("runtime-").unwrap_or(&self.package)
    }

    /// The runner, of the checkout's own build.
    fn found(&self, root: &Path) -> Found {
        let Declared { variants, .. } = &self.declared;
        let names = if variants.is_empty() { vec![plain_like(self.plain_name())] } else { variants.clone() };
        let how = format!("run make build, or cargo build --release -p {}", self.package);
        let layout = CargoLayout::of(root);
        let folders = [layout.programs(RELEASE), layout.copies(RELEASE)];
        let found = self.built_in(&folders, root, names, &how);
        Found { on_request: !variants.is_empty(), ..found }
    }

    /// The runner of a version or another build, with the names to list while it is not built.
    fn found_version(&self, root: &Path, version: &str, names: Vec<String>) -> Found {
        let folder = self.build_folder(root, version);
        let name = names.first().map_or("", String::as_str);
        let how = match name.strip_suffix(&format!("@{TUNED}")) {
            Some(runtime) => format!("run kilotask build {runtime} --profile {TUNED}"),
            None => format!("run kilotask build {name}"),
        };
        let profile = if version == TUNED { TUNED } else { RELEASE };
        // Nothing copies them, so what lies elsewhere is of an earlier build for another target.
        let programs = CargoLayout::of(root).within(folder.join("target")).programs(profile);
        let mut found = self.built_in(&[programs], root, names, &how);
        found.runner.lock_file = Some(folder.join("Cargo.lock"));
        Found { version: Some(version.into()), ..found }
    }

    /// It in the first of these folders that has it.
    fn built_in(&self, folders: &[PathBuf], root: &Path, names: Vec<String>, how: &str) -> Found {
        let has_it = |folder: &&PathBuf| folder.join(&self.declared.runner).is_file();
        let binaries = folders.iter().find(has_it).or(folders.last()).expect("cargo has a folder");
        let program = binaries.join(&self.declared.runner);
        let missing = (!program.is_file()).then(|| format!("not built; {how}"));
        let place = self.folder.strip_prefix(root).unwrap_or(&self.folder).into();
        let runner = Runner {
            counted: self.declared.counted.as_ref().map(|name| binaries.join(name)),
            ..Runner::new(self.folder.clone(), place, vec![program.clone().into()], program)
        };
        Found { runner, names, missing, version: None, on_request: false }
    }
}

/// All of a checkout: its own builds, and the others that are built or wanted.
pub(super) fn runners(root: &Path, wanted: &[Versioned]) -> Result<Vec<Found>, DiscoverError> {
    let crates = RustCrate::all(root)?;
    let mut found: Vec<Found> = crates.iter().map(|one| one.found(root)).collect();
    let mut names: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for one in wanted {
        let host = if is_version(&one.version) {
            RustCrate::hosting(&crates, &one.runtime).map(|(host, _)| host)
        } else {
            RustCrate::building(&crates, root, &one.runtime)
        };
        if let Some(host) = host {
            names.entry((&host.package, &one.version)).or_default().insert(one.to_string());
        }
    }
    let built = built(root);
    for (package, version) in &built {
        names.entry((package, version)).or_default();
    }
    for ((package, version), mut names) in names {
        let Some(host) = crates.iter().find(|one| one.package == package) else { continue };
        let fallback = if is_version(version) {
            host.declared.contestant.as_deref()
        } else {
            host.builds().any(|build| build == version).then(|| host.plain_name())
        };
        let Some(fallback) = fallback else { continue };
        if names.is_empty() {
            names.insert(format!("{fallback}@{version}"));
        }
        found.push(host.found_version(root, version, names.into_iter().collect()));
    }
    Ok(found)
}

/// The packages and versions for which there is a folder, even where the build failed.
fn built(root: &Path) -> Vec<(String, String)> {
    let Ok(folders) = fs::read_dir(versions(root)) else { return Vec::new() };
    let names = folders.flatten().filter_map(|folder| folder.file_name().into_string().ok());
    names.filter_map(|name| Versioned::parse(&name)).map(|one| (one.runtime, one.version)).collect()
}

fn versions(root: &Path) -> PathBuf {
    CargoLayout::of(root).target().join("versions")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::{Runtime, discover, discover_with};
    use crate::fixture::checkout;

    fn manifest(package: &str, more: &str) -> String {
        format!(
            "[package]\nname = \"{package}\"\n[package.metadata.kilotask]\nrunner = \"{package}-not-there\"\n{more}"
        )
    }

    fn with_versions() -> tempfile::TempDir {
        checkout(&[
            (
                "crates/runtime-foo/Cargo.toml",
                &manifest("runtime-foo", "contestant = \"foo\"\nbuilds.unstable.rustflags = \"--cfg x\""),
            ),
            (
                "crates/runtime-foo-uring/Cargo.toml",
                &manifest("runtime-foo-uring", "contestant = \"foo-uring\""),
            ),
            ("crates/runtime-bar/Cargo.toml", &manifest("runtime-bar", "")),
        ])
    }

    fn wanting(names: &[&str]) -> Vec<Runtime> {
        let wanted: Vec<Versioned> = names.iter().filter_map(|name| Versioned::parse(name)).collect();
        discover_with(Some(with_versions().path()), &[], &wanted).unwrap()
    }

    #[test]
    fn a_rust_runner_that_is_not_built_says_how_to_build_it() {
        let root = checkout(&[("crates/runtime-foo/Cargo.toml", &manifest("runtime-foo", ""))]);
        let runtimes = discover(root.path()).unwrap();
        assert_eq!(runtimes[0].info.name, "foo");
        assert!(
            runtimes[0].probe().unwrap_err().to_string().contains("cargo build --release -p runtime-foo")
        );
    }

    #[test]
    fn variants_that_are_not_built_are_listed_for_experiments_that_name_them() {
        let variants = manifest("runtime-foo", "variants = [\"foo-a\", \"foo-b\"]");
        let root = checkout(&[("crates/runtime-foo/Cargo.toml", &variants)]);
        let runtimes = discover(root.path()).unwrap();
        assert_eq!(runtimes.iter().map(|one| &*one.info.name).collect::<Vec<_>>(), ["foo-a", "foo-b"]);
        assert!(runtimes.iter().all(|one| one.info.on_request && one.probe().is_err()));
    }

    #[test]
    fn a_version_that_is_wanted_and_not_built_says_how_to_build_it() {
        let runtimes = wanting(&["foo-one-thread@1.2.3"]);
        let one = runtimes.iter().find(|one| one.info.name == "foo-one-thread@1.2.3").expect("it is listed");
        assert_eq!(
            one.probe().unwrap_err().to_string(),
            "not built; run kilotask build foo-one-thread@1.2.3"
        );
        assert!(one.info.on_request, "no experiment of all runtimes runs it");
    }

    #[test]
    fn a_version_is_of_the_crate_with_the_longest_name() {
        let root = with_versions();
        let crates = RustCrate::all(root.path()).unwrap();
        let host = |name: &str| RustCrate::hosting(&crates, name).map(|(host, _)| &*host.package);
        assert_eq!(host("foo-one-thread"), Some("runtime-foo"));
        assert_eq!(host("foo-uring"), Some("runtime-foo-uring"));
        assert_eq!(host("food"), None);
        assert_eq!(host("bar"), None, "it names no crate to take versions of");
    }

    #[test]
    fn a_build_that_is_wanted_and_not_built_says_how_to_build_it() {
        for (name, how) in [
            ("bar@tuned", "bar --profile tuned"),
            ("foo@unstable", "foo@unstable"),
            ("foo-one-thread@unstable", "foo-one-thread@unstable"),
        ] {
            let runtimes = wanting(&[name]);
            let one = runtimes.iter().find(|one| one.info.name == name).expect(name);
            assert_eq!(one.probe().unwrap_err().to_string(), format!("not built; run kilotask build {how}"));
            assert!(one.info.on_request);
        }
        let runtimes = wanting(&["bar@unstable", "nowhere@tuned"]);
        assert!(runtimes.iter().all(|one| !one.info.name.contains('@')), "there are no such builds");
    }

    #[test]
    fn what_has_no_versions_is_not_listed_with_one() {
        assert!(wanting(&["bar@1.0.0", "nowhere@1.0.0"]).iter().all(|one| !one.info.name.contains('@')));
    }
}

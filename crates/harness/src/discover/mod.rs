//! Finds the runners, without a registry: a new folder is enough.
//!
//! - `crates/*/Cargo.toml` with `[package.metadata.kilotask]`: `runner` names the executable,
//!   `counted` its twin; both are looked for where a release build puts them, and those of a version of
//!   the `contestant` where it was built apart.
//! - `runners/*/runner.toml`: `command`, run in that folder; `requires` names programs that must be on
//!   the PATH or, with a slash, files that must be in the folder; `install` says how to get them, `build`
//!   how to make the runner ([`build`](crate::build)), `runtimes` what to list when it cannot speak for
//!   itself.
//! - `external_runners`: runners outside the checkout, which a person names.

mod external_runners;
pub(crate) mod rust_crates;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use protocol::{Description, PROTOCOL, Probe, Refusal, RuntimeInfo, Workload, wire};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::fault::Fault;
use crate::names::{Versioned, is_plain};
use crate::process::{Bounds, Broken, Supervised};
use crate::sanitize::{MAX_NAME, MAX_REASON, one_line};

/// How long a runner may take to describe itself or to probe a runtime.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(20);

/// The file that makes a folder a runner in any language.
const MANIFEST: &str = "runner.toml";

/// The most memory a runner may take to answer a question, bytes.
const QUESTION_MEMORY: u64 = 4 << 30;

/// An executable that hosts runtimes.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// Where it stands: its folder within the checkout, or, for one that lives elsewhere, the whole path
    /// of its folder or of its executable.
    pub place: PathBuf,
    command: Vec<OsString>,
    counted: Option<Vec<OsString>>,
    /// The lock file that it was built with, where that is not the checkout's.
    pub(crate) lock_file: Option<PathBuf>,
}

/// A runtime, with the runner that hosts it.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// What the runner says of it.
    pub info: RuntimeInfo,
    /// Who hosts it.
    pub runner: Runner,
    /// Why its runner cannot be asked at all, when so.
    pub broken: Option<Fault>,
}

/// Why discovery failed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum DiscoverError {
    #[error(
        "no kilotask checkout at {0} or above (a folder with Cargo.toml and crates/); go there, or name it \
         with KILOTASK_ROOT"
    )]
    NoRoot(PathBuf),
    #[error("{path}: {problem}")]
    Manifest { path: PathBuf, problem: String },
    #[error("two runners host a runtime called {name:?}: {first} and {second}; rename one")]
    Twice { name: String, first: PathBuf, second: PathBuf },
    #[error("no runner at {path}: {problem}")]
    External { path: PathBuf, problem: String },
}

/// The checkout to work in: `KILOTASK_ROOT`, or the nearest folder above `from` that looks like one.
///
/// # Errors
/// When there is none.
pub fn find_root(from: &Path) -> Result<PathBuf, DiscoverError> {
    if let Some(root) = env::var_os("KILOTASK_ROOT") {
        return Ok(root.into());
    }
    from.ancestors()
        .find(|folder| folder.join("Cargo.toml").is_file() && folder.join("crates").is_dir())
        .map(Path::to_path_buf)
        .ok_or_else(|| DiscoverError::NoRoot(from.to_path_buf()))
}

/// The runtimes of one runner: an executable, or a folder with a `runner.toml`.
///
/// # Errors
/// When there is no runner at that path.
pub fn hosted_by(runner: &Path) -> Result<Vec<Runtime>, DiscoverError> {
    let found = external_runners::runners(&[runner.into()])?;
    Ok(found.into_iter().flat_map(Found::runtimes).collect())
}

/// All runtimes of a checkout, sorted by name. Each runner is asked to describe itself; one that
/// cannot is listed all the same, with the reason.
///
/// # Errors
/// When a manifest cannot be read, or two runners host a runtime of the same name.
pub fn discover(root: &Path) -> Result<Vec<Runtime>, DiscoverError> {
    discover_with(root, &[], &[])
}

/// The same, with runners that live elsewhere, each an executable or a folder with a `runner.toml`; and with
/// versions that are wanted, which are listed whether they are built or not.
///
/// # Errors
/// As [`discover`], and when there is no runner at such a path.
pub fn discover_with(
    root: &Path,
    external: &[PathBuf],
    wanted: &[Versioned],
) -> Result<Vec<Runtime>, DiscoverError> {
    let mut runtimes: BTreeMap<String, Runtime> = BTreeMap::new();
    let found =
        [rust_crates::runners(root, wanted)?, foreign_runners(root)?, external_runners::runners(external)?];
    for found in found.into_iter().flatten() {
        for runtime in found.runtimes() {
            let name = runtime.info.name.clone();
            if let Some(other) = runtimes.get(&name) {
                let (first, second) = (other.runner.place.clone(), runtime.runner.place.clone());
                return Err(DiscoverError::Twice { name, first, second });
            }
            runtimes.insert(name, runtime);
        }
    }
    Ok(runtimes.into_values().collect())
}

impl Runner {
    /// Where it stands, if that is not in the checkout: the whole path.
    pub fn external_path(&self) -> Option<&Path> {
        self.place.is_absolute().then_some(&*self.place)
    }

    /// The words of the command that runs it, in its folder.
    pub fn words(&self) -> &[OsString] {
        &self.command
    }

    /// The command that runs it, or its counted twin; `None` when it has no twin.
    pub fn command(&self, counted: bool) -> Option<Command> {
        let words = if counted { self.counted.as_ref()? } else { &self.command };
        let (program, arguments) = words.split_first()?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder);
        Some(command)
    }

    /// The same runner under a limit, in the words of the shell: `-n 256`. Were this process to lower
    /// its own limit, every runner would have it.
    #[must_use]
    pub fn under_limit(&self, limit: &str) -> Self {
        let mut command: Vec<OsString> = ["sh", "-c"].map(OsString::from).into();
        command.push(format!("ulimit {limit} && exec \"$0\" \"$@\"").into());
        command.extend(self.command.iter().cloned());
        Self { command, ..self.clone() }
    }

    /// Whether a counted twin has been built.
    pub fn has_twin(&self) -> bool {
        self.counted.as_ref().is_some_and(|words| Path::new(&words[0]).is_file())
    }

    /// Whether a counted twin is declared that has not been built.
    pub fn lacks_its_twin(&self) -> bool {
        self.counted.is_some() && !self.has_twin()
    }

    /// Asks the runner one question on its command line and reads its one line of an answer.
    fn ask<T: DeserializeOwned>(&self, question: &'static str, name: Option<&str>) -> Result<T, Fault> {
        static NEVER: AtomicBool = AtomicBool::new(false);
        let bounds = Bounds { timeout: QUESTION_TIMEOUT, memory_bytes: QUESTION_MEMORY, interrupted: &NEVER };
        let mut command = self.command(false).expect("every runner has a command");
        let mut asked = Supervised::start(command.arg(question).args(name), bounds).map_err(|error| {
            Fault::NoProgram { program: self.command[0].display().to_string(), error: error.to_string() }
        })?;
        let no_answer = |problem: String| Fault::NoAnswer { question, problem };
        let answer = asked.read_line().map_err(|broken| match broken {
            Broken::Ended => {
                let _ = asked.finish();
                no_answer(asked.stderr_tail())
            }
            other => no_answer(other.to_string()),
        })?;
        wire::decode(&answer).map_err(|error| no_answer(error.to_string()))
    }
}

impl Runtime {
    /// Really starts the runtime.
    ///
    /// # Errors
    /// With the true reason, when it does not start here.
    pub fn probe(&self) -> Result<(), Fault> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let probe: Probe = self.runner.ask("probe", Some(Versioned::own_name(&self.info.name)))?;
        if probe.available {
            return Ok(());
        }
        let reason = probe.reason.as_deref().unwrap_or("its probe gave no reason");
        Err(Fault::Refused(Refusal::unavailable(one_line(reason, MAX_REASON))))
    }
}

/// A runner that a manifest names, and what is known of it before it is asked.
struct Found {
    runner: Runner,
    /// Names to list when it cannot speak for itself.
    names: Vec<String>,
    /// Why it cannot even be started.
    missing: Option<String>,
    /// The version of its crate, where it was built apart.
    version: Option<String>,
}

impl Found {
    fn runtimes(self) -> Vec<Runtime> {
        let description = match &self.missing {
            Some(reason) => Err(Fault::Refused(Refusal::unavailable(reason.clone()))),
            None => self.describe(),
        };
        match description {
            Ok(infos) => infos
                .into_iter()
                .map(|info| Runtime { info, runner: self.runner.clone(), broken: None })
                .collect(),
            Err(broken) => self
                .names
                .iter()
                .map(|name| Runtime {
                    info: unknown(name),
                    runner: self.runner.clone(),
                    broken: Some(broken.clone()),
                })
                .collect(),
        }
    }

    fn describe(&self) -> Result<Vec<RuntimeInfo>, Fault> {
        let description: Description = self.runner.ask("describe", None)?;
        if description.protocol != PROTOCOL {
            return Err(Fault::OtherProtocol(description.protocol));
        }
        description.runtimes.into_iter().map(|info| self.of_its_version(checked(info)?)).collect()
    }

    /// A runtime under the name that its version gives it.
    fn of_its_version(&self, mut info: RuntimeInfo) -> Result<RuntimeInfo, Fault> {
        if let Some(version) = &self.version {
            if info.version != *version {
                return Err(Fault::OtherVersion { built: version.clone(), described: info.version });
            }
            info.name = format!("{}@{version}", info.name);
            info.on_request = true;
        }
        Ok(info)
    }
}

/// A runtime's description with its texts bounded; names become file names, so they must be plain.
fn checked(mut info: RuntimeInfo) -> Result<RuntimeInfo, Fault> {
    if !is_plain(&info.name) {
        return Err(Fault::Name(info.name));
    }
    for text in [&mut info.version, &mut info.language, &mut info.model] {
        *text = one_line(text, MAX_NAME);
    }
    Ok(info)
}

/// What is assumed of a runtime whose runner cannot be asked: any workload, so that each has a row.
fn unknown(name: &str) -> RuntimeInfo {
    RuntimeInfo {
        name: name.into(),
        on_request: Versioned::parse(name).is_some(),
        workloads: Workload::ALL.iter().map(|workload| workload.name().into()).collect(),
        ..RuntimeInfo::default()
    }
}

/// What a `runner.toml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    command: Vec<String>,
    #[serde(default)]
    requires: Vec<String>,
    /// How to get what it requires, in words that end a sentence: `apt install golang-go`.
    install: Option<String>,
    /// The command that builds it, run in its folder; none where there is nothing to build.
    #[serde(default)]
    build: Vec<String>,
    #[serde(default)]
    runtimes: Vec<String>,
}

/// A runner in another language, as its manifest declares it.
pub(crate) struct ForeignRunner {
    /// Where it lives.
    pub(crate) folder: PathBuf,
    manifest: Manifest,
}

impl ForeignRunner {
    /// All of a checkout, in the order of their folders' names.
    pub(crate) fn all(root: &Path) -> Result<Vec<Self>, DiscoverError> {
        manifests(&root.join("runners"), MANIFEST).iter().map(|path| Self::read(path)).collect()
    }

    /// The one that a `runner.toml` declares.
    fn read(path: &Path) -> Result<Self, DiscoverError> {
        let manifest: Manifest = read_toml(path)?;
        if manifest.command.is_empty() {
            let problem = "command is empty".into();
            return Err(DiscoverError::Manifest { path: path.into(), problem });
        }
        Ok(Self { folder: folder_of(path), manifest })
    }

    /// The command that builds it, where there is one.
    pub(crate) fn build(&self) -> Option<Command> {
        let (program, arguments) = self.manifest.build.split_first()?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder);
        Some(command)
    }

    /// Which tool it lacks, and how to get it.
    pub(crate) fn missing_tool(&self) -> Option<String> {
        let named = self.manifest.requires.iter().chain(self.manifest.command.first());
        let missing = named.filter(|name| !name.contains('/')).find(|program| !on_path(program))?;
        let install = self.manifest.install.as_deref().unwrap_or("install it");
        Some(format!("{missing} is not on the PATH; {install}"))
    }

    /// Which file of its folder is not there yet.
    fn missing_file(&self) -> Option<String> {
        let named = self.manifest.requires.iter().chain(self.manifest.command.first());
        let missing =
            named.filter(|name| name.contains('/')).find(|name| !self.folder.join(name).is_file())?;
        if self.manifest.build.is_empty() {
            return Some(format!("{missing} is not in {}", self.folder.display()));
        }
        let build = self.manifest.build.join(" ");
        Some(format!("not built; make build, or {build} in {}", self.folder.display()))
    }

    /// The runner, which stands at this place.
    fn found(self, place: PathBuf) -> Found {
        let missing = self.missing_tool().or_else(|| self.missing_file());
        let names = if self.manifest.runtimes.is_empty() {
            vec![self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()]
        } else {
            self.manifest.runtimes
        };
        let command = self.manifest.command.into_iter().map(OsString::from).collect();
        let runner = Runner { folder: self.folder, place, command, counted: None, lock_file: None };
        Found { runner, names, missing, version: None }
    }
}

fn foreign_runners(root: &Path) -> Result<Vec<Found>, DiscoverError> {
    let found = |runner: ForeignRunner| {
        let place = within(root, &runner.folder);
        runner.found(place)
    };
    Ok(ForeignRunner::all(root)?.into_iter().map(found).collect())
}

fn on_path(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|bin| bin.join(program).is_file()))
}

/// The manifests of that name one folder down, in the order of the folders' names.
fn manifests(parent: &Path, name: &str) -> Vec<PathBuf> {
    let Ok(folders) = fs::read_dir(parent) else { return Vec::new() };
    let mut found: Vec<PathBuf> =
        folders.flatten().map(|folder| folder.path().join(name)).filter(|path| path.is_file()).collect();
    found.sort();
    found
}

/// Where in the checkout a folder stands.
fn within(root: &Path, folder: &Path) -> PathBuf {
    folder.strip_prefix(root).unwrap_or(folder).into()
}

fn folder_of(manifest: &Path) -> PathBuf {
    manifest.parent().expect("a manifest stands in a folder").to_path_buf()
}

fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T, DiscoverError> {
    let fail = |problem: String| DiscoverError::Manifest { path: path.to_path_buf(), problem };
    let text = fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    toml::from_str(&text).map_err(|error| fail(error.to_string()))
}

#[cfg(test)]
mod tests {
    use protocol::Status;

    use super::*;

    pub(super) fn checkout(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    pub(super) const DESCRIBE: &str = r#"echo '{"protocol":1,"runtimes":[{"name":"x","version":"1","language":"sh","model":"m","workloads":["sleep"]}]}'"#;

    fn unavailable(runtime: &Runtime) -> (Status, String) {
        let fault = runtime.probe().unwrap_err();
        (fault.status(), fault.to_string())
    }

    #[test]
    fn a_folder_with_a_manifest_is_enough() {
        let root = checkout(&[
            ("runners/x/runner.toml", r#"command = ["sh", "main.sh"]"#),
            ("runners/x/main.sh", DESCRIBE),
        ]);
        let runtimes = discover(root.path()).unwrap();
        assert_eq!(runtimes.len(), 1);
        assert_eq!(runtimes[0].info.name, "x");
        assert!(runtimes[0].broken.is_none());
        assert_eq!(runtimes[0].runner.place, Path::new("runners/x"));
        assert_eq!(runtimes[0].runner.external_path(), None);
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
    fn a_missing_tool_comes_with_the_way_to_get_it() {
        let manifest = "command = [\"./x\"]\nrequires = [\"no-such-program\"]\ninstall = \"apt install it\"";
        let root = checkout(&[("runners/x/runner.toml", manifest)]);
        let (status, reason) = unavailable(&discover(root.path()).unwrap()[0]);
        assert_eq!(status, Status::Unavailable);
        assert_eq!(reason, "no-such-program is not on the PATH; apt install it");
    }

    #[test]
    fn a_runner_that_is_not_built_says_how_to_build_it() {
        let manifest = "command = [\"sh\", \"out/x\"]\nrequires = [\"out/x\"]\nbuild = [\"make\", \"-s\"]";
        let root = checkout(&[("runners/x/runner.toml", manifest)]);
        let (status, reason) = unavailable(&discover(root.path()).unwrap()[0]);
        assert_eq!(status, Status::Unavailable);
        assert!(reason.starts_with("not built; make build, or make -s in /"), "{reason}");
    }

    #[test]
    fn a_runner_that_talks_rubbish_is_listed_as_such() {
        let root = checkout(&[("runners/x/runner.toml", r#"command = ["echo", "hello"]"#)]);
        let (status, reason) = unavailable(&discover(root.path()).unwrap()[0]);
        assert_eq!(status, Status::ProtocolError);
        assert!(reason.contains("hello"), "{reason}");
    }

    #[test]
    fn one_name_twice_is_an_error_that_names_both_folders() {
        let manifest = r#"command = ["sh", "main.sh"]"#;
        let root = checkout(&[
            ("runners/a/runner.toml", manifest),
            ("runners/a/main.sh", DESCRIBE),
            ("runners/b/runner.toml", manifest),
            ("runners/b/main.sh", DESCRIBE),
        ]);
        let error = discover(root.path()).unwrap_err().to_string();
        assert!(error.contains("runners/a") && error.contains("runners/b"), "{error}");
    }

    #[test]
    fn an_unknown_key_in_a_manifest_is_an_error() {
        let root = checkout(&[("runners/x/runner.toml", "comand = [\"sh\"]")]);
        assert!(discover(root.path()).unwrap_err().to_string().contains("comand"));
    }
}

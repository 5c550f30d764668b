//! An experiment: one TOML file, one question.
//!
//! Everything in it is checked when it is read, and a mistake is told with its file and line and the
//! nearest right word, before anything runs.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use protocol::workload::{DURATION_NS, JITTER_NS};
use protocol::{Params, RuntimeInfo, Workload};
use serde::de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use toml::Spanned;

use crate::cell::{Request, Workers, parse_duration_ns};
use crate::discover::is_plain;
use crate::suggest::{did_you_mean, with_nearest_field};

/// The largest experiment file that is read, bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// A mistake in an experiment file.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {message}", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct ExperimentError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, and the mend.
    pub message: String,
}

/// An experiment, read and checked against the runtimes there are.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Its file's name without the ending.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
    /// What it asks, in one sentence.
    pub question: String,
    /// How often everything is repeated.
    pub presets: Presets,
    /// What is to be run on each runtime.
    pub grids: Vec<Grid>,
}

/// A runtime under the name that the results give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The runtime's own name.
    pub runtime: String,
    /// Its name in the results.
    pub label: String,
}

/// Requests that share everything but their counts, and the runtimes that are spared them.
#[derive(Debug, Clone)]
pub struct Grid {
    /// The runtimes named for it, each with its label; `None` means all.
    pub runtimes: Option<Vec<Labelled>>,
    /// One request for each combination of the axes.
    pub requests: Vec<Request>,
    /// Runtimes left out, each with the reason.
    pub leave_out: BTreeMap<String, String>,
}

/// How often everything is repeated, by preset.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Presets {
    quick: Option<Preset>,
    default: Option<Preset>,
    full: Option<Preset>,
}

/// How often everything is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Timed trials of each cell, the burn-in block included.
    pub blocks: u32,
    /// Counted trials of each cell.
    #[serde(default = "one")]
    pub counted: u32,
    /// Traced trials of each cell.
    #[serde(default = "one")]
    pub traced: u32,
    /// The most rounds a trial runs, whatever the workload asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rounds: Option<u32>,
    /// The most tasks a cell has; larger ones are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tasks: Option<u64>,
}

fn one() -> u32 {
    1
}

/// The presets by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum PresetName {
    Quick,
    Default,
    Full,
}

impl PresetName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Quick, Self::Default, Self::Full];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Default => "default",
            Self::Full => "full",
        }
    }
}

impl Presets {
    /// The preset of that name; where the experiment does not give one, a plain one.
    pub fn get(&self, name: PresetName) -> Preset {
        let plain = |blocks| Preset { blocks, counted: 1, traced: 1, max_rounds: None, max_tasks: None };
        match name {
            PresetName::Quick => self.quick.unwrap_or(Preset { max_rounds: Some(2), ..plain(2) }),
            PresetName::Default => self.default.unwrap_or(plain(6)),
            PresetName::Full => self.full.unwrap_or(plain(31)),
        }
    }

    fn all(&self) -> impl Iterator<Item = Preset> {
        [self.quick, self.default, self.full].into_iter().flatten()
    }
}

impl Experiment {
    /// Reads an experiment and checks it against the runtimes there are.
    ///
    /// # Errors
    /// With file and line, when anything in it is wrong.
    pub fn read(path: &Path, runtimes: &[&RuntimeInfo]) -> Result<Self, ExperimentError> {
        let fail = |message: String| ExperimentError { path: path.into(), line: None, message };
        let length = fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
        if length > MAX_FILE_BYTES {
            return Err(fail(format!("{length} bytes are too many for an experiment")));
        }
        let text = fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        Reader { path, text: &text, runtimes }.experiment()
    }
}

/// What the file says, before any of it is believed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    question: String,
    runtimes: Spanned<Selection>,
    presets: Option<Spanned<Presets>>,
    workload: Vec<Spanned<WorkloadTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkloadTable {
    name: Spanned<String>,
    runtimes: Option<Spanned<Selection>>,
    tasks: Scalars,
    #[serde(default)]
    duration: Scalars,
    #[serde(default)]
    jitter: Scalars,
    #[serde(default)]
    workers: Scalars,
    #[serde(default = "one")]
    rounds: u32,
    #[serde(default)]
    params: BTreeMap<Spanned<String>, u64>,
    #[serde(default)]
    leave_out: BTreeMap<Spanned<String>, String>,
}

/// `"all"`, or a list of runtimes.
enum Selection {
    All,
    Named(Vec<Spanned<Named>>),
    Word(String),
}

struct Named {
    runtime: String,
    label: Option<String>,
}

/// One value or a list of values along an axis, each with its place in the file.
#[derive(Default)]
struct Scalars(Vec<Spanned<Scalar>>);

#[derive(Clone)]
enum Scalar {
    Number(i64),
    Text(String),
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    runtimes: &'a [&'a RuntimeInfo],
}

impl Reader<'_> {
    fn experiment(&self) -> Result<Experiment, ExperimentError> {
        let file: File = toml::from_str(self.text).map_err(|error| {
            self.error(error.span().unwrap_or_default(), with_nearest_field(error.message()))
        })?;
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !is_plain(&name) {
            return Err(
                self.error(0..0, format!("{name:?} is no name for an experiment: use a-z, 0-9 and -"))
            );
        }
        if let Some(presets) = &file.presets
            && let Some(preset) = presets.get_ref().all().find(|preset| preset.blocks < 2)
        {
            let message =
                format!("{} blocks are too few: block 0 is burn-in, so 2 is the least", preset.blocks);
            return Err(self.error(presets.span(), message));
        }
        if file.workload.is_empty() {
            return Err(self.error(0..0, "no [[workload]]".into()));
        }
        let runtimes = self.selection(&file.runtimes)?;
        let grids = file
            .workload
            .iter()
            .map(|table| self.grid(&name, runtimes.as_deref(), table))
            .collect::<Result<_, _>>()?;
        Ok(Experiment {
            name,
            path: self.path.into(),
            sha256: sha256(self.text.as_bytes()),
            question: file.question,
            presets: file.presets.map(Spanned::into_inner).unwrap_or_default(),
            grids,
        })
    }

    fn selection(&self, selection: &Spanned<Selection>) -> Result<Option<Vec<Labelled>>, ExperimentError> {
        let named = match selection.get_ref() {
            Selection::All => return Ok(None),
            Selection::Word(word) => {
                let message = format!("runtimes = {word:?}: write \"all\", or a list of names");
                return Err(self.error(selection.span(), message));
            }
            Selection::Named(named) => named,
        };
        let mut labelled: Vec<Labelled> = Vec::new();
        for entry in named {
            let Named { runtime, label } = entry.get_ref();
            self.known_runtime(entry.span(), runtime)?;
            let label = label.as_ref().unwrap_or(runtime);
            if !is_plain(label) {
                return Err(self.error(entry.span(), format!("{label:?} is no label: use a-z, 0-9 and -")));
            }
            if labelled.iter().any(|other| other.label == *label) {
                let message = format!("{label:?} twice; give one of them another label");
                return Err(self.error(entry.span(), message));
            }
            labelled.push(Labelled { runtime: runtime.clone(), label: label.clone() });
        }
        Ok(Some(labelled))
    }

    fn known_runtime(&self, at: std::ops::Range<usize>, name: &str) -> Result<(), ExperimentError> {
        let mut known = self.runtimes.iter().map(|runtime| runtime.name.as_str());
        if known.any(|other| other == name) {
            return Ok(());
        }
        let known = self.runtimes.iter().map(|runtime| runtime.name.as_str());
        Err(self.error(at, format!("unknown runtime {name:?}{}", did_you_mean(name, known))))
    }

    fn grid(
        &self,
        experiment: &str,
        runtimes: Option<&[Labelled]>,
        table: &Spanned<WorkloadTable>,
    ) -> Result<Grid, ExperimentError> {
        let (whole, table) = (table.span(), table.get_ref());
        let own = table.runtimes.as_ref().map(|selection| self.selection(selection)).transpose()?;
        let runtimes = own.as_ref().map_or(runtimes, Option::as_deref);
        let name = table.name.get_ref();
        let workload = Workload::from_name(name).ok_or_else(|| {
            let known = did_you_mean(name, Workload::ALL.map(Workload::name));
            self.error(table.name.span(), format!("unknown workload {name:?}{known}"))
        })?;
        for runtime in table.leave_out.keys() {
            self.known_runtime(runtime.span(), runtime.get_ref())?;
        }
        let chosen: Vec<&RuntimeInfo> = self
            .runtimes
            .iter()
            .copied()
            .filter(|info| runtimes.is_none_or(|all| all.iter().any(|one| one.runtime == info.name)))
            .collect();
        let mut requests = Vec::new();
        for (at, tasks) in self.each(&table.tasks, &whole, Self::count)? {
            for (_, params) in self.params(table, &whole)? {
                for workers in self.workers(table, &whole)? {
                    let request = Request {
                        experiment: experiment.into(),
                        workload,
                        tasks,
                        workers,
                        rounds: table.rounds,
                        params: params.clone(),
                    };
                    let checked = request.check().and_then(|()| request.check_params(chosen.iter().copied()));
                    checked.map_err(|message| self.error(at.clone(), message))?;
                    requests.push(request);
                }
            }
        }
        let leave_out =
            table.leave_out.iter().map(|(name, why)| (name.get_ref().clone(), why.clone())).collect();
        Ok(Grid { runtimes: runtimes.map(<[Labelled]>::to_vec), requests, leave_out })
    }

    /// Every combination of durations and jitters, with the other parameters beside them.
    fn params(&self, table: &WorkloadTable, whole: &Place) -> Result<Vec<(Place, Params)>, ExperimentError> {
        let fixed = table.params.iter().map(|(name, value)| (name.get_ref().clone(), *value));
        let mut all: Vec<(Place, Params)> = vec![(whole.clone(), fixed.collect())];
        for (name, axis) in [(DURATION_NS, &table.duration), (JITTER_NS, &table.jitter)] {
            if axis.0.is_empty() {
                continue;
            }
            let values = self.each(axis, whole, Self::duration)?;
            all = all
                .iter()
                .flat_map(|(_, params)| {
                    values.iter().map(move |(at, ns)| {
                        let mut params = params.clone();
                        params.insert(name.into(), *ns);
                        (at.clone(), params)
                    })
                })
                .collect();
        }
        Ok(all)
    }

    fn workers(&self, table: &WorkloadTable, whole: &Place) -> Result<Vec<Option<Workers>>, ExperimentError> {
        if table.workers.0.is_empty() {
            return Ok(vec![None]);
        }
        let each = self.each(&table.workers, whole, |scalar| match scalar {
            Scalar::Text(text) if text == "all" => Ok(Workers::All),
            Scalar::Text(text) => Err(format!("workers = {text:?}: write a number or \"all\"")),
            Scalar::Number(number) => u32::try_from(*number)
                .map(Workers::Count)
                .map_err(|_| format!("{number} workers are not possible")),
        })?;
        Ok(each.into_iter().map(|(_, workers)| Some(workers)).collect())
    }

    fn count(scalar: &Scalar) -> Result<u64, String> {
        match scalar {
            Scalar::Number(number) => {
                u64::try_from(*number).map_err(|_| format!("{number} tasks: at least 1 is needed"))
            }
            Scalar::Text(text) => Err(format!("{text:?} is not a number of tasks")),
        }
    }

    fn duration(scalar: &Scalar) -> Result<u64, String> {
        match scalar {
            Scalar::Text(text) => parse_duration_ns(text),
            Scalar::Number(number) => Err(format!("{number} has no unit; write it like \"{number}ms\"")),
        }
    }

    /// Each value of an axis, understood.
    fn each<T>(
        &self,
        axis: &Scalars,
        whole: &Place,
        understand: impl Fn(&Scalar) -> Result<T, String>,
    ) -> Result<Vec<(Place, T)>, ExperimentError> {
        if axis.0.is_empty() {
            return Err(self.error(whole.clone(), "an empty list runs nothing".into()));
        }
        axis.0
            .iter()
            .map(|value| {
                let understood = understand(value.get_ref());
                let at = value.span();
                understood.map(|value| (at.clone(), value)).map_err(|message| self.error(at, message))
            })
            .collect()
    }

    fn error(&self, at: Place, message: String) -> ExperimentError {
        let line = self.text.get(..at.start).map(|before| before.matches('\n').count() + 1);
        ExperimentError { path: self.path.into(), line, message }
    }
}

/// Where in the file something stands, bytes.
type Place = std::ops::Range<usize>;

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use fmt::Write;
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl<'de> Deserialize<'de> for Selection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Selection;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("\"all\" or a list of runtimes")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Selection, E> {
                Ok(if word == "all" { Selection::All } else { Selection::Word(word.into()) })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Selection, A::Error> {
                let mut named = Vec::new();
                while let Some(entry) = list.next_element()? {
                    named.push(entry);
                }
                Ok(Selection::Named(named))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            runtime: String,
            label: Option<String>,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Named;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a runtime's name, or { runtime = \"…\", label = \"…\" }")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Named, E> {
                Ok(Named { runtime: name.into(), label: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Named, A::Error> {
                let Table { runtime, label } = Table::deserialize(MapAccessDeserializer::new(table))?;
                Ok(Named { runtime, label })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Scalars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Scalars;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of values")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalars, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Scalars(values))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a number or a text")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar::Number(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(text.into()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime(name: &str) -> RuntimeInfo {
        RuntimeInfo {
            name: name.into(),
            version: "1".into(),
            language: "rust".into(),
            model: String::new(),
            workloads: vec!["sleep".into(), "hold".into()],
            workers_default: None,
            workers_max: None,
            blocks_worker: false,
            params: Params::from([("stack_bytes".into(), 1)]),
        }
    }

    fn read(text: &str) -> Result<Experiment, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.toml");
        fs::write(&path, text).unwrap();
        let runtimes = [runtime("tokio"), runtime("floor")];
        Experiment::read(&path, &runtimes.iter().collect::<Vec<_>>()).map_err(|error| {
            let text = error.to_string();
            text.strip_prefix(&format!("{}/", folder.path().display())).unwrap_or(&text).to_string()
        })
    }

    const HEAD: &str = "question = \"?\"\nruntimes = \"all\"\n";

    #[test]
    fn every_combination_of_the_axes_is_a_request() {
        let text = "[[workload]]\nname = \"sleep\"\ntasks = [1, 10]\nduration = [\"1ms\", \"2ms\"]\nworkers = [1, \"all\"]\nrounds = 3";
        let experiment = read(&format!("{HEAD}{text}")).unwrap();
        assert_eq!(experiment.name, "x");
        assert_eq!(experiment.grids[0].requests.len(), 8);
        assert_eq!(experiment.grids[0].requests[7].params[DURATION_NS], 2_000_000);
        assert_eq!(experiment.grids[0].requests[7].workers, Some(Workers::All));
    }

    #[test]
    fn a_runtime_can_stand_under_two_names() {
        let text = "question = \"?\"\nruntimes = [\"floor\", { runtime = \"floor\", label = \"floor-again\" }]\n\
                    [[workload]]\nname = \"sleep\"\ntasks = [1]";
        let labels: Vec<String> =
            read(text).unwrap().grids.remove(0).runtimes.unwrap().into_iter().map(|one| one.label).collect();
        assert_eq!(labels, ["floor", "floor-again"]);
    }

    #[test]
    fn a_workload_can_have_runtimes_of_its_own() {
        let workload = "[[workload]]\nname = \"sleep\"\ntasks = [1]\n";
        let grids = read(&format!("{HEAD}{workload}runtimes = [\"floor\"]\n{workload}")).unwrap().grids;
        assert_eq!(grids[0].runtimes.as_ref().unwrap()[0].runtime, "floor");
        assert!(grids[1].runtimes.is_none());
    }

    #[test]
    fn mistakes_are_told_with_file_and_line_and_the_nearest_word() {
        let workload = "[[workload]]\nname = \"sleep\"\ntasks = [1]\n";
        let cases = [
            (
                "[[workload]]\nname = \"slep\"\ntasks = [1]",
                "x.toml:4: unknown workload \"slep\"; did you mean \"sleep\"?",
            ),
            (
                "[[workload]]\nname = \"sleep\"\ntaks = [1]",
                "x.toml:5: unknown key \"taks\"; did you mean \"tasks\"?",
            ),
            ("[[workload]]\nname = \"sleep\"\ntasks = [1,\n 0]", "x.toml:6: 0 tasks: at least 1 is needed"),
            ("[[workload]]\nname = \"sleep\"\ntasks = [-5]", "x.toml:5: -5 tasks: at least 1 is needed"),
            ("[[workload]]\nname = \"sleep\"\ntasks = [99999999999]", "x.toml:5: 99999999999 tasks: at most"),
            (&format!("{workload}duration = [\"5\"]"), "x.toml:6: \"5\" is not a duration"),
            (&format!("{workload}duration = [\"-1ms\"]"), "x.toml:6: \"-1ms\" is not a duration"),
            (&format!("{workload}duration = [5]"), "x.toml:6: 5 has no unit; write it like \"5ms\""),
            (&format!("{workload}params = {{ stack_byte = 1 }}"), "did you mean \"stack_bytes\"?"),
            (
                &format!("{workload}leave_out = {{ tokyo = \"far\" }}"),
                "x.toml:6: unknown runtime \"tokyo\"; did you mean \"tokio\"?",
            ),
            (&format!("{workload}workers = [\"many\"]"), "x.toml:6: workers = \"many\""),
            (
                "[presets.quick]\nblocks = 1\n[[workload]]\nname = \"sleep\"\ntasks = [1]",
                "1 blocks are too few",
            ),
            ("", "x.toml:1: missing field `workload`"),
        ];
        for (text, expected) in cases {
            let error = read(&format!("{HEAD}{text}")).unwrap_err();
            assert!(error.contains(expected), "{text}\n  gave {error}\n  not  {expected}");
        }
        let error = read("question = \"?\"\nruntimes = [\n  \"floor\",\n  \"tokoi\",\n]\n").unwrap_err();
        assert!(error.contains("missing field"), "{error}");
        let error =
            read(&format!("question = \"?\"\nruntimes = [\n  \"floor\",\n  \"tokoi\",\n]\n{workload}"));
        assert!(error.unwrap_err().starts_with("x.toml:4: unknown runtime \"tokoi\""));
    }

    #[test]
    fn the_hash_is_that_of_the_file() {
        // Published test vector of SHA-256, FIPS 180-2, "abc".
        assert!(sha256(b"abc").starts_with("ba7816bf8f01cfea"));
    }
}

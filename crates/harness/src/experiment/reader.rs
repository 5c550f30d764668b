//! Reads an experiment file, and checks all of it.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use protocol::workload::{DURATION_NS, JITTER_NS};
use protocol::{Params, RuntimeInfo, Workload};
use results::cell::bounded;
use results::plan::{MAX_BLOCKS, MAX_CELLS, MAX_MEMORY_MIB};
use toml::Spanned;

use super::grid::{Grid, Labelled};
use super::syntax::{File, Scalar, Scalars, Selection, Table, WorkloadTable, plain_text};
use crate::cell::{Request, Workers, check_param, check_rounds, parse_duration_ns, parse_param};
use crate::names::{Versioned, is_runtime_name};
use crate::suggest::{did_you_mean, with_nearest_field};

/// A mistake in an experiment file.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {message}", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
#[allow(missing_docs)]
pub struct ExperimentError {
    pub path: PathBuf,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, and how to fix it.
    pub message: String,
}

/// What the file says, where that makes sense.
pub(super) type Checked<T> = Result<T, ExperimentError>;

/// Where in the file something is, bytes.
pub(super) type Place = std::ops::Range<usize>;

/// A file's text, and what it may name.
pub(super) struct Reader<'a> {
    pub path: &'a Path,
    pub text: &'a str,
    pub runtimes: &'a [&'a RuntimeInfo],
}

impl Reader<'_> {
    /// Every version of a runtime that the file names.
    pub fn versions(&self) -> Checked<BTreeSet<Versioned>> {
        let file = self.file()?;
        let own = file.workload.iter().filter_map(|table| table.get_ref().runtimes.as_ref());
        let lists = own.chain([&file.runtimes]).filter_map(|selection| match selection.get_ref() {
            Selection::Named(named) => Some(named),
            Selection::All | Selection::Word(_) => None,
        });
        Ok(lists.flatten().filter_map(|entry| Versioned::parse(entry.get_ref().names().0)).collect())
    }

    pub fn file(&self) -> Checked<File> {
        toml::from_str(self.text).map_err(|error| {
            self.error(error.span().unwrap_or_default(), with_nearest_field(error.message()))
        })
    }

    pub fn selection(&self, selection: &Spanned<Selection>) -> Checked<Option<Vec<Labelled>>> {
        let named = match selection.get_ref() {
            Selection::All => return Ok(None),
            Selection::Word(word) => {
                let message = format!("runtimes = {word:?}: write \"all\", or a list of names");
                return Err(self.error(selection.span(), message));
            }
            Selection::Named(named) => named,
        };
        let (mut labelled, mut seen) = (Vec::new(), HashSet::new());
        for entry in named {
            let (runtime, label) = entry.get_ref().names();
            self.known_runtime(entry.span(), runtime)?;
            if !is_runtime_name(label) {
                return Err(
                    self.error(entry.span(), format!("{label:?} is not a valid label; use a-z, 0-9 and -"))
                );
            }
            if !seen.insert(label) {
                let message = format!("{label:?} is used twice; give one of them another label");
                return Err(self.error(entry.span(), message));
            }
            labelled.push(Labelled { runtime: runtime.clone(), label: label.clone() });
        }
        Ok(Some(labelled))
    }

    fn known_runtime(&self, at: Place, name: &str) -> Checked<()> {
        let known: Vec<&str> = self.runtimes.iter().map(|runtime| runtime.name.as_str()).collect();
        if known.contains(&name) {
            return Ok(());
        }
        Err(self.error(at, format!("unknown runtime {name:?}{}", did_you_mean(name, known))))
    }

    pub fn grid(&self, experiment: &str, runtimes: Option<&[Labelled]>, placed: &Table) -> Checked<Grid> {
        let table = placed.get_ref();
        let own = table.runtimes.as_ref().map(|selection| self.selection(selection)).transpose()?;
        let runtimes = own.as_ref().map_or(runtimes, Option::as_deref);
        let name = table.name.get_ref();
        let workload = Workload::from_name(name).ok_or_else(|| {
            let known = did_you_mean(name, Workload::NAMES);
            self.error(table.name.span(), format!("unknown workload {name:?}{known}"))
        })?;
        for runtime in table.leave_out.keys() {
            self.known_runtime(runtime.span(), runtime.get_ref())?;
        }
        let chosen =
            |info: &&RuntimeInfo| runtimes.is_none_or(|all| all.iter().any(|one| one.runtime == info.name));
        let chosen: Vec<&RuntimeInfo> = self.runtimes.iter().copied().filter(chosen).collect();
        self.check_params(table, workload, &chosen)?;
        let leave_out =
            table.leave_out.iter().map(|(name, why)| (name.get_ref().clone(), plain_text(why))).collect();
        let requests = self.requests(experiment, workload, placed)?;
        let runtimes = runtimes.map(<[Labelled]>::to_vec);
        let presets = table.presets.clone();
        let ceiling = table.ceiling;
        let memory_limit_mib =
            self.limit("MiB of memory", table.memory_limit_mib.as_ref(), MAX_MEMORY_MIB)?;
        let most_blocks = self.limit("blocks", table.most_blocks.as_ref(), MAX_BLOCKS)?;
        Ok(Grid { runtimes, requests, leave_out, ceiling, memory_limit_mib, presets, most_blocks })
    }

    /// A number that is not 0 and not beyond what is possible, where there is one.
    fn limit<T: Copy + Into<u64>>(
        &self,
        what: &str,
        given: Option<&Spanned<T>>,
        most: T,
    ) -> Checked<Option<T>> {
        let Some(given) = given else { return Ok(None) };
        let value = *given.get_ref();
        bounded(what, value, most).map_err(|message| self.error(given.span(), message))?;
        Ok(Some(value))
    }

    /// The combinations of all axes on all runtimes are no more than a run may have cells. They are counted before any is
    /// made: a short file can ask for more than fit into memory.
    pub fn check_size(&self, file: &File, runtimes: Option<&[Labelled]>) -> Checked<()> {
        let mut cells: u64 = 0;
        for placed in &file.workload {
            let table = placed.get_ref();
            let axes =
                [&table.tasks, &table.duration, &table.jitter, &table.workers].map(|axis| axis.0.len());
            let params = table.params.values().map(|values| values.as_slice().len());
            let runtimes = match table.runtimes.as_ref().map(Spanned::get_ref) {
                Some(Selection::Named(named)) => named.len(),
                Some(_) => self.runtimes.len(),
                None => runtimes.map_or(self.runtimes.len(), <[_]>::len),
            };
            let lengths = axes.into_iter().chain(params).chain([runtimes]);
            let all = lengths.fold(1, |all: u64, length| all.saturating_mul(length.max(1) as u64));
            cells = cells.saturating_add(all);
            if cells > MAX_CELLS as u64 {
                let message = format!(
                    "its combinations on all runtimes, with those before, are {cells} cells: at most {MAX_CELLS} \
                     are possible"
                );
                return Err(self.error(placed.span(), message));
            }
        }
        Ok(())
    }

    /// Every parameter that is named is one that the workload or a chosen runtime has.
    fn check_params(
        &self,
        table: &WorkloadTable,
        workload: Workload,
        chosen: &[&RuntimeInfo],
    ) -> Checked<()> {
        let axes = [(DURATION_NS, &table.duration), (JITTER_NS, &table.jitter)];
        let given = axes.into_iter().filter_map(|(name, axis)| Some((name, axis.0.first()?.span())));
        let named = table.params.keys().map(|name| (name.get_ref().as_str(), name.span()));
        for (name, at) in given.chain(named) {
            check_param(name, workload, chosen).map_err(|message| self.error(at, message))?;
        }
        Ok(())
    }

    /// One request for each combination of the axes.
    fn requests(&self, experiment: &str, workload: Workload, table: &Table) -> Checked<Vec<Request>> {
        let rounds = table.get_ref().rounds.as_ref().map_or(1, |rounds| *rounds.get_ref());
        if let Some(given) = &table.get_ref().rounds {
            check_rounds(rounds).map_err(|message| self.error(given.span(), message))?;
        }
        let mut requests = Vec::new();
        for (at, tasks) in self.each(&table.get_ref().tasks, table, Self::count)? {
            for params in self.params(workload, table)? {
                for workers in self.workers(table)? {
                    let params = params.clone();
                    let request =
                        Request { workers, rounds, params, ..Request::new(experiment, workload, tasks) };
                    request.check().map_err(|message| self.error(at.clone(), message))?;
                    requests.push(request);
                }
            }
        }
        Ok(requests)
    }

    /// Every combination of the values of all parameters.
    fn params(&self, workload: Workload, table: &Table) -> Checked<Vec<Params>> {
        let mut axes: Vec<(&str, Vec<u64>)> = Vec::new();
        for (name, values) in &table.get_ref().params {
            let value = |scalar: &Scalar| match scalar {
                Scalar::Text(text) => parse_param(workload, name.get_ref(), text),
                Scalar::Number(number) => parse_param(workload, name.get_ref(), &number.to_string()),
            };
            let values = values.as_slice().iter().map(value).collect::<Result<Vec<_>, _>>();
            axes.push((name.get_ref(), values.map_err(|message| self.error(name.span(), message))?));
        }
        for (name, axis) in [(DURATION_NS, &table.get_ref().duration), (JITTER_NS, &table.get_ref().jitter)] {
            if !axis.0.is_empty() {
                let values = self.each(axis, table, Self::duration)?;
                axes.push((name, values.into_iter().map(|(_, ns)| ns).collect()));
            }
        }
        Ok(axes.into_iter().fold(vec![Params::new()], |all, (name, values)| {
            let with = |params: &Params, value: u64| {
                let mut params = params.clone();
                params.insert(name.into(), value);
                params
            };
            all.iter().flat_map(|params| values.iter().map(|value| with(params, *value))).collect()
        }))
    }

    fn workers(&self, table: &Table) -> Checked<Vec<Option<Workers>>> {
        if table.get_ref().workers.0.is_empty() {
            return Ok(vec![None]);
        }
        let each = self.each(&table.get_ref().workers, table, |scalar| match scalar {
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

    /// Each value of an axis, parsed, with its place.
    fn each<T>(
        &self,
        axis: &Scalars,
        table: &Table,
        parse: impl Fn(&Scalar) -> Result<T, String>,
    ) -> Checked<Vec<(Place, T)>> {
        if axis.0.is_empty() {
            return Err(self.error(table.span(), "the list is empty; name at least one value".into()));
        }
        axis.0
            .iter()
            .map(|value| {
                let parsed = parse(value.get_ref());
                let at = value.span();
                parsed.map(|value| (at.clone(), value)).map_err(|message| self.error(at, message))
            })
            .collect()
    }

    pub(super) fn error(&self, at: Place, message: String) -> ExperimentError {
        let line = self.text.get(..at.start).map(|before| before.matches('\n').count() + 1);
        ExperimentError { path: self.path.into(), line, message }
    }
}

//! The trait that a runtime implements, and the runtime as the rest of its runner sees it.

use std::collections::BTreeMap;

use protocol::workload::ParamSpec;
use protocol::{Job, Params, Refusal, RuntimeInfo, Workload};

use crate::needs::Needs;
use crate::round::{Round, Tally};

/// How a runtime describes itself.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Plain name, unique among all runners.
    pub name: &'static str,
    /// Version of the runtime, best from [`locked_version!`](crate::locked_version!).
    pub version: &'static str,
    /// How it schedules, in a few words.
    pub model: &'static str,
    /// The kind of runtimes that it is shown with; `None` means `async`.
    pub family: Option<&'static str>,
    /// Whether it is ranked nowhere.
    pub reference: bool,
    /// The runtime that it is another build or setting of.
    pub variant_of: Option<&'static str>,
    /// Worker threads when nobody gives a number; `None` means one per core.
    pub workers_default: Option<u32>,
    /// The most worker threads it can have; `None` means any number.
    pub workers_max: Option<u32>,
    /// Whether a task that waits keeps its worker to itself.
    pub blocks_worker: bool,
    /// Whether only experiments that name it include it.
    pub on_request: bool,
    /// Parameters of its own with their defaults, which the harness fills into every job.
    pub params: &'static [(&'static str, u64)],
}

impl About {
    /// A runtime with any number of workers, one per core by default, and no parameters of its own.
    pub const fn new(name: &'static str, version: &'static str, model: &'static str) -> Self {
        Self {
            name,
            version,
            model,
            family: None,
            reference: false,
            variant_of: None,
            workers_default: None,
            workers_max: None,
            blocks_worker: false,
            on_request: false,
            params: &[],
        }
    }

    /// The same in another family than `async`.
    #[must_use]
    pub const fn family(mut self, family: &'static str) -> Self {
        self.family = Some(family);
        self
    }

    /// The same as a reference in the family `baseline`: nobody can adopt it, or it does less than the others, so that
    /// it is shown and ranked nowhere.
    #[must_use]
    pub const fn baseline(mut self) -> Self {
        self.family = Some("baseline");
        self.reference = true;
        self
    }

    /// The same as another build or setting of a runtime: shown beside it and ranked nowhere, and run only by
    /// experiments that name it.
    #[must_use]
    pub const fn variant_of(mut self, parent: &'static str) -> Self {
        self.variant_of = Some(parent);
        self.on_request = true;
        self
    }

    /// The same with one worker thread, always.
    #[must_use]
    pub const fn single_worker(mut self) -> Self {
        self.workers_default = Some(1);
        self.workers_max = Some(1);
        self
    }
}

/// The workloads of a runtime: each with the function that runs one round and returns what its
/// tasks did.
pub type Workloads<R> = &'static [(Workload, fn(&mut R, &'static Round) -> Tally)];

/// A runtime that a runner hosts.
pub trait Runtime: Sized + 'static {
    /// What it is.
    const ABOUT: About;

    /// The workloads it supports, each with the function that runs one round of it.
    const WORKLOADS: Workloads<Self>;

    /// Workloads that one might expect of it, each with the reason why it has none: what its
    /// authors offer no means for is not imitated by other means.
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[];

    /// Workloads whose figures mislead where nothing is said beside them, each with what to say: a short sentence,
    /// printed wherever the cell is ranked, and with verdicts.
    const CAVEATS: &'static [(Workload, &'static str)] = &[];

    /// Workloads that it has with one worker only, each with the reason.
    const ONE_WORKER_ONLY: &'static [(Workload, &'static str)] = &[];

    /// Values of a workload's parameters that it has no means for, each with the reason.
    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] = &[];

    /// What it needs of the machine; the runner refuses a job that the machine's limits do not
    /// allow.
    const NEEDS: Needs = Needs::DEFAULT;

    /// Builds the runtime for a job: all that comes before the first task. This is start-up and no
    /// part of the makespan. Seed, origin and file are not known yet: a round has them.
    ///
    /// # Errors
    /// When it cannot run on this machine, or not with this job: with the reason and what to do.
    fn start(job: &Job) -> Result<Self, Refusal>;
}

/// A runtime with its type erased, so that one runner can host several.
#[derive(Clone, Copy)]
pub struct Host {
    pub(crate) info: fn() -> RuntimeInfo,
    pub(crate) probe: fn() -> Result<(), Refusal>,
    pub(crate) start: fn(&Job, Workload) -> Result<Started, Refusal>,
}

/// A runtime that has been started, bound to its job's workload.
pub(crate) type Started = Box<dyn FnMut(&'static Round) -> Tally>;

impl Host {
    /// The host of runtime `R`.
    pub const fn of<R: Runtime>() -> Self {
        Self { info: info::<R>, probe: probe::<R>, start: start::<R> }
    }
}

fn info<R: Runtime>() -> RuntimeInfo {
    let about = R::ABOUT;
    RuntimeInfo {
        name: about.name.into(),
        version: about.version.into(),
        language: "rust".into(),
        model: about.model.into(),
        workloads: R::WORKLOADS.iter().map(|(workload, _)| workload.name().into()).collect(),
        family: about.family.map(Into::into),
        reference: about.reference,
        variant_of: about.variant_of.map(Into::into),
        unsupported: by_workload(R::UNSUPPORTED),
        caveats: by_workload(R::CAVEATS),
        workers_default: about.workers_default,
        workers_max: about.workers_max,
        blocks_worker: about.blocks_worker,
        on_request: about.on_request,
        params: params(&about),
    }
}

fn by_workload(table: &[(Workload, &str)]) -> BTreeMap<String, String> {
    table.iter().map(|&(workload, words)| (workload.name().into(), words.into())).collect()
}

fn params(about: &About) -> Params {
    about.params.iter().map(|&(name, value)| (name.into(), value)).collect()
}

/// Really starts the runtime for a job of one task: a build that links proves nothing.
fn probe<R: Runtime>() -> Result<(), Refusal> {
    let workload = R::WORKLOADS[0].0;
    let job = Job { params: params(&R::ABOUT), ..Job::new(R::ABOUT.name, workload, 1) };
    R::NEEDS.require(&job, workload)?;
    R::start(&job).map(drop)
}

fn start<R: Runtime>(job: &Job, workload: Workload) -> Result<Started, Refusal> {
    let run = R::WORKLOADS.iter().find(|(has, _)| *has == workload).map(|&(_, run)| run);
    let run = run.ok_or_else(|| unsupported::<R>(workload))?;
    refuse_without_means::<R>(job, workload)?;
    R::NEEDS.require(job, workload)?;
    let mut runtime = R::start(job)?;
    Ok(Box::new(move |round| run(&mut runtime, round)))
}

fn unsupported<R: Runtime>(workload: Workload) -> Refusal {
    let (runtime, name) = (R::ABOUT.name, workload.name());
    Refusal::unsupported(match reason(R::UNSUPPORTED, workload) {
        Some(why) => format!("{runtime} has no {name}: {why}"),
        None => format!("{runtime} has no workload {name}"),
    })
}

/// Refuses a workload that the runtime has, but not with these workers or parameters.
fn refuse_without_means<R: Runtime>(job: &Job, workload: Workload) -> Result<(), Refusal> {
    if let (Some(why), 2..) = (reason(R::ONE_WORKER_ONLY, workload), job.workers) {
        return Err(Refusal::unsupported(format!(
            "{} has no {} with {} workers: {why}; ask for one worker",
            R::ABOUT.name,
            workload.name(),
            job.workers
        )));
    }
    for &(name, value, why) in R::UNSUPPORTED_CHOICES {
        let Some(spec) = workload.param_spec(name) else { continue };
        if workload.param(&job.params, name) == value {
            let (choice, others) = words(spec, value);
            return Err(Refusal::unsupported(format!("{name} = {choice}: {why}; ask for {others}")));
        }
    }
    Ok(())
}

/// The word for a value of a parameter, and the words for its other values.
fn words(spec: &ParamSpec, value: u64) -> (String, String) {
    let (choice, others): (Vec<_>, Vec<_>) =
        (0..).zip(spec.choices.iter().copied()).partition(|(index, _)| *index == value);
    let join =
        |words: Vec<(u64, &str)>| words.into_iter().map(|(_, word)| word).collect::<Vec<_>>().join(" or ");
    (join(choice), join(others))
}

fn reason(table: &'static [(Workload, &'static str)], workload: Workload) -> Option<&'static str> {
    table.iter().find(|(listed, _)| *listed == workload).map(|&(_, why)| why)
}

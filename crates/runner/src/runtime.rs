//! What a runtime is, to the rest of its runner.

use protocol::{Job, Params, Refusal, RuntimeInfo, Workload};

use crate::round::{Round, Tally};

/// What a runtime says of itself.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Plain name, unique among all runners.
    pub name: &'static str,
    /// Version of the runtime, best from [`locked_version!`](crate::locked_version!).
    pub version: &'static str,
    /// How it schedules, in a few words.
    pub model: &'static str,
    /// Worker threads when nobody asks for a number; `None` means one a core.
    pub workers_default: Option<u32>,
    /// The most worker threads it can have; `None` means any number.
    pub workers_max: Option<u32>,
    /// Whether a task that waits keeps its worker to itself.
    pub blocks_worker: bool,
    /// Whether it takes part only where an experiment names it.
    pub on_request: bool,
    /// Parameters of its own with their defaults, which the harness fills into every job.
    pub params: &'static [(&'static str, u64)],
}

impl About {
    /// A runtime with any number of workers, one a core by default, and no parameters of its own.
    pub const fn new(name: &'static str, version: &'static str, model: &'static str) -> Self {
        Self {
            name,
            version,
            model,
            workers_default: None,
            workers_max: None,
            blocks_worker: false,
            on_request: false,
            params: &[],
        }
    }

    /// The same with one worker thread, always.
    #[must_use]
    pub const fn single_worker(mut self) -> Self {
        self.workers_default = Some(1);
        self.workers_max = Some(1);
        self
    }
}

/// The workloads of a runtime: each with the function that runs one round and returns what its tasks did.
pub type Workloads<R> = &'static [(Workload, fn(&mut R, &'static Round) -> Tally)];

/// A runtime that a runner hosts.
pub trait Runtime: Sized + 'static {
    /// What it is.
    const ABOUT: About;

    /// The workloads it supports, each with the function that runs one round of it.
    const WORKLOADS: Workloads<Self>;

    /// Workloads that one might expect of it, each with the reason why it has none: what its authors
    /// offer no means for is not imitated by other means.
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[];

    /// Builds the runtime for a job, all that comes before the first task: this is start-up, not
    /// makespan.
    ///
    /// # Errors
    /// When the machine cannot run it, or not this many tasks: with the limit and the mend.
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
        unsupported: R::UNSUPPORTED
            .iter()
            .map(|&(workload, why)| (workload.name().into(), why.into()))
            .collect(),
        workers_default: about.workers_default,
        workers_max: about.workers_max,
        blocks_worker: about.blocks_worker,
        on_request: about.on_request,
        params: params(&about),
    }
}

fn params(about: &About) -> Params {
    about.params.iter().map(|&(name, value)| (name.into(), value)).collect()
}

/// Really starts the runtime for a job of one task: a build that links proves nothing.
fn probe<R: Runtime>() -> Result<(), Refusal> {
    let job = Job { params: params(&R::ABOUT), ..Job::new(R::ABOUT.name, R::WORKLOADS[0].0, 1, 0) };
    R::start(&job).map(drop)
}

fn start<R: Runtime>(job: &Job, asked: Workload) -> Result<Started, Refusal> {
    let run = R::WORKLOADS.iter().find(|(workload, _)| *workload == asked).map(|&(_, run)| run);
    let why = || R::UNSUPPORTED.iter().find(|(workload, _)| *workload == asked).map(|(_, why)| *why);
    let run = run.ok_or_else(|| {
        let name = R::ABOUT.name;
        Refusal::unsupported(match why() {
            Some(why) => format!("{name} has no {}: {why}", asked.name()),
            None => format!("{name} has no workload {}", asked.name()),
        })
    })?;
    let mut runtime = R::start(job)?;
    Ok(Box::new(move |round| run(&mut runtime, round)))
}

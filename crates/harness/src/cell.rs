//! What a person asks of a runtime, and the cell that comes of it.

use std::time::Duration;

use protocol::workload::{DURATION_NS, JITTER_NS};
use protocol::{Params, RuntimeInfo, Workload};
pub use results::cell::{Cell, MAX_WORKERS, Workers, check_rounds};
use results::cell::{bounded, check_size, choice};

use crate::suggest::did_you_mean;

/// What a person asks of a runtime; what is not said takes its default.
#[derive(Debug, Clone)]
pub struct Request {
    /// The experiment that asks.
    pub experiment: String,
    /// What the tasks are to do.
    pub workload: Workload,
    /// Tasks a round.
    pub tasks: u64,
    /// Worker threads; `None` leaves it to the runtime.
    pub workers: Option<Workers>,
    /// Rounds of a timed trial.
    pub rounds: u32,
    /// Parameters that are given.
    pub params: Params,
}

impl Request {
    /// One round of so many tasks, with everything else at its default.
    pub fn new(experiment: &str, workload: Workload, tasks: u64) -> Self {
        let experiment = experiment.into();
        Self { experiment, workload, tasks, workers: None, rounds: 1, params: Params::new() }
    }

    /// Checks what can be checked without a runtime.
    pub fn check(&self) -> Result<(), String> {
        check_size(self.workload, self.tasks, self.rounds, &self.params)?;
        if let Some(Workers::Count(workers)) = self.workers {
            bounded("workers", workers, MAX_WORKERS)?;
        }
        Ok(())
    }

    /// Checks that each parameter given is one of the workload's or of these runtimes'.
    pub fn check_params(&self, runtimes: &[&RuntimeInfo]) -> Result<(), String> {
        self.params.keys().try_for_each(|name| check_param(name, self.workload, runtimes))
    }

    /// The cell of this request on one runtime, or why the runtime cannot do it by its own description.
    pub fn on(&self, runtime: &RuntimeInfo, label: &str, cores: u32) -> Result<Cell, String> {
        // What it says it cannot do is a row all the same, with the reason it gives.
        let known = runtime.workloads.iter().chain(runtime.unsupported.keys());
        if !known.into_iter().any(|name| name == self.workload.name()) {
            return Err(format!("it has no workload {}", self.workload.name()));
        }
        let workers = match self.workers {
            Some(Workers::Count(workers)) => workers,
            Some(Workers::All) => cores,
            None => runtime.workers_default.unwrap_or(cores),
        };
        if let Some(most) = runtime.workers_max.filter(|&most| workers > most) {
            return Err(format!("it has at most {most} workers, not {workers}"));
        }
        let group = format!("{}_{}", self.experiment, self.group());
        Ok(Cell {
            id: format!("{group}_{label}"),
            experiment: self.experiment.clone(),
            group,
            label: label.into(),
            runtime: runtime.name.clone(),
            workload: self.workload.name().into(),
            tasks: self.tasks,
            workers,
            workers_asked: self.workers,
            rounds: self.rounds,
            params: self.params_on(runtime),
        })
    }

    fn params_on(&self, runtime: &RuntimeInfo) -> Params {
        let defaults = self.workload.params().iter().map(|param| (param.name.to_string(), param.default));
        // What the workload asks stands, whatever a runtime calls its own.
        let mut params: Params = runtime.params.clone().into_iter().chain(defaults).collect();
        for (name, value) in &mut params {
            *value = self.params.get(name).copied().unwrap_or(*value);
        }
        params
    }

    /// All that was asked but the runtime: `sleep-1000-1ms`.
    pub fn group(&self) -> String {
        self.group_of(&self.tasks.to_string())
    }

    /// What it has in common with the same for other numbers of tasks: `sleep-*-1ms`.
    pub fn series(&self) -> String {
        self.group_of("*")
    }

    fn group_of(&self, tasks: &str) -> String {
        let mut group = format!("{}-{tasks}", self.workload.name());
        if self.workload.param_spec(DURATION_NS).is_some() {
            let ns = self.workload.param(&self.params, DURATION_NS);
            group.extend(["-".into(), plain_duration(ns)]);
        }
        let jitter = self.params.get(JITTER_NS).filter(|&&ns| ns > 0);
        group.extend(jitter.map(|&ns| format!("-jitter{}", plain_duration(ns))));
        group.extend(self.workers.map(|workers| match workers {
            Workers::Count(count) => format!("-w{count}"),
            Workers::All => "-wall".into(),
        }));
        let rest = self.params.iter().filter(|(name, _)| ![DURATION_NS, JITTER_NS].contains(&name.as_str()));
        group.extend(rest.map(|(name, &value)| {
            let name_and_value = match choice(self.workload, name, value) {
                Some(word) => word.into(),
                None => format!("{}{value}", name.replace('_', "-")),
            };
            format!("-{name_and_value}")
        }));
        group
    }
}

/// The value of a parameter, given as a number or as its word.
pub fn parse_param(workload: Workload, name: &str, text: &str) -> Result<u64, String> {
    let choices = workload.param_spec(name).map_or(&[][..], |spec| spec.choices);
    if let Some(value) = choices.iter().position(|word| *word == text) {
        return Ok(value as u64);
    }
    match text.parse() {
        Ok(value) if choices.is_empty() || value < choices.len() as u64 => Ok(value),
        _ if choices.is_empty() => Err(format!("{name} = {text:?}: write a whole number")),
        _ => Err(format!("{name} = {text:?}: it must be one of {}", choices.join(", "))),
    }
}

/// Checks that a parameter is one of the workload's or of one of these runtimes'.
pub fn check_param(name: &str, workload: Workload, runtimes: &[&RuntimeInfo]) -> Result<(), String> {
    let own = workload.params().iter().map(|param| param.name);
    let theirs = runtimes.iter().flat_map(|runtime| runtime.params.keys().map(String::as_str));
    let known: Vec<&str> = own.chain(theirs).collect();
    if known.contains(&name) {
        return Ok(());
    }
    Err(format!("{} has no parameter {name:?}{}", workload.name(), did_you_mean(name, known)))
}

/// A duration that can stand in a file's name: `1ms`, `1s500ms`.
fn plain_duration(ns: u64) -> String {
    humantime::format_duration(Duration::from_nanos(ns)).to_string().replace(' ', "")
}

/// A duration with its unit, in nanoseconds; a day at most.
pub fn parse_duration_ns(text: &str) -> Result<u64, String> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let duration = humantime::parse_duration(text)
        .map_err(|error| format!("{text:?} is not a duration ({error}); write it like 1ms, 500us or 10s"))?;
    if duration > DAY {
        return Err(format!("{text:?} is longer than a day"));
    }
    Ok(u64::try_from(duration.as_nanos()).expect("a day fits 64 bits"))
}

#[cfg(test)]
mod tests {
    use results::Pass;

    use super::*;

    fn request() -> Request {
        Request { rounds: 5, ..Request::new("x", Workload::Sleep, 1000) }
    }

    fn runtime() -> RuntimeInfo {
        RuntimeInfo {
            name: "threads".into(),
            workloads: vec!["sleep".into(), "cpu".into()],
            workers_max: Some(4),
            params: Params::from([("stack_bytes".into(), 2 << 20)]),
            ..RuntimeInfo::default()
        }
    }

    #[test]
    fn parameters_with_words_are_read_and_shown_by_them() {
        let kernel = parse_param(Workload::Cpu, "kernel", "sha256").unwrap();
        let params = Params::from([("kernel".into(), kernel)]);
        let cell = Request { workload: Workload::Cpu, params, ..request() }.on(&runtime(), "x", 2).unwrap();
        assert_eq!(cell.group, "x_cpu-1000-sha256");
        let sample = cell.blank_row(0, 0, Pass::Timed);
        assert_eq!(sample.params, "kernel=sha256;stack_bytes=2097152;steps=1000");
        assert!(parse_param(Workload::Cpu, "kernel", "md5").unwrap_err().contains("integer, sha256"));
        assert!(parse_param(Workload::Cpu, "steps", "many").unwrap_err().contains("whole number"));
    }

    #[test]
    fn what_a_runtime_says_it_cannot_do_is_a_cell_whose_rows_say_why() {
        let unsupported = [("hold".to_string(), "it cannot".to_string())].into();
        let runtime = RuntimeInfo { unsupported, ..runtime() };
        assert!(Request { workload: Workload::Hold, ..request() }.on(&runtime, "x", 2).is_ok());
    }

    #[test]
    fn every_default_is_stated_in_the_cell() {
        let cell = request().on(&runtime(), "threads", 2).unwrap();
        assert_eq!(cell.id, "x_sleep-1000-1ms_threads");
        assert_eq!(cell.workers, 2);
        assert_eq!(
            cell.blank_row(0, 0, Pass::Timed).params,
            "duration_ns=1000000;jitter_ns=0;stack_bytes=2097152"
        );
    }

    #[test]
    fn what_is_asked_beside_the_defaults_names_the_group() {
        let params = Params::from([(JITTER_NS.into(), 500_000), ("stack_bytes".into(), 65536)]);
        let request = Request { workers: Some(Workers::All), params, ..request() };
        let cell = request.on(&runtime(), "threads", 2).unwrap();
        assert_eq!(cell.group, "x_sleep-1000-1ms-jitter500us-wall-stack-bytes65536");
        assert_eq!(cell.params["stack_bytes"], 65536);
    }

    #[test]
    fn passes_that_do_not_time_run_one_round() {
        let cell = request().on(&runtime(), "threads", 2).unwrap();
        assert_eq!(cell.job(Pass::Timed).rounds, 5);
        assert_eq!(cell.job(Pass::Counted).rounds, 1);
    }

    #[test]
    fn what_makes_no_sense_or_a_runtime_cannot_do_is_refused_with_the_reason() {
        let workers = |count| Some(Workers::Count(count));
        let refused = |request: Request| {
            request.check()?;
            request.check_params(&[&runtime()])?;
            request.on(&runtime(), "threads", 2)
        };
        for (request, words) in [
            (Request { tasks: 0, ..request() }, "0 tasks: at least 1"),
            (Request { tasks: u64::MAX, ..request() }, "at most 10000000"),
            (Request { rounds: 0, ..request() }, "0 rounds: at least 1"),
            (Request { workers: workers(0), ..request() }, "0 workers: at least 1"),
            (Request { workers: workers(5), ..request() }, "at most 4 workers"),
            (Request { workload: Workload::Hold, ..request() }, "no workload hold"),
            (
                Request { params: Params::from([("stack_byte".into(), 1)]), ..request() },
                "did you mean \"stack_bytes\"",
            ),
        ] {
            let error = refused(request).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn durations_need_a_unit_and_a_sign_that_makes_sense() {
        assert_eq!(parse_duration_ns("1ms"), Ok(1_000_000));
        assert_eq!(parse_duration_ns("1s 500us"), Ok(1_000_500_000));
        for wrong in ["1", "-1ms", "", "1 parsec", "400days", "99999999999999999999s"] {
            assert!(parse_duration_ns(wrong).is_err(), "{wrong}");
        }
    }
}

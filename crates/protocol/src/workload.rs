//! The workloads: their names, their parameters, and what a round of each is made of.
//!
//! Harness and runner both know this; the arithmetic by which a round proves its work is built on
//! it, in [`proof`](crate::proof). docs/workloads.md describes each workload.

use std::collections::BTreeMap;

use crate::named;

/// Parameters of a workload or a runtime: integers whose names end in their unit
/// (`duration_ns`, `stack_bytes`).
pub type Params = BTreeMap<String, u64>;

/// How long a task of `sleep` sleeps and one of `blocking` blocks, the pause between two beats of
/// `mixed`, the origin's delay in `request` and the length of the load of `echo`, nanoseconds.
pub const DURATION_NS: &str = "duration_ns";
/// The most that is added to a sleep, by an amount that depends on seed and task, nanoseconds.
pub const JITTER_NS: &str = "jitter_ns";
/// How often each task repeats its operation.
pub const TIMES: &str = "times";
/// Messages that fit into the channel of `fan-in`.
pub const CAPACITY: &str = "capacity";
/// What a task of `mutex` does while it has the lock, beside adding one.
pub const ACROSS: &str = "across";
/// Length of a message of `echo`, bytes.
pub const MESSAGE_BYTES: &str = "message_bytes";
/// Messages a second over all connections of `echo`; 0 means that each follows the answer to the
/// one before.
pub const RATE_PER_SECOND: &str = "rate_per_second";
/// Whether `file-read` reads through the page cache or past it.
pub const IO: &str = "io";
/// Size of the file that `file-read` reads, bytes.
pub const FILE_BYTES: &str = "file_bytes";
/// What a task of `cpu` computes.
pub const KERNEL: &str = "kernel";
/// How many steps of the kernel: 64 bytes hashed, or one round of mixing an integer.
pub const STEPS: &str = "steps";
/// CPU-bound tasks beside the heartbeats of `mixed`.
pub const BURNERS: &str = "burners";
/// CPU time of one slice of a burner, nanoseconds.
pub const SLICE_NS: &str = "slice_ns";
/// Slices that each burner burns.
pub const SLICES: &str = "slices";
/// What a burner does between two slices.
pub const POLICY: &str = "policy";
/// How a task of `blocking` makes its blocking call.
pub const CALL: &str = "call";

/// The most steps of `cpu` in a round, those of SHA-256 counted twenty times: the lab works out what they must come to.
const MOST_STEPS: u64 = 10_000_000_000;
const SHA256_IS_STEPS: u64 = 20;
/// The most blocks that a round of `file-read` reads, and the most bytes of `brigade`, which the lab adds up as well.
const MOST_ADDED: u64 = 200_000_000;

/// Size of a block of `file-read`, bytes.
pub const BLOCK_BYTES: usize = 4096;

/// Values of [`KERNEL`].
pub mod kernel {
    /// Mixes an integer: Python holds its global lock all the time.
    pub const INTEGER: u64 = 0;
    /// Hashes a message in one call: Python releases its global lock meanwhile.
    pub const SHA256: u64 = 1;
}

/// Values of [`IO`].
pub mod io {
    /// Through the page cache.
    pub const CACHED: u64 = 0;
    /// Past the page cache, with `O_DIRECT`.
    pub const DIRECT: u64 = 1;
}

/// Values of [`CALL`].
pub mod call {
    /// In the task itself, as people do by mistake.
    pub const NAIVE: u64 = 0;
    /// Through the means that the runtime offers for blocking calls.
    pub const ESCAPE: u64 = 1;
}

/// Values of [`ACROSS`].
pub mod across {
    /// Nothing: the lock is hardly ever taken when somebody wants it.
    pub const NOTHING: u64 = 0;
    /// It yields once, so that the others find the lock taken: what an async lock is for.
    pub const YIELD: u64 = 1;
}

/// Values of [`POLICY`].
pub mod policy {
    /// A burner yields after each slice.
    pub const YIELD: u64 = 0;
    /// A burner never yields.
    pub const HOG: u64 = 1;
}

named! {
    /// What the tasks of a trial do.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Workload {
        /// Each task waits a given time on the runtime's own timer.
        Sleep = "sleep",
        /// Each task does nothing; it is spawned and joined.
        Spawn = "spawn",
        /// All tasks are alive at once behind a barrier, while their memory is read from outside.
        Hold = "hold",
        /// Each task yields to the others, several times.
        Yield = "yield",
        /// Tasks in pairs pass a ball there and back over channels that hold one message.
        PingPong = "ping-pong",
        /// Each task sends messages through one bounded channel to one more task, which adds them up.
        FanIn = "fan-in",
        /// A tree of tasks: each splits its leaves among up to ten children and adds up what they
        /// return.
        Skynet = "skynet",
        /// Each task locks one lock, adds one and unlocks, several times; it may yield while it has the lock.
        Mutex = "mutex",
        /// Tasks in a row, joined by pipes, pass a byte from end to end, several times.
        Brigade = "brigade",
        /// Each task connects over TCP, sends a number and waits for the answer, which takes a while.
        Request = "request",
        /// Each task serves one TCP connection, sending back whatever comes.
        Echo = "echo",
        /// Each task reads blocks of a file, at random.
        FileRead = "file-read",
        /// Each task computes.
        Cpu = "cpu",
        /// Each task sleeps and wakes, again and again, while others compute beside them.
        Mixed = "mixed",
        /// Each task makes a call that blocks its thread.
        Blocking = "blocking",
    }
}

/// A parameter of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParamSpec {
    /// Its name on the wire, with its unit as the ending where it has one.
    pub name: &'static str,
    /// Its value where nobody gives one.
    pub default: u64,
    /// The words for its values 0, 1, …; none where the value is a quantity.
    pub choices: &'static [&'static str],
}

const fn quantity(name: &'static str, default: u64) -> ParamSpec {
    ParamSpec { name, default, choices: &[] }
}

const fn choice(name: &'static str, choices: &'static [&'static str]) -> ParamSpec {
    ParamSpec { name, default: 0, choices }
}

const A_MILLISECOND: ParamSpec = quantity(DURATION_NS, 1_000_000);
const A_HUNDRED_TIMES: ParamSpec = quantity(TIMES, 100);

impl Workload {
    /// The workload of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|workload| workload.name() == name)
    }

    /// The parameters it takes, beside those that a runtime adds.
    pub fn params(self) -> &'static [ParamSpec] {
        const SLEEP: &[ParamSpec] = &[A_MILLISECOND, quantity(JITTER_NS, 0)];
        const TIMES: &[ParamSpec] = &[A_HUNDRED_TIMES];
        const FAN_IN: &[ParamSpec] = &[A_HUNDRED_TIMES, quantity(CAPACITY, 1024)];
        const MUTEX: &[ParamSpec] = &[A_HUNDRED_TIMES, choice(ACROSS, &["nothing", "yield"])];
        const REQUEST: &[ParamSpec] = &[A_MILLISECOND];
        const ECHO: &[ParamSpec] =
            &[quantity(DURATION_NS, 200_000_000), quantity(MESSAGE_BYTES, 100), quantity(RATE_PER_SECOND, 0)];
        const FILE_READ: &[ParamSpec] =
            &[A_HUNDRED_TIMES, quantity(FILE_BYTES, 64 << 20), choice(IO, &["cached", "direct"])];
        const CPU: &[ParamSpec] = &[quantity(STEPS, 1000), choice(KERNEL, &["integer", "sha256"])];
        const MIXED: &[ParamSpec] = &[
            A_MILLISECOND,
            quantity(self::TIMES, 50),
            quantity(BURNERS, 2),
            quantity(SLICES, 50),
            quantity(SLICE_NS, 1_000_000),
            choice(POLICY, &["yield", "hog"]),
        ];
        const BLOCKING: &[ParamSpec] = &[A_MILLISECOND, choice(CALL, &["naive", "escape"])];
        match self {
            Self::Sleep => SLEEP,
            Self::Spawn | Self::Hold | Self::Skynet => &[],
            Self::Yield | Self::PingPong | Self::Brigade => TIMES,
            Self::Mutex => MUTEX,
            Self::FanIn => FAN_IN,
            Self::Request => REQUEST,
            Self::Echo => ECHO,
            Self::FileRead => FILE_READ,
            Self::Cpu => CPU,
            Self::Mixed => MIXED,
            Self::Blocking => BLOCKING,
        }
    }

    /// The parameter of that name.
    pub fn param_spec(self, name: &str) -> Option<&'static ParamSpec> {
        self.params().iter().find(|param| param.name == name)
    }

    /// The value of a parameter, its default where it is not given, and 0 where the workload has no
    /// such parameter.
    pub fn param(self, params: &Params, name: &str) -> u64 {
        let default = || self.param_spec(name).map_or(0, |param| param.default);
        params.get(name).copied().unwrap_or_else(default)
    }

    /// Checks that a round can have so many tasks with these parameters.
    ///
    /// # Errors
    /// With the reason and what to give instead.
    pub fn check(self, tasks: u64, params: &Params) -> Result<(), String> {
        let param = |name| self.param(params, name);
        if self == Self::PingPong && !tasks.is_multiple_of(2) {
            return Err(format!("{tasks} tasks: ping-pong runs pairs of tasks; give an even number"));
        }
        let least_one: &[&str] = match self {
            Self::FanIn => &[TIMES, CAPACITY],
            Self::Echo => &[DURATION_NS],
            Self::Mixed => &[TIMES, BURNERS, SLICES],
            _ if self.param_spec(TIMES).is_some() => &[TIMES],
            _ => &[],
        };
        if let Some(name) = least_one.iter().find(|name| param(name) == 0) {
            return Err(format!("{name} = 0: {} needs at least 1", self.name()));
        }
        if self == Self::Echo && param(MESSAGE_BYTES) < 8 {
            return Err(format!(
                "{MESSAGE_BYTES} = {}: give at least 8; a message carries 8 bytes of its own",
                param(MESSAGE_BYTES)
            ));
        }
        let file_bytes = param(FILE_BYTES);
        if self == Self::FileRead && (file_bytes == 0 || !file_bytes.is_multiple_of(BLOCK_BYTES as u64)) {
            return Err(format!("{FILE_BYTES} = {file_bytes}: give a multiple of {BLOCK_BYTES}"));
        }
        self.check_proof(tasks, params)?;
        for spec in self.params().iter().filter(|spec| !spec.choices.is_empty()) {
            if param(spec.name) >= spec.choices.len() as u64 {
                return Err(format!(
                    "{} = {}: it must be one of {}",
                    spec.name,
                    param(spec.name),
                    spec.choices.join(", ")
                ));
            }
        }
        Ok(())
    }

    /// Checks that the lab can work out in some seconds what a round must come to.
    fn check_proof(self, tasks: u64, params: &Params) -> Result<(), String> {
        let param = |name| self.param(params, name);
        let (work, most, what) = match self {
            Self::Cpu if param(KERNEL) == kernel::SHA256 => {
                (tasks.saturating_mul(param(STEPS)), MOST_STEPS / SHA256_IS_STEPS, "steps of sha256")
            }
            Self::Cpu => (tasks.saturating_mul(param(STEPS)), MOST_STEPS, "steps"),
            Self::FileRead => (tasks.saturating_mul(param(TIMES)), MOST_ADDED, "reads"),
            Self::Brigade => (param(TIMES), MOST_ADDED, "times"),
            _ => return Ok(()),
        };
        if work > most {
            return Err(format!(
                "{work} {what} in a round: at most {most} are possible, since the lab works out what they must come to"
            ));
        }
        Ok(())
    }

    /// How many spans a round records: one for each task whose own latency has a meaning, one for
    /// each beat of `mixed`, and none where recording would be most of the work.
    pub fn spans(self, tasks: u64, params: &Params) -> u64 {
        match self {
            Self::Sleep
            | Self::Hold
            | Self::Mutex
            | Self::Request
            | Self::FileRead
            | Self::Cpu
            | Self::Blocking => tasks,
            Self::Mixed => tasks.saturating_mul(self.param(params, TIMES)),
            Self::Spawn
            | Self::Yield
            | Self::PingPong
            | Self::FanIn
            | Self::Skynet
            | Self::Brigade
            | Self::Echo => 0,
        }
    }

    /// Whether the runner stops at the `holding` checkpoint in each round.
    pub fn holds(self) -> bool {
        matches!(self, Self::Hold)
    }

    /// Whether its tasks serve connections, for which the harness is the load.
    pub fn serves(self) -> bool {
        matches!(self, Self::Echo)
    }

    /// Whether its tasks send requests to the harness's origin server.
    pub fn asks_origin(self) -> bool {
        matches!(self, Self::Request)
    }

    /// Whether its tasks read a file that the harness made.
    pub fn reads_file(self) -> bool {
        matches!(self, Self::FileRead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_workload() {
        for workload in Workload::ALL {
            assert_eq!(Workload::from_name(workload.name()), Some(workload));
        }
        assert_eq!(Workload::from_name("slep"), None);
    }

    #[test]
    fn every_workload_can_run_as_it_stands() {
        for workload in Workload::ALL {
            assert_eq!(workload.check(2, &Params::new()), Ok(()), "{}", workload.name());
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_to_give_instead() {
        let with = |name: &str, value| Params::from([(name.to_string(), value)]);
        let cases = [
            (Workload::PingPong, 3, Params::new(), "even number"),
            (Workload::Yield, 1, with(TIMES, 0), "at least 1"),
            (Workload::Echo, 1, with(MESSAGE_BYTES, 7), "8 bytes"),
            (Workload::FileRead, 1, with(FILE_BYTES, 5000), "multiple of 4096"),
            (Workload::Cpu, 1, with(KERNEL, 2), "one of integer, sha256"),
            (Workload::Cpu, 1000, with(STEPS, 1_000_000_000), "at most 10000000000"),
            (Workload::Cpu, 10, with(STEPS, u64::MAX), "at most 10000000000"),
            (Workload::FileRead, 1000, with(TIMES, 1_000_000), "at most 200000000"),
            (Workload::Brigade, 1, with(TIMES, 1_000_000_000), "at most 200000000"),
        ];
        for (workload, tasks, params, words) in cases {
            let error = workload.check(tasks, &params).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_parameter_that_is_not_given_has_its_default() {
        assert_eq!(Workload::FanIn.param(&Params::new(), CAPACITY), 1024);
        assert_eq!(Workload::Spawn.param(&Params::new(), CAPACITY), 0);
    }
}

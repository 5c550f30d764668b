//! Options that several verbs have, and how their values are read.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Args;
use harness::cell::parse_duration_ns;
use harness::environment::usable_memory_bytes;
use harness::process::Bounds;
use results::machine::is_machine_name;
use results::{Deal, Machine};

/// Options that name runners outside the checkout.
#[derive(Args, Default)]
pub struct RunnerArguments {
    /// A runner outside this checkout: an executable, or a folder with a runner.toml. Can be
    /// repeated; `KILOTASK_RUNNERS` adds more, separated by `:` as in PATH
    #[arg(long = "runner", value_name = "PATH")]
    pub named: Vec<PathBuf>,
}

/// The options as they were given: ` --runner PATH` for each.
impl fmt::Display for RunnerArguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.named.iter().try_for_each(|path| write!(f, " --runner {}", path.display()))
    }
}

/// The option that names this machine.
#[derive(Args, Default)]
pub struct MachineArguments {
    /// The name of this machine in the results [default: `SLURMD_NODENAME`, `NODE_NAME` or the name of the host]
    #[arg(long = "machine", value_name = "NAME", value_parser = machine_name)]
    machine_name: Option<String>,
}

impl MachineArguments {
    /// This machine.
    pub fn machine(&self) -> Machine {
        harness::machine::machine(self.machine_name.as_deref())
    }
}

/// The option as it was given, if it was.
impl fmt::Display for MachineArguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.machine_name.iter().try_for_each(|name| write!(f, " --machine {name}"))
    }
}

fn machine_name(text: &str) -> Result<String, String> {
    if is_machine_name(text) {
        Ok(text.into())
    } else {
        Err("use letters, digits, hyphens and dots, at most 64: it is the name of a folder, too".into())
    }
}

const TIMEOUT: &str = "60s";

/// The bounds of every runner that is started.
#[derive(Args)]
pub struct BoundArguments {
    /// Time limit of one trial
    #[arg(long, default_value = TIMEOUT, value_name = "DURATION", value_parser = duration)]
    timeout: Duration,

    /// Limit on the resident memory of a runner, in MiB [default: three quarters of the memory of this machine,
    /// or of what its control group allows]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..1 << 30))]
    memory_limit: Option<u64>,
}

impl Default for BoundArguments {
    fn default() -> Self {
        Self { timeout: duration(TIMEOUT).expect("it is a duration"), memory_limit: None }
    }
}

impl BoundArguments {
    /// The bounds, with the flag that signals set.
    pub fn bounds<'a>(&self, interrupted: &'a AtomicBool) -> Bounds<'a> {
        let most = self.memory_limit.map(|mib| mib << 20).or_else(|| Some(usable_memory_bytes()? / 4 * 3));
        Bounds { timeout: self.timeout, memory_bytes: most.unwrap_or(u64::MAX), interrupted }
    }
}

pub fn duration(text: &str) -> Result<Duration, String> {
    parse_duration_ns(text).map(Duration::from_nanos)
}

/// A share, written in per cent on the command line.
pub fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse().ok();
    let percent = number.filter(|percent| (0.01..=100.0).contains(percent));
    percent
        .map(|percent: f64| percent / 100.0)
        .ok_or_else(|| "write it like 2%, between 0.01% and 100%".into())
}

/// How a plan is dealt.
pub fn deal(text: &str) -> Result<Deal, String> {
    one_of("unknown deal", &Deal::ALL, Deal::name, text)
}

/// One of the words that an option has, by name.
///
/// # Errors
/// With what is wrong and the nearest word that is known.
pub fn one_of<T: Copy>(
    problem: &str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
    text: &str,
) -> Result<T, String> {
    all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| {
        let known = all.iter().map(|one| name(*one));
        format!("{problem}{}", harness::did_you_mean(text, known))
    })
}

/// Whether a name is as a pattern says, in which each `*` stands for any letters.
pub fn is_like(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(before) else { return false };
    let ends = (0..=rest.len()).filter(|end| rest.is_char_boundary(*end));
    ends.map(|end| &rest[end..]).any(|rest| is_like(after, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters_and_everything_else_for_itself() {
        for (pattern, name, expected) in [
            ("tokio", "tokio", true),
            ("tokio", "tokio-uring", false),
            ("python-*", "python-asyncio", true),
            ("*-threading", "python-threading", true),
            ("*o*o*", "tokio", true),
            ("python-*", "go-goroutines", false),
            ("*", "", true),
            ("t*x", "tokio", false),
        ] {
            assert_eq!(is_like(pattern, name), expected, "{pattern} {name}");
        }
    }
}

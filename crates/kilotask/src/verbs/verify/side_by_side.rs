//! Runtimes are examined side by side, each by one of a few helpers: other processes of this program. One process
//! could not examine two at once, as it takes every orphan for one that its runner left.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, BufRead, BufReader, Lines, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail};
use harness::conformance::Finding;
use harness::discover::Runtime;
use harness::process::mark_as_ours;
use harness::run::BrokenOff;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::exit::ExitStatus;
use crate::lab::this_program;

/// How often it is looked whether somebody interrupts.
const TICK: Duration = Duration::from_millis(100);

/// What a helper says of a runtime, in a line of JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    Findings(Vec<Finding>),
    Hindered(String),
}

/// Examines each runtime that is named on a line of standard input, until there is none, and answers with a line.
pub fn help(
    runtimes: &[&Runtime],
    mut examine: impl FnMut(&Runtime) -> Result<Vec<Finding>, BrokenOff>,
) -> Result<ExitStatus> {
    for name in io::stdin().lines() {
        let name = name.context("standard input")?;
        let runtime = runtimes.iter().find(|runtime| runtime.info.name == name);
        let said = match examine(runtime.with_context(|| format!("unknown runtime {name:?}"))?) {
            Ok(findings) => Said::Findings(findings),
            Err(BrokenOff::Hindered(how)) => Said::Hindered(how),
            Err(BrokenOff::Interrupted) => return Ok(ExitStatus::Interrupted),
        };
        writeln!(io::stdout(), "{}", serde_json::to_string(&said)?).context("standard output")?;
    }
    Ok(ExitStatus::Good)
}

/// Has the runtimes examined by so many helpers. `begins` is told of each that begins, `ends` of each with its findings,
/// in their order.
///
/// # Errors
/// Those of [`examine`](harness::conformance::examine), of `ends`, and that a helper cannot be started or ends too early.
pub fn examine_all<'a>(
    runtimes: &[&'a Runtime],
    helpers: usize,
    interrupted: &AtomicBool,
    begins: impl Fn(&'a Runtime),
    mut ends: impl FnMut(&'a Runtime, Vec<Finding>) -> Result<()>,
) -> Result<ExitStatus> {
    let helpers = (0..helpers).map(|_| Helper::start()).collect::<Result<Vec<_>>>()?;
    let pids: Vec<Pid> = helpers.iter().map(|helper| Pid::from_child(&helper.process)).collect();
    let left = Mutex::new(runtimes.iter().enumerate());
    thread::scope(|scope| {
        let (sender, events) = channel();
        for helper in helpers {
            let (left, sender) = (&left, sender.clone());
            scope.spawn(move || helper.work(&|| left.lock().expect("no helper panics").next(), &sender));
        }
        drop(sender);
        let ended = follow(&events, runtimes, interrupted, begins, &mut ends);
        // Whatever it was that ended it: each helper ends its runner, and then itself.
        if !matches!(ended, Ok(ExitStatus::Good)) {
            left.lock().expect("no helper panics").by_ref().for_each(drop);
            for pid in pids {
                let _ = kill_process(pid, Signal::INT);
            }
        }
        ended
    })
}

/// The error of an examination that the lab's own trouble stands in the way of.
pub fn hindered(runtime: &Runtime, how: &str) -> Error {
    anyhow!("{}: {how}. This says nothing of the runtime", runtime.info.name)
}

/// What a helper's thread tells of the runtime at this index.
enum Event {
    Begins(usize),
    Ends(usize, Result<Said>),
}

/// Passes on what the helpers tell, until they are done, or something ends it.
fn follow<'a>(
    events: &Receiver<Event>,
    runtimes: &[&'a Runtime],
    interrupted: &AtomicBool,
    begins: impl Fn(&'a Runtime),
    ends: &mut impl FnMut(&'a Runtime, Vec<Finding>) -> Result<()>,
) -> Result<ExitStatus> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    loop {
        if interrupted.load(Ordering::Relaxed) {
            return Ok(ExitStatus::Interrupted);
        }
        match events.recv_timeout(TICK) {
            Ok(Event::Begins(index)) => begins(runtimes[index]),
            Ok(Event::Ends(index, said)) => _ = early.insert(index, said?),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(ExitStatus::Good),
        }
        while let Some(said) = early.remove(&next) {
            match said {
                Said::Findings(findings) => ends(runtimes[next], findings)?,
                Said::Hindered(how) => return Err(hindered(runtimes[next], &how)),
            }
            next += 1;
        }
    }
}

/// Another process of this program that examines one runtime after another.
struct Helper {
    process: Child,
    names: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Helper {
    /// It is called with our own arguments, so that it finds the same runtimes and has the same bounds.
    fn start() -> Result<Self> {
        let mut command = Command::new(this_program()?);
        command.args(env::args_os().skip(1)).arg("--helper");
        // Ctrl-C is for us: we pass it on, once.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        mark_as_ours(&mut command);
        let mut process = command.spawn().context("starting a process that examines runtimes")?;
        let names = process.stdin.take().expect("it is piped");
        let lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        Ok(Self { process, names, lines })
    }

    /// Examines what is left, one after another, and reaps the process.
    fn work<'a>(mut self, next: &dyn Fn() -> Option<(usize, &'a &'a Runtime)>, events: &Sender<Event>) {
        while let Some((index, runtime)) = next() {
            let _ = events.send(Event::Begins(index));
            let said = self.ask(&runtime.info.name);
            let is_over = said.is_err();
            if events.send(Event::Ends(index, said)).is_err() || is_over {
                break;
            }
        }
        drop(self.names);
        let _ = self.process.wait();
    }

    fn ask(&mut self, name: &str) -> Result<Said> {
        writeln!(self.names, "{name}").with_context(|| format!("{name}: its examination cannot begin"))?;
        let Some(line) = self.lines.next() else { bail!("{name}: its examination ended before it was done") };
        serde_json::from_str(&line.context("reading findings")?).context("reading findings")
    }
}

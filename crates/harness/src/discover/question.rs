//! A question that a runner answers on its command line, with one line: to describe itself, or whether a runtime starts
//! here.

use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use protocol::wire;
use results::sanitize::{MAX_REASON, one_line};
use serde::de::DeserializeOwned;

use super::runner::{Runner, unavailable};
use crate::fault::Fault;
use crate::process::{Bounds, Broken, Supervised};

/// How long a runner may take to describe itself or to probe a runtime.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(20);

/// The most memory a runner may take to answer a question, bytes.
const QUESTION_MEMORY: u64 = 4 << 30;

/// What shells and the shims of version managers exit with where the program that is meant is not here, or cannot be
/// run; a runner may do the same.
const CANNOT_RUN: [i32; 2] = [126, 127];

/// What shims say that exit with 1 there: older ones of pyenv, rbenv, nodenv and their like, and those of mise.
const NO_VERSION: [&str; 2] = ["is not installed (set by ", "No version is set for "];

/// Why there is no answer.
enum Silence {
    /// It ended instead, or badly: something may have happened to this one process.
    Ended(Fault),
    /// It would be the same again.
    Lasting(Fault),
}

impl Runner {
    /// Asks the runner one question and reads its one line of an answer. One that ends without an answer is asked once more:
    /// on the answer hang all its trials, and whoever has killed the process (a person, the kernel when memory is short)
    /// did not mean them.
    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        question: &'static str,
        name: Option<&str>,
        interrupted: &AtomicBool,
    ) -> Result<T, Fault> {
        let ask = || self.ask_once(question, name, interrupted);
        let answer = match ask() {
            Err(Silence::Ended(_)) if !interrupted.load(Ordering::Relaxed) => ask(),
            answer => answer,
        };
        answer.map_err(|(Silence::Ended(fault) | Silence::Lasting(fault))| fault)
    }

    fn ask_once<T: DeserializeOwned>(
        &self,
        question: &'static str,
        name: Option<&str>,
        interrupted: &AtomicBool,
    ) -> Result<T, Silence> {
        let bounds = Bounds { timeout: QUESTION_TIMEOUT, memory_bytes: QUESTION_MEMORY, interrupted };
        let mut command = self.command(false).expect("every runner has a command");
        let no_program = |error| Fault::NoProgram { program: self.command[0].display().to_string(), error };
        let no_answer =
            |problem: String| Fault::NoAnswer { question, problem: one_line(&problem, MAX_REASON) };
        let process = Supervised::start(command.arg(question).args(name), bounds);
        let mut process = process.map_err(|error| Silence::Lasting(error.fault(no_program)))?;
        let answer = process.read_line().map_err(|broken| match broken {
            Broken::Ended => self.silence_of(&mut process, no_answer),
            other => Silence::Lasting(no_answer(other.to_string())),
        })?;
        let answer = wire::decode(&answer).map_err(|error| {
            let fault = no_answer(error.to_string());
            if has_failed(&mut process) { Silence::Ended(fault) } else { Silence::Lasting(fault) }
        })?;
        match process.finish() {
            Ok(exit) if exit.success() => Ok(answer),
            Ok(exit) => Err(Silence::Ended(no_answer(format!("{exit} after it: {}", process.stderr_tail())))),
            Err(broken) => Err(Silence::Lasting(no_answer(format!("after it: {broken}")))),
        }
    }

    /// Words on standard error by which it cannot run here.
    fn telling_words(&self) -> Vec<&str> {
        self.cannot_run.iter().map(String::as_str).chain(NO_VERSION).collect()
    }

    /// Why a process ended that has said nothing.
    fn silence_of(&self, process: &mut Supervised, no_answer: impl Fn(String) -> Fault) -> Silence {
        let cannot_run = |exit: ExitStatus| exit.code().is_some_and(|code| CANNOT_RUN.contains(&code));
        if process.finish().is_ok_and(cannot_run) {
            return Silence::Lasting(unavailable(&process.stderr_head()));
        }
        match process.stderr_line_with(&self.telling_words()) {
            Some(line) => Silence::Lasting(unavailable(&line)),
            None => Silence::Ended(no_answer(process.stderr_tail())),
        }
    }
}

/// Whether a process whose words are no answer has ended, and badly: they were its last words.
fn has_failed(process: &mut Supervised) -> bool {
    const DYING: Duration = Duration::from_millis(200);
    process.has_ended_within(DYING) && process.finish().is_ok_and(|exit| !exit.success())
}

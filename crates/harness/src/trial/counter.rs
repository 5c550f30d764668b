//! What counts beside a runner from `ready` to `done`, as the pass of its trial asks.

use std::io;
use std::path::Path;
use std::process::Command;

use protocol::Refusal;
use results::Pass;

use crate::callgrind::{self, Emulation};
use crate::cell::Cell;
use crate::counters::{Counters, InstructionCounter};
use crate::fault::{Fault, TrialError};
use crate::hardware::{Events, HardwareCounter};
use crate::process::Bounds;
use crate::trace::SyscallCounter;

/// What counts beside a runner.
pub(super) enum Counter<'b> {
    Nothing,
    Calls { counter: SyscallCounter, at_begin: u64 },
    Hardware(Box<HardwareCounter>),
    Callgrind(Emulation<'b>),
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub syscalls: Option<u64>,
    pub by_processor: Events,
    pub by_callgrind: Option<u64>,
}

impl<'b> Counter<'b> {
    /// Opens what the pass asks for; the command becomes the one that starts the runner under it. Every process that this
    /// thread starts from then on is counted.
    pub fn open(
        pass: Pass,
        counters: &Counters,
        (cell, language): (&Cell, &str),
        command: &mut Command,
        (folder, bounds): (&Path, Bounds<'b>),
    ) -> Result<Self, Fault> {
        let unsupported = |reason: String| Fault::Refused(Refusal::unsupported(reason));
        match pass {
            Pass::Timed | Pass::Counted => Ok(Self::Nothing),
            Pass::Traced => {
                let tracer = counters.calls.as_ref();
                let tracer = tracer
                    .map_err(|why| unsupported(format!("system calls cannot be counted here: {why}")))?;
                let counter = tracer.open().map_err(|error| Fault::cannot("count system calls", &error))?;
                Ok(Self::Calls { counter, at_begin: 0 })
            }
            Pass::Instructions => {
                let means = counters.of_instructions();
                match means
                    .map_err(|why| unsupported(format!("instructions cannot be counted here: {why}")))?
                {
                    InstructionCounter::Hardware(hardware) => {
                        let counter = hardware.open();
                        let counter = counter.map_err(|error| Fault::cannot("count instructions", &error))?;
                        Ok(Self::Hardware(Box::new(counter)))
                    }
                    InstructionCounter::Callgrind(callgrind) => {
                        callgrind::check(cell, language)
                            .map_err(|why| unsupported(format!("callgrind cannot count it: {why}")))?;
                        let (emulated, emulation) = callgrind.emulate(command, folder, bounds);
                        *command = emulated;
                        Ok(Self::Callgrind(emulation))
                    }
                }
            }
        }
    }

    /// Whether the runner runs in an emulator, so that its times say nothing.
    pub fn emulates(&self) -> bool {
        matches!(self, Self::Callgrind(_))
    }

    /// Counts from now on, while the runner with this process id waits.
    pub fn begin(&mut self, runner: u32) -> Result<(), TrialError> {
        match self {
            Self::Nothing => {}
            Self::Calls { counter, at_begin } => *at_begin = counter.read().map_err(cannot_read)?,
            Self::Hardware(counter) => counter.begin().map_err(cannot_read)?,
            Self::Callgrind(emulation) => emulation.begin(runner)?,
        }
        Ok(())
    }

    /// What was counted since then.
    pub fn end(&mut self, runner: u32) -> Result<Counts, TrialError> {
        let nothing = Counts::default();
        Ok(match self {
            Self::Nothing => nothing,
            Self::Calls { counter, at_begin } => {
                Counts { syscalls: Some(counter.read().map_err(cannot_read)? - *at_begin), ..nothing }
            }
            Self::Hardware(counter) => {
                Counts { by_processor: counter.end().map_err(cannot_read)?, ..nothing }
            }
            Self::Callgrind(emulation) => Counts { by_callgrind: Some(emulation.end(runner)?), ..nothing },
        })
    }
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` gives it
fn cannot_read(error: io::Error) -> Fault {
    Fault::cannot("read a counter", &error)
}

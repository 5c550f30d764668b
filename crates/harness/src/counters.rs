//! What counts from outside here: system calls, and instructions by the processor or by callgrind.

use std::sync::OnceLock;
use std::time::Duration;

use crate::callgrind::{self, Callgrind};
use crate::cell::Cell;
use crate::hardware::Hardware;
use crate::trace::{Forbidden, SyscallTracer};

/// What counts from outside here, or why it does not: found once, used for many trials.
#[derive(Debug, Clone)]
pub struct Counters {
    /// Counts system calls.
    pub calls: Result<SyscallTracer, Forbidden>,
    // Tried when they are needed: to try callgrind takes a second.
    hardware: OnceLock<Result<Hardware, Forbidden>>,
    callgrind: OnceLock<Result<Callgrind, Forbidden>>,
}

/// What counts instructions.
#[derive(Debug, Clone)]
pub enum InstructionCounter {
    /// The processor.
    Hardware(Hardware),
    /// An emulator of it.
    Callgrind(Callgrind),
}

impl Counters {
    /// Finds what there is.
    pub fn find() -> Self {
        Self { calls: SyscallTracer::new(), hardware: OnceLock::new(), callgrind: OnceLock::new() }
    }

    /// The same without the processor's counters, so that callgrind counts instructions.
    pub fn without_hardware() -> Self {
        let hardware = OnceLock::from(Err(Forbidden::because("the processor is not asked")));
        Self { hardware, ..Self::find() }
    }

    /// For what is not counted.
    pub fn none() -> Self {
        let none = || Forbidden::because("nothing is counted here");
        Self {
            calls: Err(none()),
            hardware: OnceLock::from(Err(none())),
            callgrind: OnceLock::from(Err(none())),
        }
    }

    /// For plans in tests, which start nothing: all counts, instructions by the processor or by callgrind.
    #[cfg(test)]
    pub fn untried(by_processor: bool) -> Self {
        let hardware =
            if by_processor { Ok(Hardware::default()) } else { Err(Forbidden::because("no counters")) };
        Self {
            calls: Ok(SyscallTracer::default()),
            hardware: OnceLock::from(hardware),
            callgrind: OnceLock::from(Ok(Callgrind::default())),
        }
    }

    /// The counters of the processor.
    pub fn hardware(&self) -> &Result<Hardware, Forbidden> {
        self.hardware.get_or_init(Hardware::new)
    }

    /// Callgrind, after a try.
    pub fn callgrind(&self) -> &Result<Callgrind, Forbidden> {
        self.callgrind.get_or_init(Callgrind::find)
    }

    /// What counts instructions here: the processor where it can, as it slows nothing down.
    ///
    /// # Errors
    /// Why neither does.
    pub fn of_instructions(&self) -> Result<InstructionCounter, Forbidden> {
        let hardware = self.hardware().clone().map(InstructionCounter::Hardware);
        hardware.or_else(|no_hardware| {
            let callgrind = self.callgrind().clone().map(InstructionCounter::Callgrind);
            callgrind.map_err(|no_callgrind| Forbidden::because(format!("{no_hardware}; and {no_callgrind}")))
        })
    }

    /// Whether the instructions of a cell can be counted here, whose tasks are written in this language.
    pub fn can_count_instructions(&self, cell: &Cell, language: &str) -> bool {
        match self.of_instructions() {
            Ok(InstructionCounter::Hardware(_)) => true,
            Ok(InstructionCounter::Callgrind(_)) => callgrind::check(cell, language).is_ok(),
            Err(_) => false,
        }
    }

    /// What a trial that counts instructions takes beyond a timed one, as far as it is known by what was tried.
    pub fn counting_takes(&self) -> Duration {
        match (self.hardware.get(), self.callgrind.get()) {
            (Some(Err(_)), Some(Ok(_))) => callgrind::TAKES,
            _ => Duration::ZERO,
        }
    }

    /// Those of instructions that were tried: the name of each, and why it does not count.
    pub fn tried(&self) -> Vec<(&'static str, Option<String>)> {
        fn why_not<T>(tried: &Result<T, Forbidden>) -> Option<String> {
            tried.as_ref().err().map(ToString::to_string)
        }
        let hardware = self.hardware.get().map(|tried| ("instructions by the processor", why_not(tried)));
        let callgrind = self.callgrind.get().map(|tried| ("instructions by callgrind", why_not(tried)));
        hardware.into_iter().chain(callgrind).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::planned;

    #[test]
    fn where_the_processor_counts_everything_can_be_counted_and_else_what_callgrind_can() {
        let one = planned("a", 2).cell;
        let two = Cell { workers: 2, ..one.clone() };
        let io = Cell { workload: "echo".into(), ..one.clone() };
        let huge = Cell { tasks: 2_000_000, ..one.clone() };
        let counted = |counters: &Counters| {
            let cells =
                [(&one, "rust"), (&one, "c"), (&one, "java"), (&two, "rust"), (&io, "rust"), (&huge, "c")];
            cells.map(|(cell, language)| counters.can_count_instructions(cell, language))
        };
        assert_eq!(counted(&Counters::untried(true)), [true; 6]);
        assert_eq!(counted(&Counters::untried(false)), [true, true, false, false, false, false]);
        assert_eq!(counted(&Counters::none()), [false; 6]);
    }

    #[test]
    fn only_what_was_tried_is_told_and_why_it_does_not_count() {
        assert_eq!(Counters::untried(false).tried()[0].1.as_deref(), Some("no counters"));
        let untried = Counters { hardware: OnceLock::new(), callgrind: OnceLock::new(), ..Counters::none() };
        assert!(untried.tried().is_empty());
        let neither = Counters::none().of_instructions().unwrap_err().to_string();
        assert_eq!(neither, "nothing is counted here; and nothing is counted here");
    }
}

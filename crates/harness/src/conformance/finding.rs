//! What the examination of a runtime found.

use std::borrow::Cow;

use protocol::Status;
use results::TrialRow;
use serde::{Deserialize, Serialize};

use crate::discover::Runtime;
use crate::fault::Fault;
use results::sanitize::{MAX_REASON, one_line};

/// The kinds of answers to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It holds.
    Holds,
    /// The runtime cannot do it here and says why, which is an answer.
    Declined,
    /// Worth knowing, and no failure.
    Note,
    /// It does not hold.
    Fails,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Finding {
    pub runtime: String,
    /// The workload; `None` where the question is not about one.
    pub workload: Option<String>,
    pub question: String,
    pub verdict: Answer,
    /// How the trial ended; `None` where there was none.
    pub status: Option<Status>,
    /// Why, where it does not hold.
    pub reason: String,
    /// What the author may do about it.
    pub remedy: Option<Cow<'static, str>>,
    /// The command for a shell.
    pub reproduce: Option<String>,
    #[serde(skip)]
    pub sample: Option<Box<TrialRow>>,
}

impl Finding {
    pub(super) fn new(runtime: &Runtime, question: &str, verdict: Answer, reason: &str) -> Self {
        Self {
            runtime: runtime.info.name.clone(),
            workload: None,
            question: question.into(),
            verdict,
            status: None,
            reason: one_line(reason, MAX_REASON),
            remedy: None,
            reproduce: None,
            sample: None,
        }
    }

    pub(super) fn failed(runtime: &Runtime, question: &str, fault: &Fault) -> Self {
        let (status, remedy) = (Some(fault.status()), fault.remedy().map(Cow::Borrowed));
        Self { status, remedy, ..Self::new(runtime, question, Answer::Fails, &fault.to_string()) }
    }

    /// That it holds, or how it does not.
    pub(super) fn of(runtime: &Runtime, question: &str, answer: &Result<(), Fault>) -> Self {
        match answer {
            Ok(()) => Self::new(runtime, question, Answer::Holds, ""),
            Err(fault) => Self::failed(runtime, question, fault),
        }
    }

    /// The answer that a refusal is: it has to have a reason.
    pub(super) fn declined(runtime: &Runtime, question: &str, status: Status, reason: &str) -> Self {
        if reason.trim().is_empty() {
            return Self::failed(runtime, question, &Fault::NoReason(status));
        }
        Self { status: Some(status), ..Self::new(runtime, question, Answer::Declined, reason) }
    }
}

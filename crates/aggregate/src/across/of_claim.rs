//! What each of several machines says of a claim, and what all of them say.

use results::{AcrossVerdict, Verdict, VerdictRow};

use crate::stats::one_machine::OneMachine;
use crate::stats::random_effects::Across;
use crate::verdicts::Side;

/// What the machines say of one claim.
#[derive(Default)]
pub(super) struct OfClaim {
    /// The row of the first machine, for what is the same on all.
    pub first: Option<VerdictRow>,
    /// Those that could test it, and those on which all that it is about failed.
    pub on: Vec<OnMachine>,
    /// Why the first machine that could not test it could not.
    pub why_untestable: Option<String>,
}

/// What a machine says of a claim.
pub(super) struct OnMachine {
    pub machine: String,
    pub verdict: Verdict,
    pub measured: Option<f64>,
    /// Its p, as often as the claims are looked at, and the side that it points to.
    pub p_value: Option<f64>,
    pub side: Option<Side>,
    pub shown: Option<OneMachine>,
}

/// What all machines together say of a claim.
pub(super) struct Together {
    pub verdict: AcrossVerdict,
    pub across: Option<Across>,
    pub p_value: Option<f64>,
    pub p_adjusted: Option<f64>,
    /// After Holm's correction over machines: those on which it holds, and those on which it does not.
    pub holds_on: Vec<String>,
    pub fails_on: Vec<String>,
}

impl OfClaim {
    /// The machines with such a verdict of their own.
    pub fn with(&self, is_it: impl Fn(Verdict) -> bool) -> Vec<&str> {
        self.on.iter().filter(|one| is_it(one.verdict)).map(|one| &*one.machine).collect()
    }
}

/// Whether a verdict says that a claim holds.
pub(super) fn holds(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Supported | Verdict::Equivalent)
}

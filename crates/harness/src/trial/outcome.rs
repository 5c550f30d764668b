//! What a trial gives.

use protocol::Span;
use results::{RoundRow, TrialRow};

use crate::fault::Fault;
use crate::process::Line;

/// What a trial gives.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The row of `trials.csv`.
    pub sample: TrialRow,
    /// The rows of `rounds.csv`.
    pub rounds: Vec<RoundRow>,
    /// The spans of round 0, where they are proven.
    pub spans: Vec<Span>,
    /// Why it failed or was refused.
    pub fault: Option<Fault>,
    /// All that harness and runner said to each other.
    pub traffic: Vec<Line>,
    /// Whether the file that it was to read had been spoilt before it began, and was made anew.
    pub found_spoilt: bool,
}

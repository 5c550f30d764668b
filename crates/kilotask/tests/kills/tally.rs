//! What was killed, and what became of it.

use std::collections::BTreeMap;
use std::fmt;

use results::TrialRow;

use crate::victim::Victim;

#[derive(Debug, Default)]
pub struct Tally {
    /// The scenarios in which something did not hold.
    pub broken: Vec<u64>,
    /// By who was killed and by which signal.
    killed: BTreeMap<(Victim, &'static str), u64>,
    /// Trials of killed runners, by their runtime.
    failed: BTreeMap<String, u64>,
    /// How these ended, each with one of the reasons.
    ended: BTreeMap<String, (u64, String)>,
}

impl Tally {
    pub fn killed(&mut self, who: Victim, signal: &'static str) {
        *self.killed.entry((who, signal)).or_default() += 1;
    }

    pub fn failed(&mut self, row: &TrialRow) {
        *self.failed.entry(row.runtime.clone()).or_default() += 1;
        let (count, reason) = self.ended.entry(row.status.to_string()).or_default();
        *count += 1;
        reason.clone_from(&row.reason);
    }

    /// How many of these were killed.
    pub fn of(&self, who: Victim) -> u64 {
        self.killed.iter().filter(|((killed, _), _)| *killed == who).map(|(_, count)| count).sum()
    }

    /// How many were killed.
    pub fn all(&self) -> u64 {
        self.killed.values().sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((who, signal), count) in &self.killed {
            writeln!(f, "killed: {count:4} times a {} by {signal}", who.name())?;
        }
        for (status, (count, reason)) in &self.ended {
            writeln!(f, "trials of killed runners: {count:4} {status}, the last one: {reason}")?;
        }
        writeln!(f, "trials of killed runners by runtime: {:?}", self.failed)
    }
}

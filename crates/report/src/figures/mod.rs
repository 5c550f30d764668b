//! The figures of a report, one module a figure.

mod calibration;
mod drift;
mod extremes;
mod forest;
mod growth;
mod series;
mod spans;
mod tails;

#[cfg(test)]
pub mod fixture;
#[cfg(test)]
mod tests;

pub use growth::Grown;

use crate::content::verdicts::judged;
use crate::figure::Figure;
use crate::run::Run;

/// The thousand tasks of a run, of the runtimes that are shown at first.
pub fn thousand_tasks(run: &Run) -> Option<Figure> {
    spans::of_the_usual(run)
}

/// All figures of a run.
#[derive(Debug)]
pub struct Drawn {
    /// The thousand tasks: of all runtimes, and of those that are shown at first.
    pub spans: Option<Figure>,
    usual: Option<Figure>,
    pub growth: Vec<Grown>,
    pub tails: Vec<Figure>,
    pub claims: Vec<Figure>,
    pub calibration: Option<Figure>,
    pub drift: Option<Figure>,
}

impl Drawn {
    pub fn of(run: &Run) -> Self {
        Self {
            spans: spans::figure(run),
            usual: spans::of_the_usual(run),
            growth: growth::figures(run),
            tails: tails::figures(run),
            claims: judged(run).iter().map(|judged| forest::figure(run, judged)).collect(),
            calibration: calibration::figure(run),
            drift: drift::figure(run),
        }
    }

    pub fn all(&self) -> impl Iterator<Item = &Figure> {
        let grown = self.growth.iter().map(|grown| &grown.figure);
        self.spans
            .iter()
            .chain(&self.usual)
            .chain(grown)
            .chain(&self.tails)
            .chain(&self.claims)
            .chain(&self.calibration)
            .chain(&self.drift)
    }
}

//! The figures of a report: what of a run is drawn, and how. One module a figure.

pub mod calibration;
pub mod drift;
pub mod forest;
pub mod growth;
pub mod heat;
mod outcome;
pub mod spans;
pub mod tails;
mod told;

#[cfg(test)]
mod fixture;

use crate::figure::Figure;
use crate::run::Run;

/// All figures of a run, in the order in which a page shows them.
pub fn all(run: &Run) -> Vec<Figure> {
    let mut figures: Vec<Figure> = spans::figure(run).into_iter().collect();
    figures.extend(forest::figures(run));
    figures.extend(heat::figure(run));
    figures.extend(growth::figures(run));
    figures.extend(tails::figures(run));
    figures.extend(drift::figure(run));
    figures.extend(calibration::figure(run));
    figures
}

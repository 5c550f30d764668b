//! The figures of a report, one module a figure.

mod calibration;
mod drift;
mod forest;
mod growth;
mod heat_map;
mod series;
mod spans;
mod tails;

#[cfg(test)]
pub mod fixture;
#[cfg(test)]
mod tests;

pub use calibration::figure as calibration;
pub use drift::figure as drift;
pub use forest::figure as forest;
pub use growth::figures as growth;
pub use heat_map::figure as heat_map;
pub use spans::figure as spans;
pub use tails::figures as tails;

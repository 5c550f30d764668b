//! The statistics, one a module. Each is a pure function of finite numbers.

pub mod best;
pub mod between;
pub mod binomial;
pub mod crossing;
pub mod gatekeeping;
pub mod interval;
pub mod line;
pub mod median;
pub mod modified_z;
pub mod one_machine;
pub mod ordered;
pub mod random_effects;
pub mod relabelled;
pub mod sign;
pub mod student;
pub mod two_means;
pub mod two_medians;

#[cfg(test)]
pub(crate) mod reference;

pub use between::Between;
pub use interval::{CONFIDENCE, FEWEST, FEWEST_FOR_MEDIAN, Interval, SIGNIFICANCE};
pub use ordered::Ordered;

//! What one machine shows of a quantity, for the mean over several: the median over its blocks, and the squared error of
//! that, both on the scale of logarithms.
//!
//! The squared error v has two parts, as the interval of the machine's own results has:
//!
//! - what single blocks show: c(n)·s², with s² the variance of one block and c(n) = π/(2(n − 1) + π) that of a median of n
//!   as a share of it ([`share_of_one`]). Each machine with an interval of its median by the [sign test](super::sign) tells
//!   s² = (h/t)²/c(n), with h half the width of the interval and t of n − 1 degrees of freedom, as if it were a t interval.
//!   **The mean of that over the machines is taken for all.** A machine's own s², of 13 blocks or fewer, is so uncertain
//!   that the smallest of several is much too small. Its machine would have nearly all of the weight, and the interval of
//!   the mean over 3 or 4 machines would hold the truth in 85 to 92 % (`tests/across_rates.rs` shows 94 % and more with
//!   this rule).
//! - what varies between its sittings, and single blocks do not show: τ²·(1/S − (π/2)/n), as in [`Between`]. What all
//!   sittings of a machine have in common is no error: it is the machine.
//!
//! Where no machine has such an interval, as with fewer than 6 blocks, s² is pooled from the blocks within each machine.
//! Where every machine has one block, v is 0: what their own errors are is taken for what the machines differ by, and the
//! mean over machines is the plain one of Student's t.

use super::between::Between;
use super::median::share_of_one;
use super::ordered::Ordered;
use super::random_effects::Shown;

/// A quantity on one machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneMachine {
    /// The median of the logarithms; none where it is not known, or no number.
    value: Option<f64>,
    /// Half the width of its interval by the sign test, where that has two ends.
    half: Option<f64>,
    /// The part of its squared error that is not seen in single blocks.
    between: f64,
    /// How many blocks there are.
    blocks: u32,
    /// Of those that are known: the squared distances from their mean, and how many there are, less one.
    squares: f64,
    freedom: u32,
}

impl OneMachine {
    /// Of the logarithms of blocks, and what the sittings of such quantities differ by on this machine.
    pub fn of(logarithms: &Ordered, between: Between) -> Self {
        let n = logarithms.count();
        let known: Vec<f64> = logarithms.known().iter().copied().filter(|x| x.is_finite()).collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        let half = logarithms.interval().map(|interval| (interval.high - interval.low) / 2.0);
        Self {
            value: logarithms.median().filter(|median| median.is_finite()),
            half: half.filter(|half| half.is_finite()),
            between: between.unseen(n),
            blocks: u32::try_from(n).unwrap_or(u32::MAX),
            squares: known.iter().map(|x| (x - mean).powi(2)).sum(),
            freedom: u32::try_from(known.len().saturating_sub(1)).unwrap_or(u32::MAX),
        }
    }

    /// How many blocks it is of.
    pub fn blocks(&self) -> u32 {
        self.blocks
    }
}

/// What each of several machines shows, given the quantile of Student's t for a number of blocks; none where of any of
/// them the median is not known: the others alone would have been chosen by what came out.
pub fn shown(machines: &[OneMachine], t: impl Fn(u32) -> f64) -> Option<Vec<Shown>> {
    let of_a_block = variance_of_a_block(machines, t);
    let variance = |one: &OneMachine| share_of_one(one.blocks) * of_a_block + one.between;
    machines.iter().map(|one| Some(Shown { value: one.value?, variance: variance(one) })).collect()
}

/// s².
fn variance_of_a_block(machines: &[OneMachine], t: impl Fn(u32) -> f64) -> f64 {
    let told = machines.iter().filter_map(|one| {
        let half = one.half?;
        Some((half / t(one.blocks)).powi(2) / share_of_one(one.blocks))
    });
    let told: Vec<f64> = told.collect();
    if !told.is_empty() {
        return told.iter().sum::<f64>() / told.len() as f64;
    }
    let squares: f64 = machines.iter().map(|one| one.squares).sum();
    let freedom: f64 = machines.iter().map(|one| f64::from(one.freedom)).sum();
    if freedom > 0.0 { squares / freedom } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::reference::{assert_close, log_ratios};
    use super::*;

    fn one(logarithms: &[f64], between: Between) -> OneMachine {
        OneMachine::of(&Ordered::new(logarithms.iter().copied()), between)
    }

    fn variances(machines: &[OneMachine]) -> Vec<f64> {
        shown(machines, |_| 2.0).unwrap().into_iter().map(|one| one.variance).collect()
    }

    #[test]
    fn the_squared_error_is_that_of_the_interval_and_of_the_sittings() {
        // The interval of these is in the tests of `sign`: 0.242206775594 − 0.109542815494 wide.
        let machine = one(&log_ratios(), Between::of(3, 0.02));
        let half: f64 = (0.242_206_775_594_035_17 - 0.109_542_815_494_054_51) / 2.0;
        let sittings = 0.0004 * (1.0 / 3.0 - std::f64::consts::FRAC_PI_2 / 15.0);
        assert_close(variances(&[machine])[0], (half / 2.0).powi(2) + sittings);
        // One of which all blocks are alike tells nothing for the mean, and is not taken for certain.
        let alike = one(&[0.0; 15], Between::UNKNOWN);
        assert_close(variances(&[machine, alike])[1], (half / 2.0).powi(2) / 2.0);
    }

    #[test]
    fn machines_of_few_blocks_have_the_scatter_within_all_of_them() {
        // By hand: squares 0.02, and those of 0, 0.05 and 0.2, with 1 + 2 degrees of freedom; c(2) and c(3) of it.
        let (two, three) = (one(&[0.1, 0.3], Between::UNKNOWN), one(&[0.0, 0.05, 0.2], Between::UNKNOWN));
        let squares = 0.02 + (0.05f64.powi(2) + 0.2f64.powi(2) - 0.25f64.powi(2) / 3.0);
        let pi = std::f64::consts::PI;
        let found = variances(&[two, three]);
        assert_close(found[0], pi / (2.0 + pi) * squares / 3.0);
        assert_close(found[1], pi / (4.0 + pi) * squares / 3.0);
        assert_eq!(variances(&[one(&[0.1], Between::UNKNOWN), one(&[0.2], Between::UNKNOWN)]), [0.0, 0.0]);
    }

    #[test]
    fn where_a_median_is_not_known_nothing_is_said() {
        let failed = [0.1, f64::INFINITY, f64::INFINITY];
        let machines = [one(&failed, Between::UNKNOWN), one(&log_ratios(), Between::UNKNOWN)];
        assert_eq!(shown(&machines, |_| 2.0), None);
        // One failure of three leaves the median, and no number that scatters by infinity.
        let machines =
            [one(&failed[..2], Between::UNKNOWN), one(&[0.1, 0.2, f64::INFINITY], Between::UNKNOWN)];
        assert_eq!(shown(&machines[1..], |_| 2.0).map(|shown| shown[0].value), Some(0.2));
    }
}

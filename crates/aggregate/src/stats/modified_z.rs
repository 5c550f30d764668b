//! Modified z scores: how far a value lies from the others, by measures that it cannot move itself.
//!
//! M = 0.6745 · (x − median) / MAD, where 0.6745 makes it a z score for normal data. Where more than
//! half of the values are equal, MAD is zero, and the mean absolute deviation from the median takes its
//! place: M = (x − median) / (1.253314 · `MeanAD`). Where all are equal, M is zero.
//!
//! Source: B. Iglewicz and D. C. Hoaglin, "How to Detect and Handle Outliers" (1993); the threshold is
//! theirs.

use super::median::{mad, median, sorted};

/// A value whose score is beyond this, either way, is an outlier.
pub const OUTLYING: f64 = 3.5;

/// The third quartile of the standard normal distribution: MAD over standard deviation.
const MAD_OF_NORMAL: f64 = 0.6745;
/// √(π/2): standard deviation over mean absolute deviation, for normal data.
const MEAN_AD_OF_NORMAL: f64 = 1.253_314;

/// The scores of at least one value, in the order of the values.
pub fn scores(values: &[f64]) -> Vec<f64> {
    let sorted = sorted(values);
    let (middle, mad) = (median(&sorted), mad(&sorted));
    let mean_ad = values.iter().map(|x| (x - middle).abs()).sum::<f64>() / values.len() as f64;
    let unit = if mad > 0.0 { mad / MAD_OF_NORMAL } else { MEAN_AD_OF_NORMAL * mean_ad };
    values.iter().map(|x| if unit > 0.0 { (x - middle) / unit } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scores_are_those_of_the_formula() {
        // By hand: median 3, deviations 2 1 0 1 97, MAD 1.
        let found = scores(&[1.0, 2.0, 3.0, 4.0, 100.0]);
        assert!((found[4] - 0.6745 * 97.0).abs() < 1e-9, "{found:?}");
        assert!((found[0] + 0.6745 * 2.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn the_scores_agree_with_scipy() {
        // scipy 1.17.1: 0.6745 * (x - np.median(x)) / stats.median_abs_deviation(x), x = MAKESPANS.
        let found = scores(&super::super::reference::MAKESPANS);
        for (place, expected) in [(0, 0.0), (4, 3.413_183_18), (7, 1.957_060_01), (10, 6.468_426_43)] {
            assert!((found[place] - expected).abs() < 1e-7, "{found:?}");
        }
    }

    #[test]
    fn one_among_equals_is_scored_by_the_mean_deviation() {
        // By hand: median 0, MAD 0, mean deviation 1.
        let found = scores(&[0.0, 0.0, 0.0, 0.0, 5.0]);
        assert!((found[4] - 5.0 / 1.253_314).abs() < 1e-9, "{found:?}");
        assert_eq!(scores(&[7.0, 7.0, 7.0]), [0.0, 0.0, 0.0]);
    }
}

//! The samples of which the tests know the numbers of scipy and numpy, and what compares them.

use super::interval::Interval;

/// Fifteen made-up makespans, skewed to the right, nanoseconds.
pub const MAKESPANS: [f64; 15] = [
    2_090_412.0,
    1_873_311.0,
    2_544_120.0,
    1_998_123.0,
    3_104_555.0,
    1_890_001.0,
    2_233_871.0,
    2_671_904.0,
    1_950_772.0,
    2_123_456.0,
    4_012_345.0,
    1_888_888.0,
    2_055_555.0,
    2_312_312.0,
    1_999_999.0,
];

/// Fifteen others, of the same blocks.
pub const OTHER_MAKESPANS: [f64; 15] = [
    1_790_412.0,
    1_773_311.0,
    1_944_120.0,
    1_898_123.0,
    1_804_555.0,
    1_690_001.0,
    1_833_871.0,
    1_971_904.0,
    1_750_772.0,
    1_823_456.0,
    2_012_345.0,
    1_888_999.0,
    1_755_555.0,
    1_912_312.0,
    1_699_999.0,
];

/// Log-normal values: `np.round(np.exp(np.random.default_rng(1).normal(0, 0.5, 41)), 3)`.
pub const FORTY_ONE: [f64; 41] = [
    1.189, 1.508, 1.18, 0.521, 1.573, 1.25, 0.765, 1.337, 1.2, 1.158, 1.014, 1.314, 0.692, 0.922, 0.786,
    1.349, 1.02, 0.864, 0.676, 0.879, 1.004, 0.871, 1.91, 1.654, 0.258, 0.389, 0.916, 0.81, 1.113, 1.115,
    2.883, 0.573, 0.828, 2.777, 1.382, 1.393, 0.773, 0.439, 1.087, 1.056, 0.541,
];

/// ln of the ratio of the two, block by block.
pub fn log_ratios() -> Vec<f64> {
    MAKESPANS.iter().zip(OTHER_MAKESPANS).map(|(a, b)| (a / b).ln()).collect()
}

/// Their natural logarithms.
pub fn logarithms(values: &[f64]) -> Vec<f64> {
    values.iter().map(|x| x.ln()).collect()
}

/// Fails unless the number is as expected, to a billionth of it, or of a thousandth where it is smaller.
pub fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9 * expected.abs().max(1e-3), "{found} for {expected}");
}

/// Fails unless both ends are as expected.
pub fn assert_ends(found: Interval, low: f64, high: f64, tolerance: f64) {
    let close = (found.low - low).abs() <= tolerance && (found.high - high).abs() <= tolerance;
    assert!(close, "{found:?} for {low} to {high}");
}

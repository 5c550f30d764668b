//! How numbers are written in `summary.csv` and `ratios.csv`.
//!
//! - An integral number is written as an integer.
//! - Any other has six significant digits, but its integer part is never rounded away, and it keeps
//!   at least one decimal: a median that lies between two nanoseconds is written as `2090412.5`.
//! - Below 0.0001 it is written as `1.5e-7`.
//!
//! Trailing zeros go. The rows that [`aggregate`](crate::aggregate()) returns are not rounded.

use serde::Serializer;

/// Significant digits of a number that is not integral.
const DIGITS: usize = 6;
/// Numbers with a smaller power of ten than this are written with an exponent.
const SMALLEST_EXPONENT: isize = -4;

/// The number as it stands in a file.
pub(crate) fn format(x: f64) -> String {
    if x.fract() == 0.0 {
        // Adding 0 turns -0 into 0.
        return format!("{:.0}", x + 0.0);
    }
    // The exponent after rounding to so many digits, from the formatter itself: no logarithm that
    // might fall on either side of a power of ten.
    let scientific = format!("{x:.*e}", DIGITS - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific; // Infinite or not a number: never made here.
    };
    let exponent: isize = exponent.parse().unwrap_or(0);
    if exponent < SMALLEST_EXPONENT {
        return format!("{}e{exponent}", without_trailing_zeros(mantissa));
    }
    let decimals = (DIGITS - 1).saturating_add_signed(-exponent).max(1);
    without_trailing_zeros(&format!("{x:.decimals$}")).to_owned()
}

fn without_trailing_zeros(decimal: &str) -> &str {
    decimal.trim_end_matches('0').trim_end_matches('.')
}

/// For `#[serde(serialize_with)]` of a number.
#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
pub(crate) fn serialize<S: Serializer>(x: &f64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&format(*x))
}

/// For `#[serde(serialize_with)]` of a number that may be missing: an empty cell.
#[allow(clippy::ref_option)] // serde's signature
pub(crate) fn serialize_option<S: Serializer>(x: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    match x {
        Some(x) => serialize(x, to),
        None => to.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn integral_numbers_are_written_as_integers_whatever_their_size() {
        assert_eq!(format(0.0), "0");
        assert_eq!(format(-0.0), "0");
        assert_eq!(format(-17.0), "-17");
        assert_eq!(format(18_446_744_073_709_551_616.0), "18446744073709551616");
    }

    #[test]
    fn fractions_have_six_significant_digits_without_trailing_zeros() {
        assert_eq!(format(1.0 / 3.0), "0.333333");
        assert_eq!(format(1.25), "1.25");
        assert_eq!(format(-12.345_678_9), "-12.3457");
        assert_eq!(format(0.001_234_567_8), "0.00123457");
    }

    #[test]
    fn a_fraction_never_costs_the_integer_part_a_digit() {
        assert_eq!(format(2_090_412.5), "2090412.5");
        assert_eq!(format(123_456_789.25), "123456789.2");
    }

    #[test]
    fn small_numbers_are_written_with_an_exponent() {
        assert_eq!(format(1.5e-7), "1.5e-7");
        assert_eq!(format(0.000_1), "0.0001");
        assert_eq!(format(-0.000_099_999_4), "-9.99994e-5");
        assert_eq!(format(0.000_099_999_96), "0.0001");
    }

    #[test]
    fn a_fraction_that_rounds_to_an_integer_is_written_as_one() {
        assert_eq!(format(0.999_999_99), "1");
        assert_eq!(format(9.999_999_9), "10");
        assert_eq!(format(999_999.99), "1000000");
    }
}

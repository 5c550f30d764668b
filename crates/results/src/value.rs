//! The values of a CSV field: how each is written, and read from a file that may be a stranger's.
//!
//! A number that is not a count is written so:
//!
//! - an integral number as an integer;
//! - any other with six significant digits, but its integer part is never rounded away, and it keeps at
//!   least one decimal: a median that lies between two nanoseconds is written as `2090412.5`;
//! - below 0.0001 as `1.5e-7`.
//!
//! Trailing zeros go. What was not measured is an empty field.

use std::fmt::Write;

use protocol::Status;

use crate::folder::name_now;
use crate::sanitize::is_obeyed;

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An integer that is not negative.
    Count,
    /// A number, perhaps with an exponent.
    Number,
    /// `true` or `false`.
    Truth,
    /// A point in time, RFC 3339.
    Time,
}

impl Kind {
    /// The name of the type in a Frictionless table schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Word(_) => "string",
            Self::Count => "integer",
            Self::Number => "number",
            Self::Truth => "boolean",
            Self::Time => "datetime",
        }
    }
}

/// A value that can stand in a field.
pub trait Value: Sized {
    /// What such values are.
    const KIND: Kind;

    /// Appends the value as it stands in a file.
    fn write(&self, text: &mut String);

    /// Reads it.
    fn read(text: &str) -> Result<Self, String>;

    /// What it is where its column is absent; `None` where it must be there.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Value> Value for Option<T> {
    const KIND: Kind = T::KIND;

    fn write(&self, text: &mut String) {
        if let Some(value) = self {
            value.write(text);
        }
    }

    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl Value for String {
    const KIND: Kind = Kind::Text;

    fn write(&self, text: &mut String) {
        text.push_str(self);
    }

    fn read(text: &str) -> Result<Self, String> {
        match text.chars().find(|letter| is_obeyed(*letter)) {
            None => Ok(text.into()),
            // No text of ours holds one.
            Some(letter) => {
                Err(format!("it holds the character {}, which a terminal obeys", letter.escape_unicode()))
            }
        }
    }
}

/// Types whose own text is that of the file.
macro_rules! plain {
    ($($type:ty: $kind:ident),*) => {$(
        impl Value for $type {
            const KIND: Kind = Kind::$kind;

            fn write(&self, text: &mut String) {
                let _ = write!(text, "{self}");
            }

            fn read(text: &str) -> Result<Self, String> {
                text.parse().map_err(|error| format!("{text:?}: {error}"))
            }
        }
    )*};
}
plain!(u32: Count, u64: Count, bool: Truth);

impl Value for f64 {
    const KIND: Kind = Kind::Number;

    fn write(&self, text: &mut String) {
        text.push_str(&number(*self));
    }

    fn read(text: &str) -> Result<Self, String> {
        let value: f64 = text.parse().map_err(|error| format!("{text:?}: {error}"))?;
        if value.is_finite() { Ok(value) } else { Err(format!("{text:?} is not a finite number")) }
    }
}

impl Value for Status {
    const KIND: Kind = Kind::Word(&Self::NAMES);

    fn write(&self, text: &mut String) {
        text.push_str(self.name());
    }

    fn read(text: &str) -> Result<Self, String> {
        place(text, &Self::NAMES).map(|place| Self::ALL[place])
    }
}

/// Where a word stands among those there are.
pub(crate) fn place(text: &str, names: &[&str]) -> Result<usize, String> {
    let place = names.iter().position(|name| *name == name_now(text));
    place.ok_or_else(|| format!("unknown word {text:?}; use one of {}", names.join(", ")))
}

/// Declares an enum of words: their names in files, in JSON and on the command line are the same.
macro_rules! named {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident { $( $(#[$doc:meta])* $variant:ident = $word:literal, )+ }
    ) => {
        protocol::named! {
            $(#[$attribute])*
            #[derive(
                Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            )]
            pub enum $name { $( $(#[$doc])* #[serde(rename = $word)] $variant = $word, )+ }
        }

        impl $crate::value::Value for $name {
            const KIND: $crate::value::Kind = $crate::value::Kind::Word(&Self::NAMES);

            fn write(&self, text: &mut String) {
                text.push_str(self.name());
            }

            fn read(text: &str) -> Result<Self, String> {
                $crate::value::place(text, &Self::NAMES).map(|place| Self::ALL[place])
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}
pub(crate) use named;

/// Significant digits of a number that is not integral.
const DIGITS: usize = 6;
/// Numbers with a smaller power of ten than this are written with an exponent.
const SMALLEST_EXPONENT: isize = -4;

/// The number as it stands in a file.
pub fn number(x: f64) -> String {
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

pub(crate) fn without_trailing_zeros(decimal: &str) -> &str {
    decimal.trim_end_matches('0').trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::number as format;

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

//! Quantities with units, as people write them.

#[rustfmt::skip]
/// Units that a text may give, by the unit of the metric, and what one of them is in it.
const UNITS: [(&str, &[(&str, f64)]); 2] = [
    ("ns", &[("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)]),
    ("bytes", &[("B", 1.0), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9),
        ("KiB", 1024.0), ("MiB", 1_048_576.0), ("GiB", 1_073_741_824.0)]),
];

/// Reads a number with its unit, in the given unit: `20ms` is 20,000,000 in `ns`. Numbers without a
/// unit, ratios and counts, stand alone.
///
/// # Errors
/// When it is no number, or has not a unit that fits.
pub(crate) fn parse(text: &str, unit: &str) -> Result<f64, String> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let (digits, suffix) = (text[..end].replace('_', ""), text[end..].trim());
    let number: f64 = digits.parse().map_err(|_| format!("{text:?} is not a number"))?;
    let Some((_, units)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return if suffix.is_empty() {
            Ok(number)
        } else {
            Err(format!("{text:?} takes no unit; write the number alone"))
        };
    };
    let known = || units.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let (_, size) = units
        .iter()
        .find(|(name, _)| *name == suffix)
        .ok_or_else(|| format!("{text:?} needs a unit: one of {}", known()))?;
    Ok(number * size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_the_unit_of_its_metric() {
        assert_eq!(parse("20ms", "ns"), Ok(2e7));
        assert_eq!(parse("1.5 GB", "bytes"), Ok(1.5e9));
        assert_eq!(parse("4KiB", "bytes"), Ok(4096.0));
        assert_eq!(parse("10", "ratio"), Ok(10.0));
        assert_eq!(parse("206_000", "1/s"), Ok(206_000.0));
    }

    #[test]
    fn a_number_without_its_unit_or_with_another_is_refused_with_those_there_are() {
        assert!(parse("20", "ns").unwrap_err().contains("one of ns, us, µs, ms, s"));
        assert!(parse("20MB", "ns").is_err());
        assert!(parse("20ms", "ratio").unwrap_err().contains("takes no unit"));
        assert!(parse("fast", "ns").unwrap_err().contains("not a number"));
        assert!(parse("1.2.3", "ratio").is_err());
    }
}

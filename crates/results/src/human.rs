//! Numbers for people: three significant digits and a unit that fits.

/// A duration in nanoseconds: `1.34 ms`.
pub fn duration(ns: f64) -> String {
    scaled(ns, &[(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")])
}

/// A size in bytes: `9.77 KiB`.
pub fn bytes(bytes: f64) -> String {
    scaled(bytes, &[(1_073_741_824.0, "GiB"), (1_048_576.0, "MiB"), (1024.0, "KiB"), (1.0, "B")])
}

/// A plain number: `1.05`, `17`, `12300`.
pub fn number(value: f64) -> String {
    let magnitude = value.abs();
    let decimals = match magnitude {
        m if m >= 100.0 || m == 0.0 => 0,
        m if m >= 10.0 => 1,
        m if m >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// A count with its digits in groups of three: `10,000`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}

/// The text as a sentence begins: with its first letter large.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn scaled(value: f64, units: &[(f64, &str)]) -> String {
    let fitting = units.iter().find(|(size, _)| value.abs() >= *size);
    let (size, unit) = fitting.or(units.last()).expect("there is a smallest unit");
    format!("{} {unit}", number(value / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits_and_a_unit_that_fits() {
        assert_eq!(duration(1_344_000.0), "1.34 ms");
        assert_eq!(duration(0.0), "0 ns");
        assert_eq!(duration(123_456_789_000.0), "123 s");
        assert_eq!(bytes(456.0), "456 B");
        assert_eq!(bytes(10_004.0), "9.77 KiB");
        assert_eq!(bytes(-2048.0), "-2 KiB");
        assert_eq!(number(17.0), "17");
        assert_eq!(number(0.0031), "0.003");
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(count(999), "999");
    }

    #[test]
    fn a_sentence_begins_with_a_large_letter() {
        assert_eq!(
            ["", "crosses are failures", "élan"].map(capitalised),
            ["", "Crosses are failures", "Élan"]
        );
    }
}

//! Coordinates as text: short, since a drawing has many.

use std::fmt::Write;

/// A coordinate, rounded to a tenth of a unit: `12.3`, `12`. What is not a finite number becomes 0,
/// so that the drawing stays valid.
pub fn tenth(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    // Adding 0 turns -0 into 0.
    if rounded.is_finite() { format!("{}", rounded + 0.0) } else { "0".into() }
}

pub fn through(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (place, (x, y)) in points.iter().enumerate() {
        let command = match place {
            0 => "M",
            1 => "L",
            _ => " ",
        };
        let _ = write!(path, "{command}{} {}", tenth(*x), tenth(*y));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_one_decimal_at_most() {
        let shown = [12.34, 12.0, -0.01, f64::NAN, f64::INFINITY].map(tenth);
        assert_eq!(shown, ["12.3", "12", "0", "0", "0"]);
    }

    #[test]
    fn a_path_goes_through_its_points() {
        assert_eq!(through(&[(1.0, 2.0), (3.04, 4.0), (5.0, 6.0)]), "M1 2L3 4 5 6");
        assert_eq!(through(&[]), "");
    }
}

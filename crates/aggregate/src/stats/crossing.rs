//! Up to how many tasks one of two costs less than the other, from their costs at several sizes.
//!
//! Between the last size at which it costs less and the next, both costs are taken to grow in straight lines. No model of
//! all sizes is needed, and nothing is said beyond those that were measured.

/// The crossover.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crossing {
    /// It does not cost less at any size.
    Below,
    /// It costs less up to so many tasks.
    At(f64),
    /// It costs less at the largest size.
    Above,
    /// Both failed at some size.
    Unknown,
}

/// Of sizes in ascending order: the tasks, and the costs of the two, above zero; +∞ of what failed.
pub fn crossing(sizes: &[(f64, f64, f64)]) -> Crossing {
    // How much less it costs; ∞ − ∞ is not known.
    let less = |(tasks, a, b): &(f64, f64, f64)| (*tasks, b - a);
    if sizes.iter().any(|size| less(size).1.is_nan()) {
        return Crossing::Unknown;
    }
    let Some(last) = sizes.iter().rposition(|size| less(size).1 > 0.0) else { return Crossing::Below };
    let Some(next) = sizes.get(last + 1) else { return Crossing::Above };
    let ((from, before), (to, after)) = (less(&sizes[last]), less(next));
    let share = match (before.is_finite(), after.is_finite()) {
        (true, _) => before / (before - after),
        (false, true) => 1.0,
        (false, false) => 0.5,
    };
    Crossing::At(from + share * (to - from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_lies_between_two_sizes_where_straight_lines_meet() {
        // By hand: 1 less at 10 tasks and 3 more at 1000, so that it is a quarter of the way.
        let between = [(10.0, 1.0, 2.0), (1000.0, 8.0, 5.0)];
        assert_eq!(crossing(&between), Crossing::At(257.5));
        // At the last change, where noise makes several.
        assert_eq!(crossing(&[&[(1.0, 3.0, 1.0)], &between[..]].concat()), Crossing::At(257.5));
    }

    #[test]
    fn nothing_is_said_beyond_the_sizes() {
        assert_eq!(crossing(&[(10.0, 2.0, 1.0), (100.0, 3.0, 2.0)]), Crossing::Below);
        assert_eq!(crossing(&[(10.0, 1.0, 2.0), (100.0, 2.0, 3.0)]), Crossing::Above);
        assert_eq!(crossing(&[]), Crossing::Below);
    }

    #[test]
    fn what_fails_costs_more_than_anything() {
        let inf = f64::INFINITY;
        assert_eq!(crossing(&[(10.0, 1.0, 2.0), (100.0, inf, 2.0)]), Crossing::At(10.0));
        assert_eq!(crossing(&[(10.0, 1.0, inf), (100.0, 3.0, 2.0)]), Crossing::At(100.0));
        assert_eq!(crossing(&[(10.0, inf, inf), (100.0, 3.0, 2.0)]), Crossing::Unknown);
    }
}

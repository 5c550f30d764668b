//! The cost model: y = fixed + per task · N, by least squares of *relative* errors.
//!
//! Costs of 10 and of 10,000 tasks differ a thousandfold, and so do their errors; unweighted, the
//! largest size alone would decide. So Σ ((yᵢ − ŷᵢ) / ŷᵢ)² is made least, where ŷᵢ = fixed + per task · Nᵢ: weighted
//! least squares with wᵢ = 1/ŷᵢ², fitted again until the weights are those of the line. (Weights 1/yᵢ² would prefer
//! what noise made small: at 30 % of noise the fixed cost came out 8 to 10 % too low.) With S = Σw, Sₓ = `ΣwN`, `S_y` = Σwy, Sₓₓ = `ΣwN²`, `Sₓ_y` = `ΣwNy` and
//! Δ = S·Sₓₓ − Sₓ²,
//!
//! per task = (`S·Sₓ_y` − `Sₓ·S_y`) / Δ, fixed = (`S_y` − per task · Sₓ) / S.
//!
//! Source: P. R. Bevington, "Data Reduction and Error Analysis for the Physical Sciences" (1969),
//! chapter 6; R. W. M. Wedderburn, "Quasi-likelihood functions, generalized linear models, and the Gauss–Newton
//! method", Biometrika 61 (1974).

/// A cost that grows in a straight line with the number of tasks; both in the unit of the cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// The cost of no task at all.
    pub fixed: f64,
    /// The cost of one task more.
    pub per_task: f64,
}

impl Line {
    /// The cost of so many tasks.
    pub fn at(self, tasks: f64) -> f64 {
        self.fixed + self.per_task * tasks
    }
}

/// How often the weights are taken from the line that was fitted last; after a few times it stays the same.
const TIMES: usize = 20;

/// Fits a line to points of tasks and cost; none to fewer than two different numbers of tasks, nor to
/// costs that are not above zero, as they have no relative error.
pub fn fit(points: &[(f64, f64)]) -> Option<Line> {
    if points.iter().any(|(_, cost)| *cost <= 0.0) {
        return None;
    }
    let mut line = relative_to(points, |_, y| y)?;
    for _ in 0..TIMES {
        if points.iter().any(|(n, _)| line.at(*n) <= 0.0) {
            break;
        }
        line = relative_to(points, |n, _| line.at(n))?;
    }
    Some(line)
}

/// The line of the least squares of errors as shares of what `whole` gives.
fn relative_to(points: &[(f64, f64)], whole: impl Fn(f64, f64) -> f64) -> Option<Line> {
    let sum = |term: fn(f64, f64) -> f64| {
        points.iter().map(|&(n, y)| term(n, y) / whole(n, y).powi(2)).sum::<f64>()
    };
    let (weights, n, y) = (sum(|_, _| 1.0), sum(|n, _| n), sum(|_, y| y));
    let (nn, ny) = (sum(|n, _| n * n), sum(|n, y| n * y));
    let determinant = weights * nn - n * n;
    // Of one number of tasks alone it is zero, but for rounding.
    if determinant <= f64::EPSILON * weights * nn {
        return None;
    }
    let per_task = (weights * ny - n * y) / determinant;
    Some(Line { fixed: (y - per_task * n) / weights, per_task })
}

#[cfg(test)]
mod tests {
    use super::super::reference::assert_close;
    use super::*;

    #[test]
    fn the_fit_agrees_with_numpy() {
        // numpy: np.polyfit([10, 50, 100, 1000], [1.31, 1.75, 2.4, 11.9], 1, w=1/y), then sixty times with
        // w = 1 / np.polyval of the last.
        let line = fit(&[(10.0, 1.31), (50.0, 1.75), (100.0, 2.4), (1000.0, 11.9)]).unwrap();
        assert_close(line.fixed, 1.220_732_238_950_910_3);
        assert_close(line.per_task, 0.010_879_406_125_870_485);
    }

    #[test]
    fn points_on_a_line_give_that_line() {
        let line = fit(&[(1.0, 7.0), (10.0, 25.0), (1000.0, 2005.0)]).unwrap();
        assert_close(line.fixed, 5.0);
        assert_close(line.per_task, 2.0);
        assert_close(line.at(100.0), 205.0);
    }

    #[test]
    fn one_number_of_tasks_or_a_cost_of_nothing_has_no_line() {
        assert_eq!(fit(&[(10.0, 1.0), (10.0, 2.0)]), None);
        assert_eq!(fit(&[(10.0, 1.0), (20.0, 0.0)]), None);
        assert_eq!(fit(&[]), None);
    }
}

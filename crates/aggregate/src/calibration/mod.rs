//! `calibration.csv`: how often the lab itself is wrong, from trials whose truth is known.
//!
//! The blocks of one long run are cut into comparisons of [`BLOCKS`] consecutive blocks, as many as a run
//! by the default preset has of what it claims about, and each is judged as if it were a run of its own.
//! Where a trial failed, its comparison is left out whole.
//!
//! - *False alarms*: the share of comparisons of one program with itself in which a difference is seen.
//! - *Coverage*: the share of comparisons whose 95 % interval holds the known ratio. What is known is the
//!   ratio of the work; a bias of the lab, or a cost beside the work, counts against it.
//! - *Power*: the share of comparisons in which a known difference is seen, in the right direction.
//! - *Ratio*: the known ratio as all blocks together have it; its error is the bias of a ratio.
//! - *Bias against a timing from outside*: makespans m by the runner's clock against the time o from `go`
//!   to `done` by the harness's. That is later by what the wire and waking up take, which is the same for
//!   both programs and cancels in ((o₅ − m₅) − (o₁ − m₁)) / 0.05·m₁, of each block: so large a share of the
//!   work that slower-5 has more is missing from its makespan. A runner whose clock loses 1 % has 1 % here.
//!   (The ratio of the times seen would not do: a delay that is the same for both draws it towards 1.)
//!   Trials have one round, since `go_to_done_ns` is of all rounds.
//!
//! A difference is seen *by interval* where the interval of the median ratio leaves out 1, *by test* where
//! the paired t test has p ≤ 0.05, and *by verdict* where the sign test has, as a claim is judged. A share holds where
//! an exact binomial test at 5 % does not reject what is nominal; false alarms by verdict ought to be *at
//! most* 5 %. Each such row has itself a chance of about 5 % to be rejected where all is well.
//!
//! What the order of the trials changes is in [`order_effect`].

mod figure;
mod known_truth;
mod order_effect;

use std::path::Path;

use results::folder::{ORDERS, TRIALS};
use results::{CalibrationRow, Error, Problem, read, write};

use crate::trials;
pub use known_truth::BLOCKS;
use known_truth::KnownTruth;

/// Computes the lab's own errors from the run in the folder `dir`, whose trials are those of
/// `calibration.toml`, and writes them there.
///
/// # Errors
/// As [`aggregate`](crate::aggregate()), and when there are too few blocks for a single comparison.
pub fn calibrate(dir: &Path) -> Result<Vec<CalibrationRow>, Error> {
    let (plan, trials) = trials::read(dir)?;
    let known = KnownTruth { cells: &trials.cells, first_block: plan.burn_in_blocks };
    let mut rows = known.rows().map_err(|what| {
        let remedy = "give the folder of a run that `kilotask calibrate` made";
        Problem::new(1, what, remedy).at(&dir.join(TRIALS))
    })?;
    let orders = dir.join(ORDERS);
    if orders.exists() {
        rows.extend(order_effect::rows(&read::rows(&orders)?));
    }
    write::publish([write::stage(dir, &rows)?])?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{run, timed};

    #[test]
    fn a_run_of_something_else_is_refused_with_how_to_get_the_right_one() {
        let dir = run(&[timed("tokio", 1, 100)]);
        let error = calibrate(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("no trial of same-a is ok; give the folder of a run that `kilotask calibrate`"),
            "{error}"
        );
    }
}

//! The gate of `compare --fail-above`: what may not get worse, and what did.

use aggregate::{Compared, Comparison, Lost};
use serde::Serialize;

/// How a comparison stands against its gate.
#[derive(Serialize)]
pub struct Gate<'a> {
    /// The factor that no row may be worse by beyond doubt.
    pub limit: f64,
    /// What did not pass.
    pub failed: Vec<Failed<'a>>,
    /// Cells that would not have passed, and were allowed.
    pub allowed: Vec<&'a Lost>,
    /// Why nothing could have failed. Then nothing passed either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'static str>,
}

/// Something that did not pass.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Failed<'a> {
    /// It is worse beyond doubt.
    Worse(&'a Compared),
    /// It has no number any more, or none that can be judged.
    Lost(&'a Lost),
}

impl<'a> Gate<'a> {
    /// The gate of a comparison: `limit` is a factor of at least 1. With `allow_missing`, what has no number any more
    /// passes.
    pub fn new(comparison: &'a Comparison, limit: f64, allow_missing: bool) -> Self {
        let worse = comparison.rows.iter().filter(|row| row.is_worse_than(limit)).map(Failed::Worse);
        let mut failed: Vec<Failed> = worse.collect();
        let mut allowed = Vec::new();
        if allow_missing {
            allowed.extend(&comparison.lost);
        } else {
            failed.extend(comparison.lost.iter().map(Failed::Lost));
        }
        let error = if failed.is_empty() { could_not_fail(comparison) } else { None };
        Self { limit, failed, allowed, error }
    }
}

/// Why no row could have been found worse, if so.
fn could_not_fail(comparison: &Comparison) -> Option<&'static str> {
    if comparison.rows.iter().all(|row| row.ci_low.is_none()) {
        return Some(
            "--fail-above found nothing to judge: no metric has 6 blocks besides the burn-in on both sides; run \
             both with --blocks 7 or more",
        );
    }
    (!comparison.can_decide).then_some(
        "--fail-above cannot fail: too few blocks to decide any of so many cells; compare three runs per side, \
         runs of three sittings, or runs with more blocks",
    )
}

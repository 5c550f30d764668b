//! A run that reproduces another, claim by claim.

use std::cmp::Reverse;
use std::path::Path;

use aggregate::{ClaimPair, Comparison};

use super::bounded::{MOST_LINES, Part, fitted};
use super::compare::{View, agreements};
use crate::lab::program;

/// The differences of machine, build and plan, the verdicts of both runs, those that disagree first, and how many agree;
/// without `all` on one screen.
pub fn ending(reference: &Path, here: &Path, comparison: &Comparison, all: bool) -> String {
    let names = ["there", "here"];
    let again =
        format!("{} reproduce {} --out {} --resume --all", program(), reference.display(), here.display());
    let view = View::new(all, &again);
    let mut parts =
        vec![Part::whole([format!("there: {}", reference.display()), format!("here:  {}", here.display())])];
    parts.push(Part::gap());
    parts.extend(view.environment(comparison, names));
    let mut claims: Vec<&ClaimPair> = comparison.claims.iter().collect();
    // Where nobody can say whether they agree, they stand last.
    claims.sort_by_key(|pair| Reverse(pair.agreement));
    if !claims.is_empty() {
        parts.extend([Part::gap(), view.claims(&claims, names)]);
    }
    let more = [
        format!("In sentences: {} table {} --claims CLAIM", program(), here.display()),
        format!("The numbers:  {} compare {} {}", program(), reference.display(), here.display()),
    ];
    parts.extend([Part::gap(), Part::whole(more), Part::whole([agreements(&comparison.claims)])]);
    fitted(&parts, if all { usize::MAX } else { MOST_LINES }).join("\n")
}

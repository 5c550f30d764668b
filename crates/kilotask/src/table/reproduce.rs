//! A run that reproduces another, claim by claim.

use std::fmt::Write;
use std::path::Path;

use aggregate::{ClaimPair, Comparison};

use super::compare::{agreements, claims_table, environment};

/// The differences of machine, build and plan, the verdicts of both runs, and how many agree.
pub fn ending(reference: &Path, here: &Path, comparison: &Comparison) -> String {
    let names = ["there", "here"];
    let mut text = format!("there: {}\nhere:  {}\n\n", reference.display(), here.display());
    text += &environment(comparison, names);
    let claims: Vec<&ClaimPair> = comparison.claims.iter().collect();
    if !claims.is_empty() {
        let _ = writeln!(text, "\n{}", claims_table(&claims, names));
    }
    let _ = writeln!(
        text,
        "In sentences: the column `reason` of verdicts.csv. The numbers: kilotask compare {} {}; the tables: \
         kilotask aggregate {}\n",
        reference.display(),
        here.display(),
        here.display()
    );
    text + &agreements(&comparison.claims)
}

//! Why parts cannot be merged, and what to do about it.

use std::path::PathBuf;

use results::difference::Difference;

/// Why parts cannot be merged.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum MergeError {
    #[error(transparent)]
    Run(#[from] results::Error),
    #[error(
        "no part of a plan is in {given}; name the folder that kilotask run --plan was given as --out, or folders in it"
    )]
    NoParts { given: String },
    #[error("{} is not empty, and is not the merged folder of this plan; choose another OUT", .0.display())]
    Taken(PathBuf),
    #[error("{}: {what}", path.display())]
    Part { path: PathBuf, what: String },
    #[error(
        "{} and {} are not of one plan: {}. Merge the parts of one plan alone; the others can be compared with it: kilotask \
         compare",
        a.display(), b.display(), in_words(differences)
    )]
    AnotherPlan { a: PathBuf, b: PathBuf, differences: Vec<Difference> },
    #[error(
        "{} and {} were not run by the same programs: {}. Run the shard again from one checkout, or leave that part out",
        a.display(), b.display(), in_words(differences)
    )]
    AnotherProgram { a: PathBuf, b: PathBuf, differences: Vec<Difference> },
    #[error(
        "{} is one of {found}, and {} one of {wanted}: nobody knows what is to be there. Merge the parts of one deal alone",
        a.display(), b.display()
    )]
    AnotherDeal { a: PathBuf, b: PathBuf, found: String, wanted: String },
    #[error(
        "{} and {} are both {name} of one machine, and do not hold the same rows; leave one of them out",
        a.display(), b.display()
    )]
    TwoOfOneName { a: PathBuf, b: PathBuf, name: String },
}

/// The most differences that are listed.
const MOST_LISTED: usize = 8;

/// Differences in words: `seed is 7 and 8`.
fn in_words(differences: &[Difference]) -> String {
    let words = |it: &Difference| format!("{} is {} and {}", it.what, it.a, it.b);
    let mut listed: Vec<String> = differences.iter().take(MOST_LISTED).map(words).collect();
    if differences.len() > MOST_LISTED {
        listed.push(format!("and {} more", differences.len() - MOST_LISTED));
    }
    listed.join("; ")
}

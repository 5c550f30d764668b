//! Checks a bundle: reads its rows as every reader of a run does, works out again what follows from them, and compares.

use std::path::Path;

use results::Presence;
use serde::{Serialize, Serializer};

use crate::compare::difference;
use crate::derive::derive;
use crate::error::Error;
use crate::facts::Facts;
use crate::manifest::VERSION;
use crate::names::Kind;
use crate::open::Opened;
use crate::rest;

/// What can be said of what a bundle says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// The same bytes came out here.
    Verified,
    /// Other bytes came out here, or none could: which, and why that may be.
    AsSubmitted(String),
}

impl Label {
    /// In two words.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Verified => "verified here",
            Self::AsSubmitted(_) => "as submitted",
        }
    }

    /// What is not as it should be, if anything.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Verified => None,
            Self::AsSubmitted(reason) => Some(reason),
        }
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A bundle that holds together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// Whether what follows from its rows came out here, too.
    pub label: Label,
    /// SHA-256 of the bundle, in hexadecimal.
    pub sha256: String,
    /// The version of kilotask that made it.
    pub kilotask: String,
    /// How many of its trials the run has.
    pub presence: Presence,
    /// What it is about.
    #[serde(flatten)]
    pub facts: Facts,
}

impl Opened {
    /// Checks the bundle. What follows from its rows then stands in the folder of the run, as this version works it out.
    ///
    /// # Errors
    /// When the bundle is refused, as its plan, its rows or its other files cannot be true; or a file cannot be written.
    pub fn check(&self) -> Result<Checked, Error> {
        let (run, submitted) = (self.run(), self.submitted());
        let refused = |error: &results::Error| Error::Refused {
            bundle: self.bundle.clone(),
            what: in_bundle(error, &run),
        };
        let presence = derive(&run).map_err(|error| refused(&error))?;
        rest::check(&run).map_err(|error| refused(&error))?;
        let difference = difference(self.manifest.of_kind(Kind::Derived), &submitted, &run)?;
        let label = difference.map_or(Label::Verified, |what| Label::AsSubmitted(self.explained(&what)));
        let shown = if label == Label::Verified { &run } else { &submitted };
        let facts = Facts::of(&run, shown).map_err(|error| refused(&error))?;
        let kilotask = self.manifest.kilotask.clone();
        Ok(Checked { label, sha256: self.sha256.clone(), kilotask, presence, facts })
    }

    /// A difference, with what may have made it.
    fn explained(&self, difference: &str) -> String {
        let theirs = &self.manifest.kilotask;
        if theirs == VERSION {
            format!(
                "{difference}; kilotask {VERSION} made it, as this is: its rows or what follows from them were changed, or it is of another commit"
            )
        } else {
            format!("{difference}; kilotask {theirs} made it, and this is {VERSION}")
        }
    }
}

/// What is wrong with a file of a bundle, by its name there: nobody knows the temporary folder, and whoever was handed a run
/// repairs nothing in it.
fn in_bundle(error: &results::Error, run: &Path) -> String {
    let above = format!("{}/", run.display());
    let what = match error {
        results::Error::Content { path, line, problem, .. } => {
            format!("{}:{line}: {problem}", path.display())
        }
        other => other.to_string(),
    };
    what.replace(&above, "")
}

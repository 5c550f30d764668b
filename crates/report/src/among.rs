//! The machine of a merged folder that a page is of, among the others: it leads back to them, and to the rows of all.

use std::path::Path;

use results::folder::{ENVIRONMENT, ENVIRONMENTS, merged_of};
use results::merged::machines;

use crate::error::Error;

/// The most of the other machines that have a link on the page of one.
const MOST_LINKED: usize = 200;

/// A machine of a merged folder.
#[derive(Debug)]
pub struct Among {
    /// Its name.
    pub name: String,
    /// The names of all, in the order of `machines.csv`.
    machines: Vec<String>,
}

impl Among {
    /// The machine that a folder is of, where it is that of one.
    ///
    /// # Errors
    /// When `machines.csv` cannot be read.
    pub fn read(dir: &Path) -> Result<Option<Self>, Error> {
        let Some((merged, name)) = merged_of(dir) else { return Ok(None) };
        let machines = machines(&merged)?.into_iter().map(|row| row.machine).collect();
        Ok(Some(Self { name, machines }))
    }

    /// How many machines there are.
    pub fn count(&self) -> usize {
        self.machines.len()
    }

    /// The others, as far as each has a link. Their pages are written by the same command as this one.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.machines.iter().map(String::as_str).filter(|name| *name != self.name).take(MOST_LINKED)
    }

    /// How many more there are.
    pub fn more(&self) -> usize {
        self.count().saturating_sub(1).saturating_sub(MOST_LINKED)
    }
}

/// Where a file that a run has from the beginning stands, seen from its page: that of a machine is among those of all.
pub fn given(among: Option<&Among>, file: &str) -> String {
    match among {
        None => file.into(),
        Some(Among { name, .. }) if file == ENVIRONMENT => format!("../../{ENVIRONMENTS}/{name}.json"),
        Some(_) => format!("../../{file}"),
    }
}

//! An earlier run that shows how long each cell takes, before a plan is begun.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use harness::pace;
use harness::plan::Plan;
use protocol::Status;
use results::folder::PLAN;
use results::roster::read_trials;
use results::{Pass, TrialRow};

use crate::lab::Lab;

/// The run that shows how long cells take where none is named, from the checkout on.
const REFERENCE: &str = "results/reference";

/// What takes this long has no trial in the burn-in: most of the time of a block would go into what counts nowhere, while
/// what warms up does so within the first moments of a trial.
const LONG: Duration = Duration::from_millis(pace::EQUAL_TIME.long_ms);

/// An earlier run, of any machine.
pub struct Pilot {
    /// A timed trial of each cell, as if it were of block 0.
    pub trials: Vec<TrialRow>,
    /// The cells of which no trial began, as their runtime does not do that.
    refused: HashSet<String>,
}

/// The committed run of the checkout, where it is unpacked.
pub fn committed(lab: &Lab) -> Option<PathBuf> {
    let reference = lab.checkout.as_ref().map(|checkout| checkout.join(REFERENCE));
    reference.filter(|reference| reference.join(PLAN).exists())
}

impl Pilot {
    /// Reads the run in a folder.
    pub fn read(folder: &Path) -> Result<Self> {
        Self::of(folder).with_context(|| format!("reading the pilot {}", folder.display()))
    }

    fn of(folder: &Path) -> Result<Self> {
        let plan = Plan::read(&folder.join(PLAN))?;
        let (mut seen, mut trials, mut refused) = (HashSet::new(), Vec::new(), HashSet::new());
        read_trials(folder, &plan, |_, trial| {
            let is_first = trial.pass == Pass::Timed && trial.process_lifetime_ns.is_some();
            if is_first && seen.insert(trial.cell.clone()) {
                trials.push(TrialRow { block: 0, ..trial });
            } else if matches!(trial.status, Status::Unavailable | Status::Unsupported) {
                refused.insert(trial.cell);
            }
            Ok(())
        })?;
        let refused = refused.difference(&seen).cloned().collect();
        Ok(Self { trials, refused })
    }

    /// Puts on record how long a trial of each cell takes, and leaves those that take long out of the burn-in. What is
    /// refused takes no time.
    pub fn note(&self, plan: &mut Plan) {
        let lasted: HashMap<String, Duration> = pace::lasted(&self.trials);
        for planned in &mut plan.cells {
            let lasted = lasted.get(&planned.cell.id).copied();
            let lasted = lasted.or_else(|| self.refused.contains(&planned.cell.id).then_some(Duration::ZERO));
            planned.expected_us = lasted.and_then(|lasted| u64::try_from(lasted.as_micros()).ok());
            planned.burn_in = lasted.is_none_or(|lasted| lasted < LONG);
        }
    }
}

//! Quantiles by number of machines and of blocks: thousands of ratios need the same few.

use std::collections::HashMap;

use crate::stats::one_machine::{OneMachine, shown};
use crate::stats::random_effects::{Across, Quantiles};
use crate::stats::student;

/// Those that were needed so far.
#[derive(Default)]
pub(super) struct Known {
    machines: HashMap<usize, Option<Quantiles>>,
    blocks: HashMap<u32, f64>,
}

impl Known {
    /// Those that these quantities need, each with what every machine shows of it.
    pub fn of<'a>(quantities: impl IntoIterator<Item = &'a [OneMachine]>) -> Self {
        let mut known = Self::default();
        for machines in quantities {
            known.machines.entry(machines.len()).or_insert_with(|| Quantiles::of(machines.len()));
            for one in machines.iter().filter(|one| one.blocks() > 1) {
                known.blocks.entry(one.blocks()).or_insert_with(|| student::t(one.blocks() as usize));
            }
        }
        known
    }

    /// What the machines show of one of these quantities together; none of fewer than three, or where one of them is not
    /// known.
    pub fn across(&self, machines: &[OneMachine]) -> Option<Across> {
        let quantiles = self.machines.get(&machines.len())?.as_ref()?;
        let t = |blocks| self.blocks.get(&blocks).copied().unwrap_or(f64::INFINITY);
        Some(Across::of(&shown(machines, t)?, quantiles))
    }
}

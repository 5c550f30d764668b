//! `across.csv`: the ratios of all machines together.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use rayon::prelude::*;
use results::{AcrossRow, Against};

use super::failed::failed_on;
use super::quantiles::Known;
use crate::ratios::{Compared, Pair};
use crate::stats::Interval;
use crate::stats::one_machine::OneMachine;

/// The ratios of the machines read so far.
#[derive(Default)]
pub(super) struct Ratios {
    /// By [`key`]: the place in `found`.
    places: HashMap<String, usize>,
    /// In the order in which each first appears.
    found: Vec<Found>,
    /// Of each machine the cells of which no trial counts, as they failed.
    failed: Vec<HashSet<String>>,
}

/// One ratio.
struct Found {
    /// Names alone.
    row: AcrossRow,
    /// The cell of the runtime, and that of the baseline.
    cells: [String; 2],
    /// Whether any machine knows it.
    is_known: bool,
    /// The machines that have it, by their number.
    machines: Vec<u32>,
    shown: Vec<OneMachine>,
}

impl Ratios {
    /// Adds those of the next machine, and the cells that failed there.
    pub fn note(&mut self, ratios: &[Compared], failed: HashSet<String>) {
        let machine = u32::try_from(self.failed.len()).unwrap_or(u32::MAX);
        self.failed.push(failed);
        let mut name = String::new();
        // Another runtime may be the fastest on another machine.
        for compared in ratios.iter().filter(|compared| compared.row.against != Against::Fastest) {
            key(compared.pair, &mut name);
            let place = self.places.get(&name).copied().unwrap_or_else(|| {
                self.places.insert(name.clone(), self.found.len());
                self.found.push(Found::of(compared));
                self.found.len() - 1
            });
            let found = &mut self.found[place];
            found.is_known |= compared.is_known();
            found.machines.push(machine);
            found.shown.push(compared.shown);
        }
    }

    /// A row for each ratio that any machine knows.
    pub fn rows(self) -> Vec<AcrossRow> {
        let Self { found, failed, .. } = self;
        let known = Known::of(found.iter().map(|one| &*one.shown));
        let of_use = found.into_par_iter().filter(|one| one.is_known);
        of_use.map(|one| one.row(&known, &failed)).collect()
    }
}

/// What makes it the same ratio on another machine.
fn key(Pair { runtime, baseline, against, metric }: Pair, name: &mut String) {
    name.clear();
    let (runtime, baseline) = (&runtime.identity.cell, &baseline.identity.cell);
    let _ = write!(name, "{runtime}\n{baseline}\n{against}\n{metric}");
}

impl Found {
    fn of(Compared { pair, row, .. }: &Compared) -> Self {
        let cells = [pair.runtime, pair.baseline].map(|cell| cell.identity.cell.clone());
        let row = AcrossRow {
            experiment: row.experiment.clone(),
            group: row.group.clone(),
            workload: row.workload.clone(),
            tasks: row.tasks,
            metric: row.metric,
            runtime: row.runtime.clone(),
            baseline: row.baseline.clone(),
            against: row.against,
            machines: 0,
            ratio: None,
            ci_low: None,
            ci_high: None,
            tau: None,
            tau_low: None,
            tau_high: None,
            next_low: None,
            next_high: None,
            t_low: None,
            t_high: None,
        };
        Self { row, cells, is_known: false, machines: Vec::new(), shown: Vec::new() }
    }

    fn row(self, known: &Known, failed: &[HashSet<String>]) -> AcrossRow {
        let Self { row, cells, machines, shown, .. } = self;
        let failed_on = failed_on(failed, &cells, machines);
        // Where it failed it is not known, and without that machine the others would be chosen by what came out.
        let across = if failed_on == 0 { known.across(&shown) } else { None };
        let row = AcrossRow { machines: (shown.len() + failed_on) as u64, ..row };
        let Some(across) = across else { return row };
        let (interval, next, plain) = (across.interval.exp(), across.next.exp(), across.plain.exp());
        let Interval { low: tau_low, high: tau_high } = across.tau_interval;
        AcrossRow {
            ratio: Some(across.mean.exp()),
            ci_low: interval.known_low(),
            ci_high: interval.known_high(),
            tau: Some(across.tau),
            tau_low: Some(tau_low),
            tau_high: Some(tau_high),
            next_low: next.known_low(),
            next_high: next.known_high(),
            t_low: plain.known_low(),
            t_high: plain.known_high(),
            ..row
        }
    }
}

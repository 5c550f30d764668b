//! `crossovers-across.csv`: up to how many tasks one runtime costs less than another, over all machines.
//!
//! A crossover counts tasks and has no unit of time: on a machine on which everything takes twice as long it is the same.
//! So it has a mean over machines, of its logarithm, as a ratio has. A machine on which the two do not cross has no number;
//! it is counted, and then there is no mean: that of the others would be of machines that were chosen by what came out.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use rayon::prelude::*;
use results::CrossoverRow;

use super::failed::failed_on;
use super::quantiles::Known;
use crate::measured_cell::MeasuredCell;
use crate::scaling::{Crossed, crossings};
use crate::stats::one_machine::OneMachine;
use crate::stats::{Between, Interval, Ordered};
use crate::trials::Trials;

/// The crossovers of the machines read so far.
#[derive(Default)]
pub(super) struct Crossovers {
    /// By [`key`]: the place in `found`.
    places: HashMap<String, usize>,
    /// In the order in which each first appears.
    found: Vec<Found>,
    /// Of each machine the cells of which no trial counts, as they failed.
    failed: Vec<HashSet<String>>,
}

/// One pair of series.
struct Found {
    /// Names alone, and no number yet.
    row: CrossoverRow,
    /// The cells of both.
    cells: Vec<String>,
    machines: Vec<OnMachine>,
}

/// What a machine shows of it.
struct OnMachine {
    /// Its number.
    machine: u32,
    /// How many sizes both have.
    sizes: usize,
    place: Where,
}

/// Where the crossover of a machine lies.
enum Where {
    /// Below the sizes, above them, or nobody knows.
    AtNoSize,
    AtLargest,
    Unknown,
    /// Between two sizes: its logarithm, and what is kept of it for the mean.
    Between(f64, Box<OneMachine>),
}

impl Crossovers {
    /// Adds those of the next machine, and the cells that failed there.
    pub fn note(&mut self, trials: &Trials, failed: HashSet<String>) {
        let machine = u32::try_from(self.failed.len()).unwrap_or(u32::MAX);
        self.failed.push(failed);
        let crossings = crossings(&trials.cells);
        let of_kind = |one: &Crossed| (one.of[0].identity.experiment.clone(), one.metric);
        let between = trials.sittings.between(crossings.par_iter().map(|one| {
            let variance = trials.sittings.variance(one.logarithms.iter().copied());
            (of_kind(one), variance)
        }));
        let mut name = String::new();
        for crossed in &crossings {
            key(crossed, &mut name);
            let place = self.places.get(&name).copied().unwrap_or_else(|| {
                self.places.insert(name.clone(), self.found.len());
                self.found.push(Found::of(crossed));
                self.found.len() - 1
            });
            let pooled = between.get(&of_kind(crossed)).copied().unwrap_or(Between::UNKNOWN);
            let blocks = crossed.logarithms.iter().map(|(block, _)| *block);
            let own = pooled.in_sittings(trials.sittings.count_of(blocks));
            self.found[place].machines.push(OnMachine::of(machine, crossed, own));
        }
    }

    /// A row for each pair that crosses on any machine.
    pub fn rows(self) -> Vec<CrossoverRow> {
        let Self { found, failed, .. } = self;
        let shown: Vec<Vec<OneMachine>> = found.par_iter().map(|one| one.shown(&failed)).collect();
        let known = Known::of(shown.iter().map(|one| &**one));
        let rows = found.into_par_iter().zip(shown);
        rows.filter_map(|(one, shown)| one.row(&known, &shown, &failed)).collect()
    }
}

/// What makes it the same pair on another machine.
fn key(crossed: &Crossed, name: &mut String) {
    name.clear();
    let Crossed { series, metric, of, over, .. } = crossed;
    let (of, over) = (&of[0].identity, &over[0].identity);
    let _ = write!(name, "{}\n{series}\n{metric}\n{}\n{}", of.experiment, of.runtime, over.runtime);
}

impl OnMachine {
    fn of(machine: u32, crossed: &Crossed, between: Between) -> Self {
        let logarithms = Ordered::new(crossed.logarithms.iter().map(|(_, logarithm)| *logarithm));
        let place = match logarithms.median() {
            Some(median) if median.is_finite() => {
                Where::Between(median, Box::new(OneMachine::of(&logarithms, between)))
            }
            Some(f64::NEG_INFINITY) => Where::AtNoSize,
            Some(f64::INFINITY) => Where::AtLargest,
            _ => Where::Unknown,
        };
        Self { machine, sizes: sizes(crossed).count(), place }
    }
}

/// The sizes that both series have.
fn sizes(crossed: &Crossed) -> impl Iterator<Item = u64> {
    let tasks = |cell: &&MeasuredCell| cell.identity.tasks;
    let others: HashSet<u64> = crossed.over.iter().map(tasks).collect();
    crossed.of.iter().map(tasks).filter(move |tasks| others.contains(tasks))
}

impl Found {
    fn of(crossed: &Crossed) -> Self {
        let (of, over) = (&crossed.of[0].identity, &crossed.over[0].identity);
        let row = CrossoverRow {
            experiment: of.experiment.clone(),
            series: crossed.series.clone(),
            workload: of.workload.clone(),
            metric: crossed.metric,
            runtime: of.runtime.clone(),
            against: over.runtime.clone(),
            largest: sizes(crossed).max().unwrap_or(0),
            machines: 0,
            cross: 0,
            at_no_size: 0,
            at_largest: 0,
            unknown: 0,
            least: 0.0,
            most: 0.0,
            tasks: None,
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
        let cells = crossed.of.iter().chain(&crossed.over).map(|cell| cell.identity.cell.clone());
        Self { row, cells: cells.collect(), machines: Vec::new() }
    }

    /// Machines that lack the pair, as cells of it failed there.
    fn failed_on(&self, failed: &[HashSet<String>]) -> usize {
        failed_on(failed, &self.cells, self.machines.iter().map(|one| one.machine))
    }

    /// Where it lies on each machine; where sizes are missing that others have, nobody knows.
    fn places(&self) -> impl Iterator<Item = &Where> {
        let all = self.machines.iter().map(|one| one.sizes).max().unwrap_or(0);
        self.machines.iter().map(move |one| if one.sizes < all { &Where::Unknown } else { &one.place })
    }

    /// What each machine shows; nothing where one of them has no crossover.
    fn shown(&self, failed: &[HashSet<String>]) -> Vec<OneMachine> {
        if self.failed_on(failed) > 0 {
            return Vec::new();
        }
        let shown = self.places().map(|place| match place {
            Where::Between(_, shown) => Some(**shown),
            _ => None,
        });
        shown.collect::<Option<_>>().unwrap_or_default()
    }

    fn row(self, known: &Known, shown: &[OneMachine], failed: &[HashSet<String>]) -> Option<CrossoverRow> {
        let failed_on = self.failed_on(failed);
        let count = |is_it: fn(&Where) -> bool| self.places().filter(|place| is_it(place)).count() as u64;
        let logarithms: Vec<f64> = self
            .places()
            .filter_map(
                |place| if let Where::Between(logarithm, _) = place { Some(*logarithm) } else { None },
            )
            .collect();
        let (least, most) =
            (logarithms.iter().copied().reduce(f64::min)?, logarithms.iter().copied().reduce(f64::max)?);
        let row = CrossoverRow {
            machines: (self.machines.len() + failed_on) as u64,
            cross: logarithms.len() as u64,
            at_no_size: count(|place| matches!(place, Where::AtNoSize)),
            at_largest: count(|place| matches!(place, Where::AtLargest)),
            unknown: count(|place| matches!(place, Where::Unknown)) + failed_on as u64,
            least: least.exp(),
            most: most.exp(),
            ..self.row.clone()
        };
        let Some(across) = known.across(shown) else { return Some(row) };
        let (interval, next, plain) = (across.interval.exp(), across.next.exp(), across.plain.exp());
        let Interval { low: tau_low, high: tau_high } = across.tau_interval;
        Some(CrossoverRow {
            tasks: Some(across.mean.exp()),
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
        })
    }
}

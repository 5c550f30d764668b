//! Series: cells of an experiment that differ in their tasks and their runtime alone.

use std::collections::BTreeMap;

use aggregate::series_name;
use protocol::Workload;

use crate::content::settings::settings;
use crate::run::Run;
use results::Cell;
use results::grouping::grouped;

/// The fewest sizes of a series.
const FEWEST_SIZES: usize = 3;

pub struct Series<'a> {
    pub experiment: &'a str,
    pub workload: &'a str,
    /// The group with `*` for the tasks, as in `scaling.csv`: `sleep-*-1ms`.
    pub name: String,
    /// What it sets beside the tasks, in words.
    pub settings: Vec<String>,
    cells: Vec<&'a Cell>,
}

/// All series of the plan with enough sizes, in its order.
pub fn all(run: &Run) -> Vec<Series<'_>> {
    let name = |cell: &Cell| series_name(&cell.experiment, &cell.group, &cell.workload, cell.tasks);
    let keyed = run.cells().map(|cell| ((cell.experiment.as_str(), name(cell)), cell));
    let series = grouped(keyed).into_iter().map(|((experiment, name), cells)| Series {
        experiment,
        workload: &cells[0].workload,
        settings: in_words(cells[0]),
        name,
        cells,
    });
    series.filter(|series| series.sizes().len() >= FEWEST_SIZES).collect()
}

fn in_words(cell: &Cell) -> Vec<String> {
    let workload = Workload::from_name(&cell.workload);
    let settings = workload.map_or_else(Vec::new, |workload| settings(workload, cell));
    settings.into_iter().map(|setting| setting.words).collect()
}

impl<'a> Series<'a> {
    /// The numbers of tasks, the fewest first.
    pub fn sizes(&self) -> Vec<u64> {
        let mut sizes: Vec<u64> = self.cells.iter().map(|cell| cell.tasks).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    /// The cells of each runtime, those of fewest tasks first.
    pub fn by_runtime(&self) -> BTreeMap<&'a str, Vec<&'a Cell>> {
        let labelled = self.cells.iter().map(|cell| (cell.label.as_str(), *cell));
        let mut runtimes: BTreeMap<&str, Vec<&Cell>> = grouped(labelled).into_iter().collect();
        for cells in runtimes.values_mut() {
            cells.sort_by_key(|cell| cell.tasks);
        }
        runtimes
    }
}

//! All runtimes on all workloads: the cost of each as a multiple of the floor's.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use aggregate::FLOOR;
use protocol::{Status, Workload};
use results::{Against, Cell, Metric, RatioRow, TrialRow, Workers, folder, human};
use svg::node::element::{Group, Path};

use crate::chart::{
    Anchor, WIDTH, classed, cross, drawing, extent, fit, hit, hover, label, rectangle, segment, text,
    through, width,
};
use crate::content::settings::{Setting, settings};
use crate::figure::Figure;
use crate::format::{counted, factor, list, median, outcome, ratio};
use crate::run::{Run, is_about_the_lab};
use results::grouping::{grouped, heaviest};

/// With more rows than this, only those of most interest are shown.
const MOST_ROWS: usize = 40;

const TITLE: &str = "All runtimes on all workloads: times the floor";

const ROW: f64 = 24.0;
/// What a square has room for.
const MOST_DIGITS: usize = 5;
const LONGEST_NAME: f64 = 170.0;
/// The left and the right end of the squares; the value of the baseline stands right of them.
const LEFT: f64 = 330.0;
const RIGHT: f64 = WIDTH - 84.0;

/// The lowest factor of each step of the colour scale but the first.
const STEPS: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0];

/// The figure, if there is anything to compare.
pub fn figure(run: &Run) -> Option<Figure> {
    let rows = rows(run);
    let all = rows.len();
    let rows = if all > MOST_ROWS { of_most_interest(rows) } else { rows };
    let columns: BTreeSet<&str> = rows.iter().flat_map(|row| row.tiles.keys().copied()).collect();
    let ratios = rows.iter().flat_map(|row| row.tiles.values()).filter_map(Tile::ratio);
    let (least, most) = extent(ratios)?;
    let chart = Chart { rows: &rows, columns: columns.into_iter().collect() };
    let summary = format!(
        "{} on {} groups of cells: from {} to {} times the cost of the floor, the work with no runtime at all",
        counted(chart.columns.len() as u64, "runtime"),
        rows.len(),
        human::rough(least, "ratio"),
        human::rough(most, "ratio")
    );
    let alt = format!("A table of coloured squares. {summary}. The numbers stand in the squares.");
    Some(Figure {
        name: "heat".into(),
        title: TITLE.into(),
        caption: format!("{summary}. {}{}", chart.explanation(), left_out(all, rows.len())),
        svg: chart.draw(TITLE),
        alt,
        data: folder::RATIOS,
    })
}

fn left_out(all: usize, shown: usize) -> String {
    if all == shown {
        return String::new();
    }
    format!(
        " Of {all} groups, {shown} are shown: for each workload and number of workers the one that most runtimes \
         did, and of those the largest; the others are in {}.",
        folder::RATIOS
    )
}

struct Row<'a> {
    workload: Workload,
    /// Its first cell.
    cell: &'a Cell,
    settings: Vec<Setting>,
    metric: Metric,
    against: Against,
    baseline: &'a str,
    /// The value of the baseline.
    own: Option<String>,
    tiles: BTreeMap<&'a str, Tile<'a>>,
}

enum Tile<'a> {
    Ratio {
        ratio: f64,
        row: Option<&'a RatioRow>,
    },
    /// No number, for this reason.
    Nothing {
        reason: String,
        failed: bool,
    },
}

impl Tile<'_> {
    fn ratio(&self) -> Option<f64> {
        if let Self::Ratio { ratio, .. } = self { Some(*ratio) } else { None }
    }
}

/// All groups in which runtimes were compared, by workload.
fn rows(run: &Run) -> Vec<Row<'_>> {
    let ratios = run.ratios.iter().map(|ratio| ((&*ratio.group, ratio.metric, ratio.against), ratio));
    let ratios = grouped(ratios).into_iter().collect();
    let failures = run.failures();
    let cells = run.cells().filter(|cell| !is_about_the_lab(&cell.experiment));
    let groups = grouped(cells.map(|cell| (cell.group.as_str(), cell)));
    let rows = groups.into_iter().filter_map(|(_, cells)| {
        let mut row = compared(run, cells[0], &ratios)?;
        row.explain(run, &cells, &failures);
        Some(row)
    });
    let mut rows: Vec<Row> = rows.collect();
    rows.sort_by_key(|row| Workload::ALL.iter().position(|workload| *workload == row.workload));
    rows
}

/// A group with its ratios: to the floor, or to the lowest median where it has no floor.
fn compared<'a>(
    run: &'a Run,
    cell: &'a Cell,
    ratios: &HashMap<(&str, Metric, Against), Vec<&'a RatioRow>>,
) -> Option<Row<'a>> {
    let workload = Workload::from_name(&cell.workload)?;
    let (metric, against, found) = [Against::Floor, Against::Fastest].into_iter().find_map(|against| {
        let mut metrics = cell.headline()?.ratios.iter();
        metrics.find_map(|metric| Some((*metric, against, ratios.get(&(&*cell.group, *metric, against))?)))
    })?;
    let baseline = found.first()?.baseline.as_str();
    let ratio = |row: &&'a RatioRow| (row.runtime.as_str(), Tile::Ratio { ratio: row.ratio, row: Some(row) });
    let mut tiles: BTreeMap<&str, Tile> = found.iter().map(ratio).collect();
    if against == Against::Fastest {
        tiles.insert(baseline, Tile::Ratio { ratio: 1.0, row: None });
    }
    let own = run.cell_of(&cell.group, baseline).and_then(|cell| run.summary_of(&cell.id, metric));
    let own = own.map(|row| median(row).value);
    Some(Row { workload, cell, settings: settings(workload, cell), metric, against, baseline, own, tiles })
}

impl<'a> Row<'a> {
    /// Adds the reasons why runtimes have no number.
    fn explain(&mut self, run: &'a Run, cells: &[&'a Cell], failures: &BTreeMap<&str, &TrialRow>) {
        for cell in cells.iter().filter(|cell| cell.label != FLOOR) {
            if let Some(trial) = failures.get(cell.id.as_str()) {
                let failed = !matches!(trial.status, Status::Unsupported | Status::Unavailable);
                self.nothing(&cell.label, outcome(trial.status, &trial.reason), failed);
            }
        }
        let Cell { experiment, workload, tasks, .. } = self.cell;
        for out in run.plan.left_out.iter().filter(|out| out.runtime != FLOOR) {
            if (&out.experiment, &out.workload, &out.tasks) == (experiment, workload, tasks) {
                self.nothing(&out.runtime, format!("left out: {}", out.reason), false);
            }
        }
    }

    fn nothing(&mut self, runtime: &'a str, reason: String, failed: bool) {
        self.tiles.entry(runtime).or_insert(Tile::Nothing { reason, failed });
    }

    fn measured(&self) -> usize {
        self.tiles.values().filter_map(Tile::ratio).count()
    }

    /// What distinguishes the row from the others of its workload.
    fn name(&self, all: &[Row]) -> String {
        let words = self.words(all);
        let mut others =
            all.iter().filter(|row| row.workload == self.workload && row.cell.id != self.cell.id);
        let is_common = others.any(|row| row.words(all) == words);
        if is_common { format!("{}: {words}", self.cell.experiment) } else { words }
    }

    /// Its tasks and workers, and each parameter that differs within the workload.
    fn words(&self, all: &[Row]) -> String {
        let differs = |setting: &&Setting| {
            let mut siblings = all.iter().filter(|row| row.workload == self.workload);
            setting.name == "workers" || siblings.any(|row| !row.settings.contains(setting))
        };
        let settings = self.settings.iter().filter(differs).map(|setting| setting.words.clone());
        std::iter::once(counted(self.cell.tasks, "task")).chain(settings).collect::<Vec<_>>().join(", ")
    }

    fn title(&self, runtime: &str, tile: &Tile) -> String {
        let group = &self.cell.group;
        match tile {
            Tile::Ratio { row: Some(row), .. } => format!(
                "{runtime}, {group}: {} times {} of {}, {}",
                ratio(row),
                self.compared(),
                self.baseline,
                counted(row.n, "block")
            ),
            Tile::Ratio { row: None, .. } => {
                format!("{runtime}, {group}: the lowest median of {}", self.compared())
            }
            Tile::Nothing { reason, .. } => format!("{runtime}, {group}: {reason}"),
        }
    }

    /// What is compared, in words.
    fn compared(&self) -> String {
        match self.metric {
            Metric::LaterMakespan => "a later round".into(),
            Metric::Operation => "time an operation".into(),
            metric => metric.words(),
        }
    }
}

/// For each workload and number of workers the row with most runtimes, and of those the largest.
fn of_most_interest(rows: Vec<Row>) -> Vec<Row> {
    let key = |row: &Row| (row.workload.name(), row.cell.workers_asked.map(Workers::at_most));
    heaviest(rows, key, |row| (row.measured(), row.cell.tasks))
}

struct Chart<'a> {
    rows: &'a [Row<'a>],
    columns: Vec<&'a str>,
}

impl Chart<'_> {
    fn explanation(&self) -> String {
        let mut words = String::from("Darker is slower (in dark mode, lighter).");
        if self.rows.iter().any(|row| row.against == Against::Fastest) {
            words.push_str(" Rows marked * have no floor: there it is times the lowest median.");
        }
        let hatched = self.tiles().any(|tile| matches!(tile, Tile::Nothing { failed: false, .. }));
        let failed = self.tiles().any(|tile| matches!(tile, Tile::Nothing { failed: true, .. }));
        let kinds = [(hatched, "hatched squares could not be measured"), (failed, "crosses are failures")];
        let kinds = list(kinds.into_iter().filter(|kind| kind.0).map(|kind| kind.1.into()));
        if !kinds.is_empty() {
            let _ = write!(words, " {}; hover for the reason.", human::capitalised(&kinds));
        }
        words
    }

    fn tiles(&self) -> impl Iterator<Item = &Tile<'_>> {
        self.rows.iter().flat_map(|row| row.tiles.values())
    }

    fn tile_width(&self) -> f64 {
        ((RIGHT - LEFT) / self.columns.len().max(1) as f64).min(64.0)
    }

    fn draw(&self, name: &str) -> String {
        let names = self.columns.iter().map(|name| width(name, 12.0)).fold(0.0, f64::max);
        // The slanted names rise by the sine of their angle, about 0.63.
        let top = 24.0 + names.min(LONGEST_NAME) * 0.63;
        let bottom = top + ROW * self.rows.len() as f64;
        let mut drawing = drawing(bottom + 60.0, name).add(self.names(top)).add(legend(bottom + 22.0));
        for (place, row) in self.rows.iter().enumerate() {
            let begins = place == 0 || self.rows[place - 1].workload != row.workload;
            drawing = drawing.add(self.row(row, top + ROW * place as f64, begins));
        }
        drawing.to_string()
    }

    fn names(&self, top: f64) -> Group {
        let own = text((WIDTH - 4.0, top - 8.0), Anchor::End, "small soft", "1 is");
        self.columns.iter().enumerate().fold(Group::new().add(own), |group, (place, name)| {
            let x = LEFT + self.tile_width() * (place as f64 + 0.5);
            let turn = format!("rotate(-38 {x:.1} {:.1})", top - 6.0);
            // The cosine of 38 degrees is 0.79.
            let name = fit(name, 12.0, LONGEST_NAME.min((WIDTH - x - 4.0) / 0.79));
            group.add(label((x, top - 6.0), "", &name).set("transform", turn))
        })
    }

    fn row(&self, row: &Row, top: f64, begins: bool) -> Group {
        let base = top + ROW / 2.0 + 4.0;
        let mark = if row.against == Against::Fastest { " *" } else { "" };
        let name = fit(&row.name(self.rows), 11.0, LEFT - 86.0 - width(mark, 11.0));
        let about = format!("{}: {}", row.cell.group, row.compared());
        let named = text((LEFT - 8.0, base), Anchor::End, "small soft", &format!("{name}{mark}"));
        let mut group = Group::new().add(hover("", &about).add(hit((0.0, top), LEFT, ROW)).add(named));
        if begins {
            let name = label((4.0, base), "", row.workload.name());
            group = group.add(segment("grid", (0.0, top), (WIDTH, top))).add(name);
        }
        if let Some(own) = &row.own {
            group = group.add(text((WIDTH - 4.0, base), Anchor::End, "small soft", own));
        }
        for (place, runtime) in self.columns.iter().enumerate() {
            let at = (LEFT + self.tile_width() * place as f64, top);
            if let Some(tile) = row.tiles.get(runtime) {
                group = group.add(self.tile(tile, at, &row.title(runtime, tile)));
            }
        }
        group
    }

    fn tile(&self, tile: &Tile, at: (f64, f64), words: &str) -> Group {
        let (wide, middle) = (self.tile_width(), (at.0 + self.tile_width() / 2.0, at.1 + ROW / 2.0));
        let group = hover("", words);
        match tile {
            Tile::Ratio { ratio, row } => {
                let shown = row.map_or_else(|| factor(*ratio), |row| self::ratio(row).value);
                let shown = if shown.len() > MOST_DIGITS { factor(*ratio) } else { shown };
                let step = step(*ratio);
                let (at_number, class) = ((middle.0, middle.1 + 4.0), format!("small t{step}"));
                let number = text(at_number, Anchor::Middle, &class, &shown);
                group.add(rectangle(&format!("tile h{step}"), at, wide, ROW)).add(number)
            }
            Tile::Nothing { failed: false, .. } => group.add(hit(at, wide, ROW)).add(hatch(at, wide)),
            Tile::Nothing { failed: true, .. } => {
                group.add(hit(at, wide, ROW)).add(hatch(at, wide)).add(classed("bad").add(cross(middle, 4.0)))
            }
        }
    }
}

/// The step of the colour scale of a ratio.
fn step(ratio: f64) -> usize {
    STEPS.iter().filter(|step| ratio >= **step).count()
}

/// Slanted lines over a square.
fn hatch((x, y): (f64, f64), wide: f64) -> Path {
    let step = 8.0;
    let starts = std::iter::successors(Some(step - ROW), |at| Some(at + step)).take_while(|at| *at < wide);
    let lines: String = starts
        .map(|at| {
            // From the lower edge up to the right, cut at the sides.
            let (from, to) = (at.max(0.0), (at + ROW).min(wide));
            through(&[(x + from, y + ROW - (from - at)), (x + to, y + ROW - (to - at))])
        })
        .collect();
    Path::new().set("class", "hatch").set("d", lines)
}

fn legend(top: f64) -> Group {
    let wide = 62.0;
    let words =
        ["< 1", "1 to 2", "2 to 5", "5 to 10", "10 to 20", "20 to 50", "50 to 100", "to 1000", "> 1000"];
    let caption = text((LEFT - 8.0, top + 15.0), Anchor::End, "small soft", "times the floor");
    words.iter().enumerate().fold(Group::new().add(caption), |group, (step, words)| {
        let x = LEFT + wide * step as f64;
        let label = text((x + wide / 2.0, top + 15.0), Anchor::Middle, &format!("small t{step}"), words);
        group.add(rectangle(&format!("tile h{step}"), (x, top), wide, 22.0)).add(label)
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use results::grouping::distinct;

    #[test]
    fn every_square_has_its_number_or_its_reason() {
        let svg = figure(fixture::reference()).unwrap().svg;
        assert!(svg.contains("tokio, thousand-tasks_sleep-1000-1ms: "));
        assert!(svg.contains("may, fan-in_fan-in-1000-w1-times100: unsupported: may has no fan-in"));
    }

    #[test]
    fn of_many_groups_those_of_most_interest_are_kept_and_the_caption_says_so() {
        let run = fixture::reference();
        let all = rows(run);
        let (count, kept) = (all.len(), of_most_interest(all));
        assert!(count > MOST_ROWS && kept.len() <= MOST_ROWS);
        let caption = figure(run).unwrap().caption;
        assert!(caption.contains(&format!("Of {count} groups, {} are shown", kept.len())), "{caption}");
    }

    #[test]
    fn rows_with_the_same_settings_are_named_with_their_experiment() {
        let rows = of_most_interest(rows(fixture::reference()));
        let names: Vec<String> =
            rows.iter().map(|row| format!("{} {}", row.workload.name(), row.name(&rows))).collect();
        assert_eq!(distinct(names.clone()), names);
    }

    #[test]
    fn a_factor_gives_the_step_of_the_colour_scale() {
        assert_eq!([0.5, 1.0, 1.99, 2.0, 99.0, 100.0, 1e6].map(step), [0, 1, 1, 2, 6, 7, 8]);
    }
}

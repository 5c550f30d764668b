//! Costs over the number of tasks: a figure for each series and metric, a line a runtime.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aggregate::FLOOR;
use protocol::{Status, Workload};
use results::{Cell, Metric, SummaryRow, folder, human, show};
use svg::node::element::Group;

use super::extremes;
use super::series::{self, Series};
use crate::chart::{
    Anchor, Axis, Curve, Frame, Scale, Steps, WIDTH, classed, cross, drawing, extent, fit, hover, label,
    line_labels, of_runtime, room_for, segment, slug, text, width,
};
use crate::content::overview::title;
use crate::figure::{Figure, Naming};
use crate::format::{counted, factor, measured, median, outcome};
use crate::run::{Run, Trial};

/// The most figures: those of the preferred experiments first, then those of the others.
const MOST: usize = 10;
const PREFERRED: [&str; 3] = ["thousand-tasks", "million", "ceilings"];

/// A figure, with what a reader chooses it by.
#[derive(Debug)]
pub struct Grown {
    /// What grows: `Short waits, 1 ms`.
    pub series: String,
    /// `makespan`.
    pub quantity: &'static str,
    pub figure: Figure,
}

/// What is drawn: a metric, its part of the name of the figure, and its name in words.
type Quantity = (Metric, &'static str, &'static str);

const TIMES: [Quantity; 4] = [
    (Metric::Makespan, "makespan", "makespan"),
    (Metric::Total, "total", "start-up and makespan"),
    (Metric::AllocationsPerTask, "allocations", "allocations per task"),
    (Metric::SyscallsPerTask, "syscalls", "system calls per task"),
];

/// `hold` is about memory.
const MEMORY: [Quantity; 3] = [
    (Metric::RssGrowth, "resident", "resident memory that the tasks added"),
    (Metric::VirtualGrowth, "virtual", "address space that the tasks added"),
    (Metric::KernelGrowth, "kernel", "memory of the kernel that the tasks added"),
];

fn quantities(workload: &str) -> &'static [Quantity] {
    match workload {
        "hold" => &MEMORY,
        // It lasts as long as its load, whatever the number of connections.
        "echo" => &[],
        _ => &TIMES,
    }
}

/// The figures, those of the preferred experiments first.
pub fn figures(run: &Run) -> Vec<Grown> {
    let mut figures: Vec<Grown> = Vec::new();
    let mut seen: Vec<(&str, String)> = Vec::new();
    let mut all = series::all(run);
    let failures = run.failures();
    let rank = |name: &str| PREFERRED.iter().position(|preferred| *preferred == name);
    all.sort_by_key(|series| rank(series.experiment).unwrap_or(PREFERRED.len()));
    for series in all {
        let is_preferred = PREFERRED.contains(&series.experiment);
        let key = (series.workload, series.name.clone());
        if seen.contains(&key) && !is_preferred {
            continue;
        }
        let is_first = seen.iter().all(|(workload, _)| *workload != series.workload);
        seen.push(key);
        // Later series of the same workload have one figure only.
        let many = if is_first && is_preferred { usize::MAX } else { 1 };
        for quantity in quantities(series.workload).iter().take(many) {
            let figure = Panel::of(run, &series, *quantity, &failures).map(|panel| panel.figure(is_first));
            figures.extend(figure.map(|figure| Grown {
                series: in_words(&series),
                quantity: quantity.2,
                figure,
            }));
        }
    }
    figures.truncate(MOST);
    figures
}

/// `Short waits, 1 ms`; the experiment too, where it is not the one that everybody looks at.
fn in_words(series: &Series) -> String {
    let workload = Workload::from_name(series.workload)
        .map_or_else(|| series.workload.into(), |one| title(one).to_string());
    let words = std::iter::once(workload).chain(series.settings.iter().cloned());
    let words = words.collect::<Vec<String>>().join(", ");
    if series.experiment == PREFERRED[0] { words } else { format!("{words} ({})", series.experiment) }
}

#[derive(Clone)]
struct Line<'a> {
    runtime: &'a str,
    /// The values that can be drawn, fewest tasks first.
    rows: Vec<&'a SummaryRow>,
}

struct Panel<'a> {
    run: &'a Run,
    series: &'a Series<'a>,
    metric: Metric,
    /// The part of the name of the figure.
    slug: &'static str,
    words: &'static str,
    unit: &'static str,
    lines: Vec<Line<'a>>,
    stops: Vec<Stop<'a>>,
    x: Scale,
    y: Scale,
    frame: Frame,
}

/// The height of a row of the list of runtimes that stopped.
const STOP: f64 = 15.0;
const PLANE: f64 = 360.0;

impl<'a> Panel<'a> {
    fn of(
        run: &'a Run,
        series: &'a Series<'a>,
        (metric, slug, words): Quantity,
        failures: &BTreeMap<&'a str, &'a Trial>,
    ) -> Option<Self> {
        let unit = metric.unit();
        let lines = lines(run, series, metric);
        let sizes = extent(lines.iter().flat_map(Line::tasks))?;
        if sizes.0 >= sizes.1 {
            return None;
        }
        let stops = stops(run, series, failures);
        let furthest = stops.iter().map(|stop| stop.failed.tasks as f64).fold(sizes.1, f64::max);
        let values = lines.iter().flat_map(Line::values).filter(|value| *value > 0.0);
        let (low, high) = extent(values)?;
        let top = 44.0 + if stops.is_empty() { 0.0 } else { STOP * stops.len() as f64 + 26.0 };
        let names = lines.iter().map(|line| line.runtime);
        let frame = Frame { left: 74.0, right: WIDTH - room_for(names), top, bottom: top + PLANE };
        Some(Self {
            run,
            series,
            metric,
            slug,
            words,
            unit,
            stops,
            x: Scale::log((sizes.0 / 1.15, furthest * 1.15), (frame.left, frame.right)),
            y: Scale::log((low / 1.25, high * 1.25), (frame.bottom, frame.top)),
            frame,
            lines,
        })
    }

    fn figure(&self, is_first: bool) -> Figure {
        let what = if is_first {
            slug(self.series.workload)
        } else {
            slug(&format!("{}-{}", self.series.experiment, self.series.name.replace("-*", "")))
        };
        let alt = format!(
            "{}: {}. A line for each runtime over the number of tasks, both axes logarithmic.",
            in_words(self.series),
            self.words
        );
        let title = format!("{}: {}, by number of tasks", in_words(self.series), self.words);
        Figure {
            name: format!("growth-{what}-{}", self.slug),
            findings: self.findings(),
            caption: self.explanation(),
            svg: self.draw(&title),
            title,
            alt,
            data: folder::SUMMARY.into(),
        }
    }

    /// The lowest and the highest value at the largest size that at least two runtimes completed.
    fn findings(&self) -> Vec<Naming> {
        let compared = self.compared();
        let mut findings = extremes::sentences(self.run, |is_asked| {
            let (lines, words) = compared.as_ref()?;
            let at = |tasks: u64| -> Vec<&SummaryRow> {
                let asked = lines.iter().filter(|line| is_asked(line.runtime));
                asked.flat_map(|line| &line.rows).filter(|row| row.tasks == tasks).copied().collect()
            };
            let rows = self.series.sizes().into_iter().rev().map(at).find(|rows| rows.len() >= 2)?;
            let what = format!("{words} with {}", counted(rows[0].tasks, "task"));
            Some((rows, what))
        });
        if self.lines.iter().any(|line| line.runtime == FLOOR) {
            let words = "The floor is the work with no runtime at all.".into();
            findings.push(Naming { words, runtimes: vec![FLOOR.into()] });
        }
        findings
    }

    /// What its runtimes are compared by, with its name: of memory what one more task takes with the kernel's part, not one
    /// part alone, in which whoever keeps its tasks in the other would win. None in the figures of the other parts.
    fn compared(&self) -> Option<(Cow<'_, [Line<'a>]>, &'static str)> {
        match self.metric {
            Metric::RssGrowth => {
                let words = "memory per added task, the kernel's included,";
                Some((lines(self.run, self.series, Metric::MemoryPerAddedTask).into(), words))
            }
            Metric::VirtualGrowth | Metric::KernelGrowth => None,
            _ => Some((Cow::Borrowed(&self.lines), self.words)),
        }
    }

    fn explanation(&self) -> String {
        let mut words = String::from("Bands are 95 % intervals.");
        if !self.stops.is_empty() {
            words.push_str(" A cross at the top marks the first number of tasks that did not work.");
        }
        words
    }

    fn draw(&self, name: &str) -> String {
        let curves: Vec<Curve> = self.lines.iter().map(|line| self.curve(line)).collect();
        let drawing = drawing(self.frame.bottom + 46.0, name).add(self.axes());
        let drawing = curves.iter().fold(drawing, |drawing, curve| drawing.add(curve.draw()));
        drawing.add(line_labels(&curves, &self.frame)).add(self.stop_list()).to_string()
    }

    fn axes(&self) -> Group {
        let steps = if self.unit == "bytes" { Steps::Binary } else { Steps::Decimal };
        let show = |number: f64| show(number, self.unit);
        let y = Axis { scale: &self.y, ticks: self.y.ticks(steps, 9), show: &show, title: self.words };
        self.frame.axes(&Axis::new(&self.x, 12, &factor, "tasks"), &y)
    }

    fn curve(&self, line: &Line<'a>) -> Curve<'a> {
        let place =
            |row: &&SummaryRow| Some(((self.x.at(row.tasks as f64)?, self.y.at(row.median)?), measured(row)));
        let interval = |row: &&SummaryRow| {
            let x = self.x.at(row.tasks as f64)?;
            let (low, high) = (row.ci_low?, row.ci_high?);
            Some(((x, self.y.clamped(low).0), (x, self.y.clamped(high).0)))
        };
        Curve {
            name: line.runtime,
            appearance: self.run.appearances.get(line.runtime),
            title: line.ends_in_words(),
            points: line.rows.iter().filter_map(place).collect(),
            band: line.rows.iter().filter_map(interval).unzip(),
        }
    }

    /// The runtimes that stopped, a row each, with a cross at the size that failed.
    fn stop_list(&self) -> Group {
        if self.stops.is_empty() {
            return Group::new();
        }
        let top = self.frame.top - STOP * self.stops.len() as f64 - 34.0;
        let mut group = Group::new().add(label((8.0, top + 4.0), "small soft", "did not work"));
        for (place, Stop { worked, failed: stop }) in self.stops.iter().enumerate() {
            let Some(x) = self.x.at(stop.tasks as f64) else { continue };
            let y = top + STOP * place as f64;
            let [worked, failed] = [*worked, stop.tasks].map(human::count);
            let words = fit(&format!("{}: {worked} worked, {failed} did not", stop.runtime), 11.0, 400.0);
            let (at, anchor) = if x + 12.0 + width(&words, 11.0) > WIDTH - 4.0 {
                (x - 10.0, Anchor::End)
            } else {
                (x + 10.0, Anchor::Start)
            };
            let outcome = outcome(stop.status, &stop.reason);
            let title = format!("{}, {}: {outcome}", stop.runtime, counted(stop.tasks, "task"));
            let mark = classed(&self.run.appearances.get(&stop.runtime).class())
                .add(segment("leader", (x, y + 5.0), (x, self.frame.bottom)))
                .add(cross((x, y), 4.0));
            group = group.add(of_runtime(hover("", &title), &stop.runtime).add(mark).add(text(
                (at, y + 4.0),
                anchor,
                "small halo",
                &words,
            )));
        }
        group
    }
}

/// The runtimes of a panel. Values that are not above 0 have no place on a logarithmic axis.
fn lines<'a>(run: &'a Run, series: &Series<'a>, metric: Metric) -> Vec<Line<'a>> {
    let lines = series.by_runtime().into_iter().map(|(runtime, cells)| {
        let rows = cells.iter().filter_map(|cell| run.summary_of(&cell.id, metric));
        let rows = rows.filter(|row| row.median > 0.0 && row.tasks > 0).collect();
        Line { runtime, rows }
    });
    lines.filter(|line| !line.rows.is_empty()).collect()
}

/// Where a runtime stopped: the most tasks that worked, and a trial of the first size after it that did not.
struct Stop<'a> {
    worked: u64,
    failed: &'a Trial,
}

fn stops<'a>(run: &Run, series: &Series, failures: &BTreeMap<&str, &'a Trial>) -> Vec<Stop<'a>> {
    let is_done = |cell: &Cell| run.median(&cell.id, Metric::Makespan).is_some();
    let stop = |cells: &Vec<&Cell>| {
        let first = cells.iter().position(|cell| is_done(cell))?;
        // What is not here says nothing about a size.
        let fails = |cell: &&Cell| {
            failures.get(cell.id.as_str()).copied().filter(|trial| trial.status != Status::Unavailable)
        };
        let failed = cells[first..].iter().find_map(fails)?;
        let below = cells.iter().filter(|cell| cell.tasks < failed.tasks && is_done(cell));
        Some(Stop { worked: below.map(|cell| cell.tasks).max()?, failed })
    };
    let mut stops: Vec<Stop> = series.by_runtime().values().filter_map(stop).collect();
    stops.sort_by_key(|stop| stop.failed.tasks);
    stops
}

impl Line<'_> {
    fn ends_in_words(&self) -> String {
        let end = |row: &&SummaryRow| format!("{} with {}", median(row).value, counted(row.tasks, "task"));
        let ends = [self.rows.first(), self.rows.last()].map(|row| row.map_or_else(String::new, end));
        format!("{}: from {} to {}", self.runtime, ends[0], ends[1])
    }

    fn tasks(&self) -> impl Iterator<Item = f64> {
        self.rows.iter().map(|row| row.tasks as f64)
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        self.rows.iter().flat_map(|row| [Some(row.median), row.ci_low, row.ci_high].into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn there_are_not_too_many_and_the_first_are_of_the_thousand_tasks() {
        let figures = figures(fixture::reference());
        assert!(figures.len() <= MOST);
        assert_eq!((&*figures[0].figure.name, figures[0].quantity), ("growth-sleep-makespan", "makespan"));
        assert!(figures.iter().any(|grown| grown.figure.name == "growth-hold-resident"));
    }

    #[test]
    fn where_a_runtime_stopped_its_reason_is_shown() {
        let figures = figures(fixture::reference());
        let hold =
            figures.iter().map(|grown| &grown.figure).find(|figure| figure.name == "growth-hold-resident");
        let hold = hold.unwrap();
        assert!(hold.svg.contains("thread-pool, 1,000 tasks: unsupported: hold needs 1000 tasks"));
        assert!(hold.svg.contains("thread-pool: 100 worked, 1,000 did not"));
        assert!(hold.caption.contains("did not work"));
        // A runtime that never completed any size did not stop.
        assert!(!hold.svg.contains("python-sequential"));
    }
}

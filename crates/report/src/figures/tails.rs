//! The tails of latencies: how slow the slowest are.
//!
//! x is 1 ÷ (share that is slower): 90 % at 10, 99 % at 100, the slowest of N at N.

use protocol::Workload;
use protocol::workload::{DURATION_NS, RATE_PER_SECOND, TIMES};
use results::{Cell, Metric, SummaryRow, folder, human};
use svg::node::element::Group;

use super::extremes;
use crate::appearance::Appearance;
use crate::chart::{Axis, Curve, Frame, Scale, Steps, WIDTH, drawing, extent, line_labels, room_for};
use crate::content::settings::settings;
use crate::figure::{Figure, Naming};
use crate::format::{counted, median};
use crate::run::Run;
use results::grouping::grouped;

/// Where all runtimes have the same load: at a given rate, or with the same beats. A runtime that keeps fewer requests in
/// flight has a shorter tail and does less.
const WORKLOADS: [Workload; 2] = [Workload::Echo, Workload::Mixed];

/// The percentiles: their names in metrics and in words, and 1 ÷ (share that is slower).
const PERCENTILES: [(&str, &str, f64); 4] =
    [("p50", "half", 2.0), ("p90", "90 %", 10.0), ("p99", "99 %", 100.0), ("p999", "99.9 %", 1000.0)];

/// One figure a workload, of its largest group.
pub fn figures(run: &Run) -> Vec<Figure> {
    WORKLOADS.into_iter().filter_map(|workload| figure(run, workload)).collect()
}

fn figure(run: &Run, workload: Workload) -> Option<Figure> {
    let has_given_load =
        |cell: &&Cell| workload != Workload::Echo || workload.param(&cell.params, RATE_PER_SECOND) > 0;
    let cells = run.cells().filter(|cell| cell.workload == workload.name()).filter(has_given_load);
    let groups = grouped(cells.filter_map(|cell| Some((&*cell.group, Tail::of(run, workload, cell)?))));
    // The group with most tasks, and of those the first with most runtimes.
    let size = |tails: &[Tail]| (tails[0].cell.tasks, tails.len());
    let largest = groups.iter().map(|(_, tails)| size(tails)).max()?;
    let (_, tails) = groups.into_iter().find(|(_, tails)| size(tails) == largest)?;
    let chart = Chart::of(run, workload, &tails)?;
    let alt = format!(
        "{}: a line for each runtime over the share that is slower, both axes logarithmic.",
        human::capitalised(chart.what())
    );
    let cell = tails[0].cell;
    let tasks = counted(cell.tasks, "task");
    let setting: Vec<String> = settings(workload, cell).into_iter().map(|setting| setting.words).collect();
    let title = format!("The tail of {}: {tasks}, {}", chart.what(), setting.join(", "));
    Some(Figure {
        name: format!("tails-{}", workload.name()),
        findings: chart.findings(),
        caption: "Points are medians over trials. The last point of a line is the slowest of all; it lies further right \
                  where there were more of them."
            .into(),
        svg: chart.draw(&title),
        title,
        alt,
        data: folder::SUMMARY.into(),
    })
}

struct Tail<'a> {
    cell: &'a Cell,
    appearance: Appearance,
    /// 1 ÷ (share that is slower), its name, and the latency; two at least.
    points: Vec<(f64, &'static str, &'a SummaryRow)>,
}

impl<'a> Tail<'a> {
    fn of(run: &'a Run, workload: Workload, cell: &'a Cell) -> Option<Self> {
        let known = |name: &str| {
            let metric = Metric::find(&format!("{}_{name}_ns", kind(workload)))?;
            run.summary_of(&cell.id, metric).filter(|row| row.median > 0.0)
        };
        let many = how_many(run, workload, cell);
        // Of N values the percentiles further out are all the slowest one.
        let shown = PERCENTILES.into_iter().filter(|(_, _, at)| *at < many);
        let mut points: Vec<_> =
            shown.filter_map(|(name, words, at)| Some((at, words, known(name)?))).collect();
        points.extend(known("max").map(|row| (many, "the slowest", row)));
        (points.len() >= 2).then(|| Self { cell, appearance: run.appearances.get(&cell.label), points })
    }

    /// Its value at a percentile.
    fn at(&self, percentile: &str) -> Option<&'a SummaryRow> {
        self.points.iter().find(|point| point.1 == percentile).map(|point| point.2)
    }
}

/// `mixed` is about the lateness of its heartbeats, the others about latency.
fn kind(workload: Workload) -> &'static str {
    if workload == Workload::Mixed { "lateness" } else { "latency" }
}

/// About how many latencies a round has.
fn how_many(run: &Run, workload: Workload, cell: &Cell) -> f64 {
    let param = |name| workload.param(&cell.params, name) as f64;
    let tasks = cell.tasks as f64;
    let many = match workload {
        Workload::Echo => {
            let rate = run.median(&cell.id, Metric::OperationsPerSecond).unwrap_or(0.0);
            rate * param(DURATION_NS) / 1e9
        }
        Workload::Mixed => tasks * param(TIMES),
        _ => tasks,
    };
    many.max(2.0)
}

struct Chart<'a> {
    run: &'a Run,
    workload: Workload,
    tails: &'a [Tail<'a>],
    x: Scale,
    y: Scale,
    frame: Frame,
}

impl<'a> Chart<'a> {
    fn of(run: &'a Run, workload: Workload, tails: &'a [Tail<'a>]) -> Option<Self> {
        let points = || tails.iter().flat_map(|tail| &tail.points);
        let widest = extent(points().map(|point| point.0))?;
        let rows = points().flat_map(|(_, _, row)| [Some(row.median), row.ci_low, row.ci_high]);
        let (low, high) = extent(rows.flatten().filter(|value| *value > 0.0))?;
        let names = tails.iter().map(|tail| tail.cell.label.as_str());
        let frame = Frame { left: 74.0, right: WIDTH - room_for(names), top: 34.0, bottom: 404.0 };
        Some(Self {
            run,
            workload,
            tails,
            x: Scale::log((1.7, widest.1 * 1.2), (frame.left, frame.right)),
            y: Scale::log((low / 1.25, high * 1.25), (frame.bottom, frame.top)),
            frame,
        })
    }

    fn what(&self) -> &'static str {
        match self.workload {
            Workload::Mixed => "the lateness of heartbeats",
            Workload::Echo => "the latency of requests",
            _ => "the latency of tasks",
        }
    }

    /// How runtimes compare at the highest percentile that all have.
    fn findings(&self) -> Vec<Naming> {
        extremes::sentences(self.run, |is_asked| {
            let asked = || self.tails.iter().filter(|tail| is_asked(&tail.cell.label));
            let names = PERCENTILES.into_iter().rev().map(|(_, words, _)| words);
            let mut common = names.filter(|words| asked().all(|tail| tail.at(words).is_some()));
            let percentile = common.next()?;
            let rows = asked().filter_map(|tail| tail.at(percentile)).collect();
            Some((rows, self.within(percentile)))
        })
    }

    /// What a percentile is, in a sentence.
    fn within(&self, percentile: &str) -> String {
        match self.workload {
            Workload::Mixed => format!("lateness that {percentile} of the beats stay within"),
            _ => format!("time within which {percentile} of the requests are answered"),
        }
    }

    fn draw(&self, name: &str) -> String {
        let curves: Vec<Curve> = self.tails.iter().map(|tail| self.curve(tail)).collect();
        let drawing = drawing(self.frame.bottom + 46.0, name).add(self.axes());
        let drawing = curves.iter().fold(drawing, |drawing, curve| drawing.add(curve.draw()));
        drawing.add(line_labels(&curves, &self.frame)).to_string()
    }

    fn axes(&self) -> Group {
        let further = self.x.ticks(Steps::Decimal, 12);
        let mut nines = vec![2.0];
        nines.extend(further.into_iter().filter(|tick| is_nine(*tick)));
        let x = Axis { scale: &self.x, ticks: nines, show: &share, title: "share that is no slower" };
        self.frame.axes(&x, &Axis::new(&self.y, 9, &human::duration, self.what()))
    }

    fn curve(&self, tail: &Tail<'a>) -> Curve<'a> {
        let point = |(at, words, row): &(f64, &str, &SummaryRow)| {
            let place = (self.x.at(*at)?, self.y.at(row.median)?);
            let value = median(row);
            Some((place, format!("{}, {words}: {value}, {}", row.runtime, counted(row.n, "trial"))))
        };
        Curve {
            name: &tail.cell.label,
            appearance: tail.appearance,
            title: ends_in_words(tail),
            points: tail.points.iter().filter_map(point).collect(),
            band: (Vec::new(), Vec::new()),
        }
    }
}

/// The ends of a line in words.
fn ends_in_words(tail: &Tail) -> String {
    let end = |place: usize| {
        let (_, words, row) = tail.points[place];
        format!("{words} {}", median(row).value)
    };
    format!("{}: {}, {}", tail.cell.label, end(0), end(tail.points.len() - 1))
}

/// Whether this is a power of ten.
fn is_nine(tick: f64) -> bool {
    let decades = tick.log10();
    (decades - decades.round()).abs() < 1e-9 && tick > 5.0
}

/// The share that is no slower, in words.
fn share(at: f64) -> String {
    let percent = format!("{:.6}", 100.0 - 100.0 / at);
    format!("{} %", percent.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_decade_is_another_nine() {
        assert_eq!(
            [2.0, 10.0, 100.0, 1000.0, 10_000.0].map(share),
            ["50 %", "90 %", "99 %", "99.9 %", "99.99 %"]
        );
        assert_eq!([2.0, 10.0, 20.0, 1000.0].map(is_nine), [false, true, false, true]);
    }
}

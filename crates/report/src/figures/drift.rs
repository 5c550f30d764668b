//! Whether the machine stayed the same: each trial over the median of its cell, over the time of
//! the run.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::UNIX_EPOCH;

use humantime::parse_rfc3339;
use protocol::Status;
use results::{FlagRow, Metric, Pass, folder, human, show};
use svg::node::element::{Group, Path};

use crate::appearance::Shape;
use crate::chart::{
    self, Axis, Beyond, Frame, Scale, WIDTH, classed, dot, drawing, extent, hover, label, segment, tenth,
};
use crate::figure::Figure;
use crate::format::{counted, factor};
use crate::run::{Run, Trial};
use results::grouping::{distinct, grouped};

const TITLE: &str = "Each trial against the median of its cell, over the time of the run";

/// The most points, unless more trials were flagged.
const MOST: usize = 1500;

/// The axis ends at this many times the median, and at its inverse.
const FURTHEST: f64 = 8.0;

/// Trials whose median is one point of the line.
const WINDOW: usize = 101;
const FEWEST_IN_WINDOW: usize = 7;

/// The figure, if there are trials with a time and a median.
pub fn figure(run: &Run) -> Option<Figure> {
    let points = points(run);
    let chart = Chart::of(&points)?;
    let summary = chart.summary();
    let alt =
        format!("Each trial as a point over the time of the run, against the median of its cell. {summary}");
    Some(Figure {
        name: "drift".into(),
        title: TITLE.into(),
        findings: Vec::new(),
        caption: format!("{summary} {}", chart.explanation()),
        svg: chart.draw(TITLE),
        alt,
        data: run.given(folder::TRIALS),
    })
}

/// A trial that counts.
struct Point<'a> {
    trial: &'a Trial,
    /// Seconds since the first one began.
    at: f64,
    /// Its makespan over the median of its cell.
    ratio: f64,
    /// Why something outside disturbed it, if something did.
    flags: Vec<&'a FlagRow>,
}

/// The timed trials that count, in the order of time.
fn points(run: &Run) -> Vec<Point<'_>> {
    let flags = grouped(run.flags.iter().map(|flag| ((&*flag.cell, flag.block, flag.process), flag)));
    let flags: HashMap<(&str, u32, u32), Vec<&FlagRow>> = flags.into_iter().collect();
    let counts = |trial: &&Trial| {
        trial.pass == Pass::Timed && trial.status == Status::Ok && trial.block >= run.plan.burn_in_blocks
    };
    let point = |trial| {
        let Trial { cell, block, process, makespan_ns, started_at, .. }: &Trial = trial;
        let started = parse_rfc3339(started_at).ok()?.duration_since(UNIX_EPOCH).ok()?;
        let median = run.median(cell, Metric::Makespan)?;
        let ratio = (*makespan_ns)? as f64 / median;
        let flags = flags.get(&(cell.as_str(), *block, *process)).cloned().unwrap_or_default();
        let at = started.as_millis() as f64 / 1e3;
        (ratio.is_finite() && ratio > 0.0).then_some(Point { trial, at, ratio, flags })
    };
    let mut points: Vec<Point> = run.trials.iter().filter(counts).filter_map(point).collect();
    points.sort_by(|a, b| a.at.total_cmp(&b.at));
    let first = points.first().map_or(0.0, |point| point.at);
    for point in &mut points {
        point.at -= first;
    }
    points
}

struct Chart<'a> {
    points: &'a [Point<'a>],
    /// One of so many undisturbed points is drawn.
    every: usize,
    /// The unit of time: its length in seconds, and its name.
    unit: (f64, &'static str),
    x: Scale,
    y: Scale,
    frame: Frame,
}

/// A unit of time that fits a run of so many seconds: its length in seconds, and its name.
fn fitting_unit(seconds: f64) -> (f64, &'static str) {
    match seconds {
        s if s > 4.0 * 3600.0 => (3600.0, "hours"),
        s if s > 240.0 => (60.0, "minutes"),
        _ => (1.0, "seconds"),
    }
}

impl<'a> Chart<'a> {
    fn of(points: &'a [Point<'a>]) -> Option<Self> {
        let last = points.last()?.at;
        let (low, high) = extent(points.iter().map(|point| point.ratio))?;
        let unit = fitting_unit(last);
        let frame = Frame { left: 58.0, right: WIDTH - 16.0, top: 48.0, bottom: 348.0 };
        let undisturbed = points.iter().filter(|point| point.flags.is_empty()).count();
        let room = MOST.saturating_sub(points.len() - undisturbed).max(1);
        let low = (low / 1.05).clamp(1.0 / FURTHEST, 0.9);
        let high = (high * 1.05).clamp(1.1, FURTHEST);
        Some(Self {
            points,
            every: undisturbed.div_ceil(room).max(1),
            unit,
            x: Scale::linear((0.0, last / unit.0), (frame.left, frame.right)),
            y: Scale::log((low, high), (frame.bottom, frame.top)),
            frame,
        })
    }

    fn undisturbed(&self) -> impl Iterator<Item = &Point<'a>> {
        self.points.iter().filter(|point| point.flags.is_empty()).step_by(self.every)
    }

    fn flagged(&self) -> impl Iterator<Item = &Point<'a>> {
        self.points.iter().filter(|point| !point.flags.is_empty())
    }

    fn summary(&self) -> String {
        let median = self.running_median();
        let (low, high) = extent(median.iter().map(|(_, ratio)| *ratio)).unwrap_or((1.0, 1.0));
        let drawn = self.undisturbed().count() + self.flagged().count();
        format!(
            "{} trials drawn, all timed and after the burn-in. The running median stays between {:.1} % and {:.1} % of the \
             medians of their cells.",
            human::count(drawn as u64),
            100.0 * low,
            100.0 * high
        )
    }

    fn explanation(&self) -> String {
        let mut words = String::from(
            "Where the machine drifts, the line slopes. Triangles are trials that something outside disturbed; they count \
             like all others.",
        );
        let beyond =
            self.points.iter().filter(|point| self.y.clamped(point.ratio).1 != Beyond::Nowhere).count();
        if beyond > 0 {
            let _ = write!(
                words,
                " Drawn at the edges because beyond them: {}.",
                counted(beyond as u64, "point")
            );
        }
        if self.every > 1 {
            let _ = write!(
                words,
                " Of the undisturbed trials, one in {} is drawn; the median is of all.",
                self.every
            );
        }
        words
    }

    fn place(&self, at: f64, ratio: f64) -> (f64, f64) {
        (self.x.clamped(at / self.unit.0).0, self.y.clamped(ratio).0)
    }

    fn draw(&self, name: &str) -> String {
        let mut specks = String::new();
        for point in self.undisturbed() {
            let (x, y) = self.place(point.at, point.ratio);
            // A stroke of no length with round ends is a speck.
            let _ = write!(specks, "M{} {}h0", tenth(x), tenth(y));
        }
        let median: Vec<(f64, f64)> =
            self.running_median().iter().map(|(at, ratio)| self.place(*at, *ratio)).collect();
        let mut drawing = drawing(self.frame.bottom + 46.0, name)
            .add(self.axes())
            .add(legend())
            .add(classed("c6").add(Path::new().set("class", "specks").set("d", specks)));
        for point in self.flagged() {
            let mark = dot(Shape::Triangle, self.place(point.at, point.ratio), 3.2);
            drawing = drawing.add(hover("bad", &title(point)).add(mark));
        }
        drawing.add(hover("", &self.summary()).add(chart::line(&median, 0))).to_string()
    }

    fn axes(&self) -> Group {
        let since = format!("{} since the first trial", self.unit.1);
        let x = Axis::new(&self.x, 10, &factor, &since);
        let y = Axis::new(&self.y, 9, &factor, "makespan ÷ median of its cell");
        let one = self.y.clamped(1.0).0;
        let unchanged = segment("axis", (self.frame.left, one), (self.frame.right, one));
        self.frame.axes(&x, &y).add(unchanged)
    }

    /// The median of each window of trials, at the time of its middle.
    fn running_median(&self) -> Vec<(f64, f64)> {
        let window = WINDOW.min(self.points.len() / 4).max(FEWEST_IN_WINDOW).min(self.points.len());
        let windows = self.points.windows(window).step_by((window / 2).max(1));
        windows
            .map(|points| {
                let mut ratios: Vec<f64> = points.iter().map(|point| point.ratio).collect();
                ratios.sort_by(f64::total_cmp);
                (points[window / 2].at, ratios[window / 2])
            })
            .collect()
    }
}

fn legend() -> Group {
    let y = 14.0;
    let speck = Path::new().set("class", "specks").set("d", format!("M590 {y}h0"));
    Group::new()
        .add(classed("c6").add(speck))
        .add(label((598.0, y + 4.0), "small", "a trial"))
        .add(classed("bad").add(dot(Shape::Triangle, (662.0, y), 3.8)))
        .add(label((670.0, y + 4.0), "small", "disturbed from outside"))
        .add(segment("line", (812.0, y), (832.0, y)))
        .add(label((838.0, y + 4.0), "small", "running median"))
}

fn title(point: &Point) -> String {
    let why = distinct(point.flags.iter().map(|flag| flag.signal.as_str())).join(", ");
    let makespan = point.trial.makespan_ns.map_or_else(String::new, |ns| show(ns as f64, "ns"));
    format!(
        "{}, block {}: {makespan}, {} times the median; disturbed: {why}",
        point.trial.cell,
        point.trial.block,
        factor(point.ratio)
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn specks(figure: &Figure) -> usize {
        figure.svg.matches("h0").count()
    }

    #[test]
    fn each_timed_trial_that_counts_is_a_point_and_flagged_ones_say_why() {
        let run = fixture::reference();
        let points = points(run);
        let flagged = points.iter().filter(|point| !point.flags.is_empty()).count();
        assert!(flagged > 0);
        let figure = figure(run).unwrap();
        let every = Chart::of(&points).unwrap().every;
        // One more is in the legend.
        assert_eq!(specks(&figure), (points.len() - flagged).div_ceil(every) + 1);
        assert_eq!(figure.svg.matches("disturbed: ").count(), flagged);
    }

    #[test]
    fn of_many_trials_every_so_many_are_drawn_and_all_flagged_ones() {
        let mut run = fixture::read_reference();
        let more: Vec<Trial> = (0..2)
            .flat_map(|_| fixture::read_reference().trials)
            .map(|trial| Trial { block: trial.block + 1000, ..trial })
            .collect();
        run.trials.extend(more);
        let figure = figure(&run).unwrap();
        assert!(specks(&figure) <= MOST + 1, "{}", specks(&figure));
        assert!(figure.caption.contains(" is drawn; "), "{}", figure.caption);
    }
}

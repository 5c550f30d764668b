//! A thousand tasks that each wait, task by task: a lane a runtime, a line a task.
//!
//! Two panels show the same lanes: the first moments, and the whole. A runtime that starts all
//! tasks at once is done before one that starts them slowly has begun most of them.

use std::fmt::Write;

use protocol::Span;
use protocol::span::peak_in_flight;
use results::{Cell, Metric, human};
use svg::node::element::{Group, Path, SVG};

use crate::appearance::Appearance;
use crate::chart::{
    Anchor, Axis, Beyond, Frame, Scale, WIDTH, arrow, classed, dot, drawing, fit, hit, hover, label,
    of_runtime, rectangle, segment, tenth, text, tick_labels,
};
use crate::content::headline::HEADLINE;
use crate::content::pick::default_pick;
use crate::figure::{Figure, Naming};
use crate::format::{counted, list, median, time};
use crate::run::Run;

/// The experiment whose cells are drawn, if it has them.
const PREFERRED: &str = "thousand-tasks";

/// Where the lanes begin, and how high each is.
const LEFT: f64 = 268.0;
const TOP: f64 = 58.0;
const LANE: f64 = 42.0;
const LINES: f64 = 36.0;
/// Between the two panels.
const GAP: f64 = 40.0;
/// What the axes take below the lanes.
const FOOT: f64 = 22.0;

/// The most lines of a lane that an eye can separate: five a unit.
const ROWS: usize = 180;

/// The first panel shows at least this much time, nanoseconds.
const FIRST_MOMENTS: f64 = 5e6;

/// The figure, if the run has the spans of such cells.
pub fn figure(run: &Run) -> Option<Figure> {
    let usual = default_pick(run);
    drawn(run, &lanes(run)?, "spans", &|label| usual.contains(&label))
}

/// The same with the runtimes alone that are shown at first: for those who see no page.
pub fn of_the_usual(run: &Run) -> Option<Figure> {
    let pick = default_pick(run);
    let mut lanes = lanes(run)?;
    lanes.retain(|lane| pick.contains(&&*lane.cell.label));
    drawn(run, &lanes, "spans-usual", &|_| true)
}

/// The drawing of some lanes. The sentence about it names runtimes that are shown at first.
fn drawn(run: &Run, lanes: &[Lane], name: &str, is_usual: &dyn Fn(&str) -> bool) -> Option<Figure> {
    let first = lanes.first()?;
    let chart = Chart::of(lanes);
    let duration = first
        .cell
        .params
        .get("duration_ns")
        .map_or_else(String::new, |ns| format!(" {}", human::duration(*ns as f64)));
    let finding = comparison(lanes, is_usual);
    let said = finding.as_ref().map_or("", |naming| &naming.words);
    let alt = format!("A lane for each of {} runtimes, and in it a line for each task. {said}", lanes.len());
    let title =
        format!("{} that each wait{duration}, task by task", counted(first.spans.len() as u64, "task"));
    Some(Figure {
        name: name.into(),
        findings: finding.into_iter().chain(chart.beyond()).collect(),
        caption: format!(
            "Each line is one task, from its start to its finish; the first task is at the top of its lane. Each lane is \
             one trial. Below its name stand the makespan of this trial, the median of all trials, and the most tasks \
             that were in flight at once.{}",
            chart.explanation()
        ),
        svg: chart.draw(&title),
        title,
        alt,
        data: run.given("spans/"),
    })
}

struct Lane<'a> {
    cell: &'a Cell,
    appearance: Appearance,
    is_ranked: bool,
    spans: &'a [Span],
    /// When the last task finished, nanoseconds.
    end: f64,
    /// Most tasks in flight at once.
    peak: u64,
    /// The makespan of all trials, where it is summarised; and the median alone.
    makespan: Option<String>,
    median: Option<String>,
}

/// The lanes, that of the lowest median first.
fn lanes(run: &Run) -> Option<Vec<Lane<'_>>> {
    let drawable = |cell: &&Cell| {
        let spans = run.spans.get(&cell.id);
        (cell.workload.as_str(), cell.tasks) == HEADLINE && spans.is_some_and(|spans| !spans.is_empty())
    };
    let cells: Vec<&Cell> = run.cells().filter(drawable).collect();
    let preferred = cells.iter().find(|cell| cell.experiment == PREFERRED);
    let group = &preferred.or(cells.first())?.group;
    let mut lanes: Vec<Lane> =
        cells.iter().filter(|cell| &cell.group == group).map(|cell| Lane::of(run, cell)).collect();
    // In the order of their medians, as in the table: one trial alone could turn it round.
    let place = |lane: &Lane| run.median(&lane.cell.id, Metric::Makespan).unwrap_or(lane.end);
    lanes.sort_by(|a, b| place(a).total_cmp(&place(b)).then_with(|| a.cell.label.cmp(&b.cell.label)));
    Some(lanes)
}

impl<'a> Lane<'a> {
    fn of(run: &'a Run, cell: &'a Cell) -> Self {
        let spans: &[Span] = &run.spans[&cell.id];
        let end = spans.iter().map(|span| span.finish_ns).max().unwrap_or(0) as f64;
        let summary = run.summary_of(&cell.id, Metric::Makespan);
        let makespan = summary.map(|row| format!("{}, {}", median(row), counted(row.n, "trial")));
        Self {
            cell,
            appearance: run.appearances.get(&cell.label),
            is_ranked: run.is_ranked(&cell.label),
            spans,
            end,
            peak: peak_in_flight(spans),
            makespan,
            median: summary.map(|row| median(row).value),
        }
    }

    /// Whether at least half of its tasks were in flight at once.
    fn is_concurrent(&self) -> bool {
        2 * self.peak >= self.spans.len() as u64
    }

    /// Whether its tasks ran one after the other, or nearly so.
    fn is_sequential(&self) -> bool {
        100 * self.peak <= self.spans.len() as u64
    }

    fn title(&self) -> String {
        let last = self.spans.last().map_or(0, |span| span.start_ns) as f64;
        let median = self.makespan.as_ref().map_or_else(String::new, |value| format!("; makespan {value}"));
        format!(
            "{}: {} done after {}, the last begun after {}, {} in flight at most{median}",
            self.cell.label,
            counted(self.spans.len() as u64, "task"),
            human::duration(self.end),
            human::duration(last),
            human::count(self.peak),
        )
    }
}

/// What a reader should see, with numbers: the best of those that are shown at first, and the last of them whose tasks
/// were not all in flight at once.
fn comparison(lanes: &[Lane], is_usual: &dyn Fn(&str) -> bool) -> Option<Naming> {
    let mut contestants = lanes.iter().filter(|lane| lane.is_ranked && is_usual(&lane.cell.label));
    let words = |lane: &Lane| {
        format!(
            "{} has {} in flight at once and is done after {}",
            lane.cell.label,
            counted(lane.peak, "task"),
            human::duration(lane.end)
        )
    };
    let first = contestants.clone().next()?;
    let last = contestants.rfind(|lane| !lane.is_concurrent() && !lane.is_sequential());
    let named: Vec<&Lane> = [Some(first), last].into_iter().flatten().collect();
    Some(Naming {
        words: named.iter().map(|lane| words(lane)).collect::<Vec<String>>().join("; ") + ".",
        runtimes: named.iter().map(|lane| lane.cell.label.clone()).collect(),
    })
}

/// The panels over the lanes.
struct Chart<'a> {
    lanes: &'a [Lane<'a>],
    /// The first moments, where they are less than the whole.
    near: Option<Panel>,
    whole: Panel,
    bottom: f64,
}

struct Panel {
    scale: Scale,
    frame: Frame,
    title: String,
}

impl Panel {
    fn new(end: f64, (left, right): (f64, f64), bottom: f64, title: String) -> Self {
        let frame = Frame { left, right, top: TOP, bottom };
        Self { scale: Scale::linear((0.0, end), (left, right)), frame, title }
    }

    fn end(&self) -> f64 {
        self.scale.domain().1
    }
}

impl<'a> Chart<'a> {
    fn of(lanes: &'a [Lane<'a>]) -> Self {
        let latest = |which: &dyn Fn(&&Lane) -> bool| {
            lanes.iter().filter(|lane| which(lane)).map(|lane| lane.end).fold(0.0, f64::max)
        };
        let all = latest(&|_| true);
        let running = latest(&|lane| !lane.is_sequential());
        let cut = if running > 0.0 { (running * 1.04).min(all * 1.02) } else { all * 1.02 };
        let near = (latest(&|lane| lane.is_concurrent()) * 1.2).max(FIRST_MOMENTS);
        let bottom = TOP + LANE * lanes.len() as f64;
        let right = WIDTH - 12.0;
        let title = |end: f64| {
            if cut < all { format!("the first {}", human::duration(end)) } else { "the whole".into() }
        };
        // A second panel that shows nearly the same would not help.
        if near > cut * 0.6 {
            let whole = Panel::new(cut, (LEFT, right), bottom, title(cut));
            return Self { lanes, near: None, whole, bottom };
        }
        let middle = f64::midpoint(LEFT, right);
        let first = format!("the first {}", human::duration(near));
        let near = Panel::new(near, (LEFT, middle - GAP / 2.0), bottom, first);
        let whole = Panel::new(cut, (middle + GAP / 2.0, right), bottom, title(cut));
        Self { lanes, near: Some(near), whole, bottom }
    }

    fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.near.iter().chain([&self.whole])
    }

    fn explanation(&self) -> String {
        let mut words = String::new();
        if let Some(near) = &self.near {
            let _ = write!(
                words,
                " The left side is the first {} of the right one.",
                human::duration(near.end())
            );
        }
        words
    }

    /// The lanes that do not end in the drawing.
    fn beyond(&self) -> Option<Naming> {
        let beyond = self.lanes.iter().filter(|lane| lane.end > self.whole.end());
        let runtimes: Vec<String> = beyond.map(|lane| lane.cell.label.clone()).collect();
        let continues = if runtimes.len() == 1 { "continues" } else { "continue" };
        let words = format!("{} {continues} beyond the edge.", list(runtimes.iter().cloned()));
        (!runtimes.is_empty()).then_some(Naming { words, runtimes })
    }

    fn draw(&self, name: &str) -> String {
        // The page closes the gaps of lanes that it hides: it moves lanes and foot up, and the drawing ends earlier.
        let drawing = drawing(self.bottom + FOOT, name).set("data-lane", LANE).add(self.behind());
        let tops = (0..).map(|place| TOP + LANE * f64::from(place));
        let lanes = self.lanes.iter().zip(tops).map(|(lane, top)| self.lane(lane, top));
        let drawing = lanes.fold(drawing, SVG::add);
        let foot = self.panels().map(|panel| panel.frame.foot(&axis(panel)));
        drawing.add(foot.fold(classed("foot"), Group::add)).to_string()
    }

    /// What lies behind the lanes. It is cut off where the foot begins, wherever that is: it has the height of the
    /// drawing, and ends the foot's height higher.
    fn behind(&self) -> SVG {
        let mut group = Group::new().set("transform", format!("translate(0,{FOOT})"));
        for panel in self.panels() {
            group = group
                .add(label((panel.frame.left, TOP - 34.0), "", &panel.title))
                .add(tick_labels(&axis(panel), TOP - 10.0))
                .add(panel.frame.grid(&axis(panel)));
        }
        if let Some(near) = &self.near {
            let frame = &self.whole.frame;
            let width = self.whole.scale.at(near.end()).unwrap_or(frame.left) - frame.left;
            group = group.add(rectangle("zoom", (frame.left, TOP), width, self.bottom - TOP));
        }
        SVG::new().set("y", -FOOT).set("height", "100%").add(group)
    }

    fn lane(&self, lane: &Lane, top: f64) -> Group {
        let lines = top + (LANE - LINES) / 2.0;
        let middle = top + LANE / 2.0;
        let class = lane.appearance.class();
        // One trial of many: it need not be the typical one.
        let typical = lane.median.as_ref().map_or_else(String::new, |median| format!(" (median {median})"));
        let small = format!("{}{typical}, {} in flight", human::duration(lane.end), human::count(lane.peak));
        let mut group = of_runtime(hover("lane", &lane.title()), &lane.cell.label)
            .add(hit((0.0, top), WIDTH, LANE))
            .add(segment("grid", (0.0, top + LANE), (WIDTH, top + LANE)))
            .add(classed(&class).add(dot(lane.appearance.shape, (13.0, middle - 6.0), 5.0)))
            .add(label((26.0, middle - 2.0), "strong", &fit(&lane.cell.label, 13.0, LEFT - 30.0)))
            .add(label((26.0, middle + 12.0), "small soft", &small));
        for panel in self.panels() {
            let tasks = Path::new().set("class", "tasks").set("d", tasks(lane.spans, &panel.scale, lines));
            group = group.add(classed(&class).add(tasks));
        }
        if lane.end > self.whole.end() {
            let right = self.whole.frame.right;
            let words = format!("to {}", human::duration(lane.end));
            group =
                group.add(text((right - 14.0, top + LANE - 10.0), Anchor::End, "small halo", &words)).add(
                    arrow((right, top + LANE - 14.0), Beyond::High)
                        .into_iter()
                        .fold(classed(&class), Group::add),
                );
        }
        group
    }
}

fn axis(panel: &Panel) -> Axis<'_> {
    Axis::new(&panel.scale, 6, &time, "")
}

/// The lines of a lane. Lines that would cover each other are drawn once.
fn tasks(spans: &[Span], scale: &Scale, top: f64) -> String {
    let rows = spans.len().clamp(1, ROWS);
    let mut path = String::new();
    for row in 0..rows {
        let mine = &spans[row * spans.len() / rows..(row + 1) * spans.len() / rows];
        let y = tenth(top + (row as f64 + 0.5) * LINES / rows as f64);
        for (from, to) in pieces(mine, scale) {
            let _ = write!(path, "M{} {y}H{}", tenth(from), tenth(to));
        }
    }
    path
}

/// The visible pieces of the spans on one line.
fn pieces(spans: &[Span], scale: &Scale) -> Vec<(f64, f64)> {
    let mut pieces: Vec<(f64, f64)> = Vec::new();
    let end = scale.domain().1;
    for span in spans.iter().filter(|span| span.start_ns as f64 <= end) {
        let from = scale.clamped(span.start_ns as f64).0;
        let to = scale.clamped(span.finish_ns as f64).0.max(from + 0.4);
        match pieces.last_mut() {
            Some(last) if from <= last.1 + 0.1 => last.1 = last.1.max(to),
            _ => pieces.push((from, to)),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_cover_each_other_are_drawn_once() {
        let scale = Scale::linear((0.0, 100.0), (0.0, 100.0));
        let spans = [(0, 10), (5, 20), (50, 60), (90, 200), (150, 160)];
        let spans = spans.map(|(start_ns, finish_ns)| Span { start_ns, finish_ns });
        assert_eq!(pieces(&spans, &scale), [(0.0, 20.0), (50.0, 60.0), (90.0, 100.0)]);
    }

    #[test]
    fn a_thousand_tasks_make_no_more_lines_than_can_be_seen() {
        let scale = Scale::linear((0.0, 1000.0), (0.0, 300.0));
        let many: Vec<Span> = (0..1000).map(|n| Span { start_ns: n, finish_ns: n + 300 }).collect();
        let path = tasks(&many, &scale, 0.0);
        assert_eq!(path.matches('M').count(), ROWS);
        assert!(tasks(&many[..3], &scale, 0.0).matches('M').count() == 3);
    }
}

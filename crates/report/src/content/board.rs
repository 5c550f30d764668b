//! Runtimes of one group under each other: rank, place on a shared axis, value and interval.

use results::{Estimate, Metric, SummaryRow, estimate, human};

use super::overview::Column;
use super::ranking::marked;
use super::standings::Standings;
use crate::chart::{Scale, Steps, extent};
use crate::format::{counted, too_few};
use crate::run::Run;
use results::show;

/// The most ticks of the axis.
const TICKS: usize = 5;

/// What a character of a tick takes of the narrowest axis that has texts, per cent, and what is left free between two texts.
const CHARACTER: f64 = 4.4;
const FREE: f64 = 4.0;

#[derive(Debug)]
pub struct Board<'a> {
    /// What is shown: `makespan`.
    pub what: String,
    /// What follows a value in a sentence, where values have no unit of their own: rates.
    pub unit: &'static str,
    pub lines: Vec<Line<'a>>,
    pub ticks: Vec<Tick>,
}

/// A mark of the axis.
#[derive(Debug)]
pub struct Tick {
    /// Its place, per cent of the axis.
    pub at: f64,
    pub text: String,
}

/// A runtime.
#[derive(Debug)]
pub struct Line<'a> {
    pub runtime: &'a str,
    /// `2–5`; empty where the runtime is not ranked, or where there are too few blocks to rank any.
    pub ranks: String,
    pub is_best: bool,
    /// The first line of a new tier.
    pub opens_tier: bool,
    pub is_ranked: bool,
    pub value: Estimate,
    /// The same as a number.
    pub median: f64,
    /// Blocks with a value.
    pub blocks: u64,
    /// All of it in words.
    pub hint: String,
    /// Where the median and the ends of its interval lie, per cent of the axis.
    pub at: f64,
    pub interval: Option<(f64, f64)>,
    pub caveat: Option<&'a str>,
    /// The most tasks that worked, where more are asked about: then it has no rank.
    pub fits: Option<u64>,
}

impl<'a> Board<'a> {
    /// All runtimes of a column, the best first; `times` as much as was measured is shown.
    pub fn of(run: &'a Run, column: &Column<'a>, standings: &Standings<'a>, times: f64) -> Self {
        let others = || standings.open.iter().chain(&standings.unranked).copied();
        let unable = || standings.unable.iter().copied();
        let rows = || standings.ranked().chain(unable().map(|(row, _)| row)).chain(others());
        let ends = |row: &SummaryRow| [Some(row.median), row.ci_low, row.ci_high];
        let seen = rows().flat_map(ends).flatten().map(|value| value * times).filter(|value| *value > 0.0);
        let (low, high) = extent(seen).unwrap_or((1.0, 1.0));
        let scale = Scale::log((low / 1.12, high * 1.12), (0.0, 100.0));
        let metric = rows().next().map_or(Metric::Makespan, |row| row.metric);
        let steps = if metric.unit() == "bytes" { Steps::Binary } else { Steps::Decimal };
        let tick = |value: f64| Some(Tick { at: scale.at(value)?, text: show(value, metric.unit()) });
        let ticks = apart(scale.ticks(steps, TICKS).into_iter().filter_map(tick));
        let mut lines: Vec<Line> = Vec::new();
        for (place, tier) in standings.tiers.iter().enumerate() {
            for (nth, row) in tier.rows.iter().enumerate() {
                let ranks = if standings.is_known { tier.ranks() } else { String::new() };
                let line = Line::of(run, column, row, &scale, times);
                let is_best = place == 0 && standings.is_known;
                lines.push(Line {
                    ranks,
                    is_best,
                    opens_tier: place > 0 && nth == 0,
                    is_ranked: true,
                    ..line
                });
            }
        }
        lines.extend(
            unable()
                .map(|(row, fits)| Line { fits: Some(fits), ..Line::of(run, column, row, &scale, times) }),
        );
        lines.extend(others().map(|row| Line::of(run, column, row, &scale, times)));
        let what = if metric.unit() == "bytes" { "memory".into() } else { column.measure.name.to_string() };
        let unit = if metric.unit() == "1/s" { " per second" } else { "" };
        Self { what, unit, lines, ticks }
    }
}

/// The first tick, and each one whose text does not reach into that of the one before.
fn apart(ticks: impl Iterator<Item = Tick>) -> Vec<Tick> {
    let mut kept: Vec<Tick> = Vec::new();
    for tick in ticks {
        if kept.last().is_none_or(|last| tick.from() >= last.from() + last.width() + FREE) {
            kept.push(tick);
        }
    }
    kept
}

impl Tick {
    fn width(&self) -> f64 {
        self.text.chars().count() as f64 * CHARACTER
    }

    /// Where its text begins: it is centred, but for one that would leave the axis, as in the style sheet.
    fn from(&self) -> f64 {
        (self.at - self.width() / 2.0).clamp(0.0, (100.0 - self.width()).max(0.0))
    }
}

impl<'a> Line<'a> {
    /// Its name, with a dagger where something must be said of it.
    pub fn name(&self) -> String {
        marked(self.runtime, self.caveat)
    }

    /// Why it has no rank, in a few words.
    pub fn why_no_rank(&self) -> String {
        match self.fits {
            _ if !self.is_ranked => "not ranked: a reference or a variant".into(),
            Some(fits) => format!("not ranked: so many do not fit here, only {}", human::count(fits)),
            None => too_few(self.blocks),
        }
    }

    /// Without its rank.
    fn of(run: &'a Run, column: &Column<'a>, row: &'a SummaryRow, scale: &Scale, times: f64) -> Self {
        let multiplied = |end: Option<f64>| end.map(|value| value * times);
        let (low, high) = (multiplied(row.ci_low), multiplied(row.ci_high));
        let value = estimate(row.median * times, low, high, &row.unit);
        let hint = format!("{}: {value}, {}", row.runtime, counted(row.n, "trial"));
        let place = |value: f64| scale.clamped(value).0;
        Self {
            runtime: &row.runtime,
            ranks: String::new(),
            is_best: false,
            opens_tier: false,
            is_ranked: run.is_ranked(&row.runtime),
            value,
            median: row.median * times,
            blocks: row.n,
            hint,
            at: place(row.median * times),
            interval: low.zip(high).map(|(low, high)| (place(low), place(high))),
            caveat: column.caveat(&row.runtime),
            fits: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::Workload;
    use results::overview::Aspect;

    use super::*;
    use crate::content::overview::columns;
    use crate::content::pairs::Pairs;
    use crate::figures::fixture;

    #[test]
    fn ticks_whose_texts_would_overlap_are_left_out() {
        let ticks = |text: &str| {
            let ticks = [0.0, 20.0, 40.0, 70.0, 80.0].map(|at| Tick { at, text: text.into() });
            apart(ticks.into_iter()).iter().map(|tick| tick.at).collect::<Vec<f64>>()
        };
        assert_eq!(ticks("10 ms"), [0.0, 40.0, 70.0]);
        assert_eq!(ticks("1,000,000"), [0.0, 70.0]);
    }

    #[test]
    fn every_runtime_of_the_group_has_a_line_on_the_axis_the_best_first() {
        let run = fixture::reference();
        let columns = columns(run);
        let sleep = columns.iter().find(|column| column.workload == Workload::Sleep).unwrap();
        let standings = Standings::of(run, sleep, Aspect::Cold, &Pairs::of(run)).unwrap();
        let board = Board::of(run, sleep, &standings, 1.0);
        assert_eq!(board.lines.len(), sleep.values(Aspect::Cold).len());
        assert!(board.lines[0].is_best && board.lines.last().is_some_and(|line| !line.is_ranked));
        for line in &board.lines {
            // What takes seconds runs in too few blocks for an interval.
            let (low, high) = line.interval.unwrap_or((line.at, line.at));
            assert!(0.0 <= low && low <= line.at && line.at <= high && high <= 100.0, "{}", line.runtime);
        }
        assert!((2..=TICKS + 2).contains(&board.ticks.len()));
        let tokio = board.lines.iter().find(|line| line.runtime == "tokio").unwrap();
        let summary = sleep.value(Aspect::Cold, "tokio").unwrap();
        assert_eq!(tokio.value, crate::format::median(summary));
    }
}

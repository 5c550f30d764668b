//! The claims of an experiment, a row a claim: how far each value lies from its threshold.

use std::fmt::Write;

use results::{Verdict, VerdictRow, folder, human};
use svg::node::element::Group;

use crate::appearance::Shape;
use crate::chart::{
    Anchor, Axis, Beyond, Frame, Scale, WIDTH, arrow, classed, cross, dot, drawing, extent, fit, hit, hover,
    label, rectangle, ring, segment, slug, text, tick_labels, wrap,
};
use crate::content::threshold::{Placed, bounds, place};
use crate::content::verdicts::{self, Judged, compared, expected, measured};
use crate::figure::Figure;
use crate::format::{counted, factor, list};
use crate::run::Run;

/// The marks stand between the names of the claims and the verdicts.
const LEFT: f64 = 262.0;
const RIGHT: f64 = WIDTH - 250.0;
const TOP: f64 = 46.0;
const ROW: f64 = 30.0;

/// The axis ends at this many times the threshold, and at its inverse.
const FURTHEST: f64 = 1000.0;

pub fn figure(run: &Run, judged: &Judged) -> Figure {
    let chart = Chart::of(run, &judged.rows);
    let title = format!("The claims that {} puts to the test", judged.experiment);
    let (claims, counts) = (counted(judged.rows.len() as u64, "claim"), list(judged.counts()));
    let alt = format!(
        "A row for each of {claims}, and in it how far the measured value lies from the threshold: {counts}."
    );
    Figure {
        name: format!("claims-{}", slug(judged.experiment)),
        findings: Vec::new(),
        caption: format!("Of {claims}, {counts}.{}", chart.explanation()),
        svg: chart.draw(&title),
        title,
        alt,
        data: folder::VERDICTS.into(),
    }
}

struct Chart<'a> {
    placed: Vec<Placed<'a>>,
    /// Claims without a value, or without a threshold above 0.
    others: Vec<&'a VerdictRow>,
    scale: Scale,
    frame: Frame,
}

impl<'a> Chart<'a> {
    fn of(run: &Run, rows: &[&'a VerdictRow]) -> Self {
        let mut placed = Vec::new();
        let mut others = Vec::new();
        for row in rows {
            match place(run, row) {
                Some(one) => placed.push(one),
                None => others.push(*row),
            }
        }
        let values = placed.iter().flat_map(|one| {
            [Some(one.value), one.low, one.high].into_iter().flatten().chain(bounds(one.claimed))
        });
        let seen = extent(values.filter(|value| *value > 0.0)).unwrap_or((1.0, 1.0));
        let low = (seen.0 / 1.15).clamp(1.0 / FURTHEST, 0.8);
        let high = (seen.1 * 1.15).clamp(1.25, FURTHEST);
        let frame = Frame { left: LEFT, right: RIGHT, top: TOP, bottom: TOP + ROW * placed.len() as f64 };
        Self { placed, others, scale: Scale::log((low, high), (LEFT, RIGHT)), frame }
    }

    fn explanation(&self) -> String {
        if self.placed.is_empty() {
            return String::new();
        }
        let clipped = self.placed.iter().filter(|one| self.scale.clamped(one.value).1 != Beyond::Nowhere);
        let mut words = String::from(
            " Each point is the measured value over the claimed threshold, with its 95 % interval; the claim holds \
             in the shaded part. Of a claim with two bounds, 1 is the middle between them.",
        );
        match clipped.count() as u64 {
            0 => {}
            1 => words.push_str(" One value lies beyond the axis: an arrow points to it."),
            many => {
                let _ = write!(words, " {many} values lie beyond the axis: arrows point to them.");
            }
        }
        words
    }

    fn draw(&self, name: &str) -> String {
        let listed = if self.others.is_empty() { 0.0 } else { 34.0 + ROW * self.others.len() as f64 };
        let below = if self.placed.is_empty() { TOP - 30.0 } else { self.frame.bottom + 46.0 };
        let mut drawing = drawing(below + listed, name);
        if !self.placed.is_empty() {
            drawing = drawing.add(self.axes());
        }
        for (place, one) in self.placed.iter().enumerate() {
            drawing = drawing.add(self.row(one, TOP + ROW * place as f64));
        }
        if !self.others.is_empty() {
            drawing = drawing.add(label((8.0, below + 14.0), "big", "Without a value here"));
        }
        for (place, row) in self.others.iter().enumerate() {
            drawing = drawing.add(without_value(row, below + 26.0 + ROW * place as f64));
        }
        drawing.to_string()
    }

    fn axes(&self) -> Group {
        let axis = Axis::new(&self.scale, 9, &factor, "measured ÷ threshold");
        let one = self.scale.clamped(1.0).0;
        Group::new()
            .add(self.frame.below(&axis))
            .add(tick_labels(&axis, TOP - 8.0))
            .add(text((one, TOP - 26.0), Anchor::Middle, "small", "threshold"))
            .add(segment("rule", (one, TOP - 22.0), (one, TOP - 18.0)))
            .add(segment("rule", (one, TOP - 4.0), (one, self.frame.bottom)))
    }

    fn row(&self, one: &Placed, top: f64) -> Group {
        let row = one.row;
        let from = self.scale.clamped(one.claimed.0).0;
        let to = self.scale.clamped(one.claimed.1).0;
        let value = measured(row).map_or_else(String::new, |shown| shown.value);
        let said = format!("{value}; claimed {}", expected(row));
        hover("", &title(row))
            .add(hit((0.0, top), WIDTH, ROW))
            .add(rectangle("claimed", (from, top + 1.0), to - from, ROW - 2.0))
            .add(named(row, top))
            .add(self.point(one, top + ROW / 2.0))
            .add(sign(row.verdict, (RIGHT + 18.0, top + 9.0)))
            .add(label((RIGHT + 30.0, top + 12.5), "", row.verdict.name()))
            .add(label((RIGHT + 12.0, top + 25.0), "small soft", &fit(&said, 11.0, WIDTH - RIGHT - 14.0)))
    }

    /// The value, its interval, and arrows where they continue beyond the axis.
    fn point(&self, one: &Placed, y: f64) -> Group {
        let (x, beyond) = self.scale.clamped(one.value);
        let mut group = classed(tone(one.row.verdict));
        if let (Some(low), Some(high)) = (one.low, one.high) {
            let ends = [self.scale.clamped(low), self.scale.clamped(high)];
            group = group.add(segment("whisker", (ends[0].0, y), (ends[1].0, y)));
            for (x, beyond) in ends {
                group = arrow((x, y), beyond).into_iter().fold(group, Group::add);
            }
        }
        match beyond {
            Beyond::Nowhere => group.add(sign(one.row.verdict, (x, y))),
            beyond => arrow((x, y), beyond).into_iter().fold(group, Group::add),
        }
    }
}

/// The name of the claim, and below it the runtimes that are compared.
fn named(row: &VerdictRow, top: f64) -> Group {
    Group::new()
        .add(label((8.0, top + 12.5), "", &fit(&row.claim, 12.0, LEFT - 14.0)))
        .add(label(
            (8.0, top + 25.0),
            "small soft",
            &fit(&compared(&row.runtime, &row.baseline), 11.0, LEFT - 14.0),
        ))
        .add(segment("grid", (8.0, top + ROW), (WIDTH - 2.0, top + ROW)))
}

fn without_value(row: &VerdictRow, top: f64) -> Group {
    // The verdict is written before it.
    let reason = row.reason.strip_prefix("Untestable: ").unwrap_or(&row.reason);
    let lines = wrap(&human::capitalised(reason), 11.0, WIDTH - LEFT - 150.0, 2);
    let reason = lines.iter().zip([12.5, 25.0]).fold(Group::new(), |group, (line, below)| {
        group.add(label((LEFT + 112.0, top + below), "small soft", line))
    });
    hover("", &title(row))
        .add(hit((0.0, top), WIDTH, ROW))
        .add(named(row, top))
        .add(sign(row.verdict, (LEFT + 6.0, top + 9.0)))
        .add(label((LEFT + 18.0, top + 12.5), "", row.verdict.name()))
        .add(reason)
}

/// The class of a verdict's colour.
fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Untestable | Verdict::TooFew => "soft",
        verdict => verdicts::tone(verdict).class(),
    }
}

/// The sign of a verdict, which has a shape of its own.
fn sign(verdict: Verdict, at: (f64, f64)) -> Group {
    let group = classed(tone(verdict));
    match verdict {
        Verdict::Supported => group.add(dot(Shape::Circle, at, 4.2)),
        Verdict::Equivalent => group.add(dot(Shape::Diamond, at, 4.2)),
        Verdict::Refuted => group.add(cross(at, 3.6)),
        Verdict::Inconclusive => group.add(ring(at, 3.8)),
        Verdict::Untestable | Verdict::TooFew => {
            group.add(segment("whisker", (at.0 - 4.0, at.1), (at.0 + 4.0, at.1)))
        }
    }
}

fn title(row: &VerdictRow) -> String {
    let claim = format!("{} ({}): {}.", row.claim, compared(&row.runtime, &row.baseline), row.statement);
    let Some(value) = measured(row) else { return format!("{claim} {}: {}", row.verdict.name(), row.reason) };
    let undisturbed = if row.undisturbed_verdict == row.verdict || row.disturbed == 0 {
        String::new()
    } else {
        match row.undisturbed_verdict {
            Verdict::TooFew => " (too few blocks without the disturbed ones)".into(),
            verdict => format!(" ({} without disturbed blocks)", verdict.name()),
        }
    };
    format!(
        "{claim} Measured {value}, {}; claimed {}: {}{undisturbed}",
        counted(row.n, "block"),
        expected(row),
        row.verdict.name()
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn article(run: &Run) -> Figure {
        figure(run, verdicts::judged(run).iter().find(|judged| judged.experiment == "article").unwrap())
    }

    #[test]
    fn every_claim_has_a_row_with_its_verdict() {
        let run = fixture::reference();
        let rows = || run.verdicts.iter().filter(|row| row.experiment == "article");
        let drawn = article(run);
        for row in rows() {
            assert!(drawn.svg.contains(&format!("\n{}\n", row.claim)), "{}", row.claim);
        }
        let refuted = rows().filter(|row| row.verdict == Verdict::Refuted).count();
        assert!(drawn.caption.contains(&format!("{refuted} refuted")), "{}", drawn.caption);
    }

    #[test]
    fn values_beyond_the_axis_are_mentioned() {
        let mut run = fixture::read_reference();
        assert!(!article(&run).caption.contains("beyond"));
        let row = run.verdicts.iter_mut().find(|row| row.claim == "start-up").unwrap();
        (row.measured, row.ci_high) = (Some(results::NEVER), Some(results::NEVER));
        let figure = article(&run);
        assert!(figure.caption.contains("One value lies beyond the axis"), "{}", figure.caption);
        assert!(figure.svg.contains("no end; claimed ≥ 2"));
    }
}

//! A claim on several machines: a row a machine with its interval, below them the mean of all as a diamond as wide as its
//! interval, with the prediction interval of one more machine as whiskers.

use results::{AcrossVerdictRow, Claim, Verdict, VerdictRow, estimate, human};
use svg::node::element::{Group, Path};

use crate::appearance::Shape;
use crate::chart::{
    Anchor, Axis, Beyond, Frame, Scale, WIDTH, arrow, classed, cross, dot, drawing, extent, fit, hover,
    label, rectangle, ring, segment, text,
};
use crate::content::verdicts;

/// The marks stand between the names of the machines and the values.
const LEFT: f64 = 170.0;
const RIGHT: f64 = WIDTH - 250.0;
const TOP: f64 = 26.0;
const ROW: f64 = 20.0;
/// Half the height of the diamond.
const DIAMOND: f64 = 7.0;
/// The axis ends at this many times the value that is nearest to it, at most.
const FURTHEST: f64 = 1000.0;

/// Draws a claim; nothing where no machine has a value above zero.
pub fn forest(
    claim: Option<&Claim>,
    together: &AcrossVerdictRow,
    machines: &[(&str, &VerdictRow)],
) -> Option<String> {
    let chart = Chart::of(claim, together, machines)?;
    Some(chart.draw())
}

struct Chart<'a> {
    together: &'a AcrossVerdictRow,
    machines: &'a [(&'a str, &'a VerdictRow)],
    /// Between these the claim holds.
    claimed: Option<(f64, f64)>,
    scale: Scale,
    frame: Frame,
}

impl<'a> Chart<'a> {
    fn of(
        claim: Option<&Claim>,
        together: &'a AcrossVerdictRow,
        machines: &'a [(&'a str, &'a VerdictRow)],
    ) -> Option<Self> {
        let expect = claim.map(|claim| &claim.expect);
        let claimed = expect.map(|expect| (expect.low.unwrap_or(0.0), expect.high.unwrap_or(f64::INFINITY)));
        let of_machines = machines.iter().flat_map(|(_, row)| [row.measured, row.ci_low, row.ci_high]);
        let of_all =
            [together.measured, together.ci_low, together.ci_high, together.next_low, together.next_high];
        let bounds = claimed.into_iter().flat_map(|(low, high)| [Some(low), Some(high)]);
        let values = of_machines.chain(of_all).chain(bounds).flatten();
        let is_shown = |value: &f64| *value > 0.0 && *value < results::NEVER;
        let seen = extent(machines.iter().filter_map(|(_, row)| row.measured).filter(is_shown))?;
        let near = |value: &f64| *value > seen.0 / FURTHEST && *value < seen.1 * FURTHEST;
        let (low, high) = extent(values.filter(is_shown).filter(near)).unwrap_or(seen);
        let rows = machines.len() + usize::from(together.measured.is_some());
        let frame = Frame { left: LEFT, right: RIGHT, top: TOP, bottom: TOP + ROW * rows as f64 };
        let scale = Scale::log((low / 1.05, high * 1.05), (LEFT, RIGHT));
        Some(Self { together, machines, claimed, scale, frame })
    }

    fn draw(&self) -> String {
        let unit = &*self.together.unit;
        let show = |value: f64| human::show(value, unit);
        let axis = Axis::new(&self.scale, 8, &show, "");
        let mut drawing = drawing(self.frame.bottom + 24.0, &format!("{} by machine", self.together.claim));
        if let Some((low, high)) = self.claimed {
            let (from, to) = (self.scale.clamped(low).0, self.scale.clamped(high).0);
            let height = self.frame.bottom - self.frame.top;
            drawing = drawing.add(rectangle("claimed", (from, self.frame.top), to - from, height));
        }
        drawing = drawing.add(self.frame.below(&axis)).add(text(
            (RIGHT + 12.0, TOP - 8.0),
            Anchor::Start,
            "small soft",
            "value [95 % interval]",
        ));
        for (place, (machine, row)) in self.machines.iter().enumerate() {
            drawing = drawing.add(self.row(machine, row, TOP + ROW * (place as f64 + 0.5)));
        }
        if let Some(mean) = self.together.measured {
            drawing = drawing.add(self.mean(mean, self.frame.bottom - ROW / 2.0));
        }
        drawing.to_string()
    }

    fn row(&self, machine: &str, row: &VerdictRow, y: f64) -> Group {
        let said =
            verdicts::measured(row).map_or_else(|| row.verdict.name().into(), |shown| shown.to_string());
        let group = hover("", &format!("{machine}: {}", row.reason))
            .add(label((8.0, y + 4.0), "", &fit(machine, 12.0, LEFT - 14.0)))
            .add(label((RIGHT + 12.0, y + 4.0), "small soft", &fit(&said, 11.0, WIDTH - RIGHT - 14.0)));
        let Some(value) = row.measured else { return group };
        let marks = self.whiskers(classed(tone(row.verdict)), row.ci_low.zip(row.ci_high), y);
        let (x, beyond) = self.scale.clamped(value);
        group.add(match beyond {
            Beyond::Nowhere => marks.add(sign(row.verdict, (x, y))),
            beyond => arrow((x, y), beyond).into_iter().fold(marks, Group::add),
        })
    }

    /// The mean of all, as wide as its interval, and what one more machine may show.
    fn mean(&self, mean: f64, y: f64) -> Group {
        let AcrossVerdictRow { ci_low, ci_high, next_low, next_high, unit, .. } = self.together;
        let said = estimate(mean, *ci_low, *ci_high, unit).named(unit).to_string();
        let group = self
            .whiskers(Group::new(), next_low.zip(*next_high), y)
            .add(label((8.0, y + 4.0), "strong", "mean over machines"))
            .add(label((RIGHT + 12.0, y + 4.0), "small strong", &fit(&said, 11.0, WIDTH - RIGHT - 14.0)));
        let [from, at, to] =
            [ci_low.unwrap_or(mean), mean, ci_high.unwrap_or(mean)].map(|x| self.scale.clamped(x).0);
        // At least as wide as it takes to see that it is a diamond.
        let (from, to) = (from.min(at - 3.0), to.max(at + 3.0));
        let tenth = crate::chart::tenth;
        let (y, top, bottom) = (tenth(y), tenth(y - DIAMOND), tenth(y + DIAMOND));
        let data =
            format!("M{} {y}L{} {top}L{} {y}L{} {bottom}z", tenth(from), tenth(at), tenth(to), tenth(at));
        group.add(Path::new().set("class", "dot").set("d", data))
    }

    /// An interval, with arrows where it continues beyond the axis.
    fn whiskers(&self, group: Group, interval: Option<(f64, f64)>, y: f64) -> Group {
        let Some((low, high)) = interval else { return group };
        let ends = [self.scale.clamped(low), self.scale.clamped(high)];
        let group = group.add(segment("whisker", (ends[0].0, y), (ends[1].0, y)));
        ends.into_iter()
            .fold(group, |group, (x, beyond)| arrow((x, y), beyond).into_iter().fold(group, Group::add))
    }
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
    let group = Group::new();
    match verdict {
        Verdict::Supported | Verdict::Equivalent => group.add(dot(Shape::Circle, at, 4.0)),
        Verdict::Refuted => group.add(cross(at, 3.6)),
        _ => group.add(ring(at, 3.6)),
    }
}

//! How often the lab itself is wrong.

use results::{CalibrationRow, Estimate, estimate, human, show};
use svg::node::element::Group;

use crate::appearance::Shape;
use crate::chart::{
    Anchor, Axis, Frame, Scale, WIDTH, classed, cross, dot, drawing, extent, fit, hit, hover, label, segment,
    text,
};
use crate::figure::Figure;
use crate::format::list;
use crate::run::Run;
use results::grouping::distinct;

/// The sections: how the names of their figures begin, and their titles.
const SECTIONS: [(&str, &str); 3] = [
    ("false alarms", "False alarms: a difference is reported where there is none"),
    ("coverage", "Coverage: the interval holds the truth"),
    ("power", "Power: a true difference is found"),
];

const TITLE: &str = "How often the lab itself is wrong";

const LEFT: f64 = 300.0;
const RIGHT: f64 = WIDTH - 150.0;
const ROW: f64 = 24.0;
/// Above and below the rows of a section.
const HEAD: f64 = 34.0;
const FOOT: f64 = 40.0;

/// The figure, if there is a calibration.
pub fn figure(run: &Run) -> Option<Figure> {
    let sections: Vec<Section> =
        SECTIONS.into_iter().filter_map(|section| Section::of(run, section)).collect();
    if sections.is_empty() {
        return None;
    }
    let summary = summary(&sections);
    let alt =
        format!("Shares as points with 95 % intervals, in sections, beside their expected values. {summary}");
    Some(Figure {
        name: "calibration".into(),
        title: TITLE.into(),
        findings: Vec::new(),
        caption: format!(
            "{summary} Points show what was found with programs whose true difference is known, with 95 % intervals; the dashed line is \
             the expected value."
        ),
        svg: draw(&sections, TITLE),
        alt,
        data: run.calibration_file.into(),
    })
}

struct Section<'a> {
    prefix: &'static str,
    title: &'static str,
    rows: Vec<&'a CalibrationRow>,
    scale: Scale,
}

impl<'a> Section<'a> {
    fn of(run: &'a Run, (prefix, title): (&'static str, &'static str)) -> Option<Self> {
        let mine = |row: &&CalibrationRow| row.figure.starts_with(prefix) && row.unit == "share";
        let rows: Vec<&CalibrationRow> = run.calibration.iter().filter(mine).collect();
        let values =
            rows.iter().flat_map(|row| [Some(row.value), row.ci_low, row.ci_high, row.nominal]).flatten();
        let (low, high) = extent(values)?;
        // Shares near one end need only that end of the axis.
        let domain = match (low, high) {
            (_, high) if high <= 0.25 => (0.0, high * 1.15),
            (low, _) if low >= 0.75 => (1.0 - (1.0 - low) * 1.15, 1.0),
            _ => (0.0, 1.0),
        };
        Some(Self { prefix, title, rows, scale: Scale::linear(domain, (LEFT, RIGHT)) })
    }

    fn height(&self) -> f64 {
        HEAD + ROW * self.rows.len() as f64 + FOOT
    }

    fn draw(&self, top: f64) -> Group {
        let frame = Frame {
            left: LEFT,
            right: RIGHT,
            top: top + HEAD,
            bottom: top + HEAD + ROW * self.rows.len() as f64,
        };
        let axis = Axis::new(&self.scale, 8, &percent, "");
        let mut group = Group::new().add(label((8.0, top + 20.0), "big", self.title)).add(frame.below(&axis));
        for nominal in self.nominals() {
            let x = self.scale.clamped(nominal).0;
            let words = format!("expected {}", percent(nominal));
            group = group.add(segment("rule dashed", (x, frame.top - 4.0), (x, frame.bottom))).add(label(
                (RIGHT + 12.0, frame.top - 10.0),
                "small soft",
                &words,
            ));
        }
        self.rows
            .iter()
            .enumerate()
            .fold(group, |group, (place, row)| group.add(self.row(row, frame.top + ROW * place as f64)))
    }

    /// The expected values; in a section they are usually all the same.
    fn nominals(&self) -> Vec<f64> {
        distinct(self.rows.iter().filter_map(|row| row.nominal))
    }

    fn row(&self, row: &CalibrationRow, top: f64) -> Group {
        let middle = top + ROW / 2.0;
        let name = row.figure[self.prefix.len()..].trim();
        let fails = row.holds == Some(false);
        let mut mark = classed(if fails { "bad" } else { "c1" });
        if let (Some(low), Some(high)) = (row.ci_low, row.ci_high) {
            let (low, high) = (self.scale.clamped(low).0, self.scale.clamped(high).0);
            mark = mark.add(segment("whisker", (low, middle), (high, middle)));
        }
        let at = (self.scale.clamped(row.value).0, middle);
        let mark = if fails { mark.add(cross(at, 4.0)) } else { mark.add(dot(Shape::Circle, at, 4.2)) };
        let found = format!("{}{}", found(row).value, if fails { ", not compatible" } else { "" });
        hover("", &title(row))
            .add(hit((0.0, top), WIDTH, ROW))
            .add(text((LEFT - 12.0, middle + 4.0), Anchor::End, "", &fit(name, 12.0, LEFT - 20.0)))
            .add(mark)
            .add(label((RIGHT + 12.0, middle + 4.0), "small", &found))
    }
}

fn draw(sections: &[Section], name: &str) -> String {
    let height: f64 = sections.iter().map(Section::height).sum();
    let mut drawing = drawing(height, name);
    let mut top = 0.0;
    for section in sections {
        drawing = drawing.add(section.draw(top));
        top += section.height();
    }
    drawing.to_string()
}

/// The range of the values of each section, and whether they are compatible with what is expected.
fn summary(sections: &[Section]) -> String {
    let ranges = sections.iter().filter_map(|section| {
        let (low, high) = extent(section.rows.iter().map(|row| row.value))?;
        let expected = section
            .nominals()
            .first()
            .map_or_else(String::new, |value| format!(", {} expected", percent(*value)));
        let [least, most] = [low, high].map(|share| human::rough(share, "share"));
        let range = if low < high { format!("{least} to {most}") } else { least };
        Some(format!("{} {range}{expected}", section.prefix))
    });
    let ranges = human::capitalised(&list(ranges));
    let fails =
        sections.iter().flat_map(|section| &section.rows).filter(|row| row.holds == Some(false)).count();
    let compatible = match fails {
        0 => "all are compatible with what is expected".into(),
        some => format!("{some} of them not compatible with what is expected"),
    };
    format!("{ranges}; {compatible}.")
}

/// A share that was not measured, in per cent.
fn percent(share: f64) -> String {
    show(share, "share")
}

fn found(row: &CalibrationRow) -> Estimate {
    estimate(row.value, row.ci_low, row.ci_high, &row.unit)
}

fn title(row: &CalibrationRow) -> String {
    let expected = row.nominal.map_or_else(String::new, |value| format!("; expected {}", percent(value)));
    format!("{}: {} of {}{expected}", row.figure, found(row), human::count(row.n))
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    /// The first false alarm of a calibration.
    fn alarm(rows: &mut [CalibrationRow]) -> &mut CalibrationRow {
        rows.iter_mut().find(|row| row.figure.starts_with("false alarms")).unwrap()
    }

    #[test]
    fn each_share_has_a_row_with_its_interval() {
        let mut run = fixture::read_reference();
        let row = CalibrationRow {
            n: 285,
            value: 0.0246,
            ci_low: Some(0.00993),
            ci_high: Some(0.0499),
            nominal: Some(0.05),
            ..alarm(&mut run.calibration).clone()
        };
        *alarm(&mut run.calibration) = row;
        let figure = figure(&run).unwrap();
        assert!(figure.svg.contains(": 2.5 % [0.99 %, 5.0 %] of 285; expected 5 %"));
        assert!(figure.caption.contains("5 % expected"), "{}", figure.caption);
    }

    #[test]
    fn what_is_not_compatible_shows_in_words_and_shape() {
        let mut run = fixture::read_reference();
        alarm(&mut run.calibration).holds = Some(false);
        let figure = figure(&run).unwrap();
        assert!(figure.svg.contains(" %, not compatible") && figure.svg.contains("class=\"cross\""));
        assert!(figure.caption.contains("of them not compatible"), "{}", figure.caption);
    }
}

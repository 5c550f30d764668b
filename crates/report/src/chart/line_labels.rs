//! The names of curves, each beside the end of its line with a sample of it, instead of a legend.

use svg::node::element::Group;

use super::curve::{Curve, Point};
use super::frame::Frame;
use super::label_layout::spread;
use super::mark::{classed, dot, line, of_runtime, segment};
use super::path::tenth;
use super::text::{fit, label, width};

/// The most room for a name; a longer name is cut.
const LONGEST: f64 = 190.0;

/// Right of the frame: where the sample of a line begins and ends, and where the name begins.
const SAMPLE: (f64, f64) = (14.0, 46.0);
const NAME: f64 = 51.0;

/// The least distance between two names, one above the other.
const GAP: f64 = 14.5;

/// The room that the longest of these names takes, right of the lines.
pub fn room_for<'a>(labels: impl IntoIterator<Item = &'a str>) -> f64 {
    // With the leader, the sample, and some space.
    labels.into_iter().map(|label| width(label, 12.0)).fold(0.0, f64::max).min(LONGEST) + NAME + 10.0
}

/// The names of curves, right of the frame; a leader joins each with the end of its line.
pub fn line_labels(curves: &[Curve], frame: &Frame) -> Group {
    let named: Vec<(&Curve, Point)> =
        curves.iter().filter_map(|curve| Some((curve, curve.points.last()?.0))).collect();
    let wanted: Vec<f64> = named.iter().map(|(_, end)| end.1).collect();
    let heights = spread(&wanted, GAP, frame.top, frame.bottom);
    let x = frame.right;
    named.into_iter().zip(heights).fold(Group::new(), |group, ((curve, end), y)| {
        let leader = segment("leader", (end.0 + 5.0, end.1), (x + SAMPLE.0 - 2.0, y));
        let sample = line(&[(x + SAMPLE.0, y), (x + SAMPLE.1, y)], curve.appearance.dash);
        let sign = dot(curve.appearance.shape, (x + f64::midpoint(SAMPLE.0, SAMPLE.1), y), 4.0);
        let mark = classed(&curve.appearance.class()).add(sample).add(sign);
        let name = label((x + NAME, y + 4.0), "halo", &fit(curve.name, 12.0, LONGEST));
        // The page moves the names that it shows closer to their lines: from `data-y` to `data-end` at best.
        let tag =
            of_runtime(classed("tag"), curve.name).set("data-end", tenth(end.1)).set("data-y", tenth(y));
        let leader = classed(&curve.appearance.class()).add(leader);
        group.add(tag.add(leader).add(Group::new().add(mark).add(name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::Appearance;

    #[test]
    fn names_of_lines_that_end_in_one_place_stand_apart() {
        let curve = |name| Curve {
            name,
            appearance: Appearance::nth(1, 0),
            title: String::new(),
            points: vec![((10.0, 50.0), String::new())],
            band: Default::default(),
        };
        let frame = Frame { left: 0.0, right: 20.0, top: 0.0, bottom: 100.0 };
        let svg = line_labels(&[curve("one"), curve("two")], &frame).to_string();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let heights: Vec<f64> = document
            .descendants()
            .filter(|node| node.has_tag_name("text"))
            .map(|node| node.attribute("y").unwrap().parse().unwrap())
            .collect();
        assert!((heights[1] - heights[0]).abs() >= 14.0, "{heights:?}");
    }
}

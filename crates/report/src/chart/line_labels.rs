//! Names at the ends of lines, which spare the reader a legend.

use svg::node::element::Group;

use super::label_layout::spread;
use super::mark::{dot, segment};
use super::text::{Anchor, fit, text, width};
use crate::appearance::Appearance;

/// No name takes more room; what is longer is cut.
const LONGEST: f64 = 190.0;

/// How far apart two names stand, one above the other.
const GAP: f64 = 14.5;

/// The end of a line.
#[derive(Debug, Clone, Copy)]
pub struct LineEnd<'a> {
    /// Its name.
    pub label: &'a str,
    /// How it is drawn.
    pub appearance: Appearance,
    /// Where it ends.
    pub at: (f64, f64),
    /// Whether its line is dashed.
    pub dashed: bool,
}

/// How much room the longest of these names takes to the right of the lines.
pub fn room_for<'a>(labels: impl IntoIterator<Item = &'a str>) -> f64 {
    // The leader, the dot, and a little air.
    labels.into_iter().map(|label| width(label, 12.0)).fold(0.0, f64::max).min(LONGEST) + 40.0
}

/// The names of lines, from `x` on, between two heights; a leader joins each with the end of its line.
pub fn line_labels(ends: &[LineEnd], x: f64, top: f64, bottom: f64) -> Group {
    let wanted: Vec<f64> = ends.iter().map(|end| end.at.1).collect();
    let places = spread(&wanted, GAP, top, bottom);
    ends.iter().zip(places).fold(Group::new(), |group, (end, y)| {
        let class = format!("c{}", end.appearance.colour);
        let leader = segment("leader", (end.at.0 + 5.0, end.at.1), (x + 14.0, y));
        let mark = Group::new().set("class", class).add(leader);
        let mark =
            if end.dashed { mark.add(segment("line dashed", (x + 13.0, y), (x + 27.0, y))) } else { mark };
        group.add(mark.add(dot(end.appearance.shape, (x + 20.0, y), 4.0))).add(text(
            (x + 30.0, y + 4.0),
            Anchor::Start,
            "halo",
            &fit(end.label, 12.0, LONGEST),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::Shape;

    #[test]
    fn names_of_lines_that_end_in_one_place_stand_apart() {
        let appearance = Appearance { colour: 1, shape: Shape::Circle };
        let end = |label| LineEnd { label, appearance, at: (10.0, 50.0), dashed: false };
        let svg = line_labels(&[end("one"), end("two")], 20.0, 0.0, 100.0).to_string();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let heights: Vec<f64> = document
            .descendants()
            .filter(|node| node.has_tag_name("text"))
            .map(|node| node.attribute("y").unwrap().parse().unwrap())
            .collect();
        assert!((heights[1] - heights[0]).abs() >= 14.0, "{heights:?}");
    }
}

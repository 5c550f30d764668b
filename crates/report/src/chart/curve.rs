//! Curves: a line through points, with a title for each, and the band of their intervals.

use svg::node::element::Group;

use super::mark::{band, classed, dot, hover, line, of_runtime};
use crate::appearance::Appearance;

pub type Point = (f64, f64);

/// A line with a name, one of several over the same axes.
pub struct Curve<'a> {
    pub name: &'a str,
    pub appearance: Appearance,
    /// The title of the whole line.
    pub title: String,
    /// Its points from left to right, each with its title.
    pub points: Vec<(Point, String)>,
    /// The lower and the upper ends of its intervals, from left to right.
    pub band: (Vec<Point>, Vec<Point>),
}

impl Curve<'_> {
    pub fn draw(&self) -> Group {
        let places: Vec<Point> = self.points.iter().map(|(at, _)| *at).collect();
        let (low, high) = &self.band;
        let group = of_runtime(classed(&self.appearance.class()), self.name);
        let group = if low.len() >= 2 { group.add(band(low, high)) } else { group };
        let group = group.add(hover("", &self.title).add(line(&places, self.appearance.dash)));
        self.points.iter().fold(group, |group, (at, title)| {
            group.add(hover("", title).add(dot(self.appearance.shape, *at, 3.6)))
        })
    }
}

//! The frame of a drawing, with its axes.

use svg::node::element::Group;

use super::mark::segment;
use super::scale::{Scale, Steps};
use super::text::{Anchor, label, text, width};

/// The width of every drawing, in its own units.
pub const WIDTH: f64 = 960.0;

/// The area in which values are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// An axis with its ticks and its title.
pub struct Axis<'a> {
    pub scale: &'a Scale,
    pub ticks: Vec<f64>,
    pub show: &'a dyn Fn(f64) -> String,
    /// What the values are; empty where something else says it.
    pub title: &'a str,
}

impl<'a> Axis<'a> {
    /// An axis with this many decimal ticks at most.
    pub fn new(scale: &'a Scale, most: usize, show: &'a dyn Fn(f64) -> String, title: &'a str) -> Self {
        Self { scale, ticks: scale.ticks(Steps::Decimal, most), show, title }
    }
}

impl Frame {
    pub fn axes(&self, x: &Axis, y: &Axis) -> Group {
        Group::new().add(self.beside(y)).add(self.below(x))
    }

    /// The x axis, below the frame: lines, labels and title.
    pub fn below(&self, axis: &Axis) -> Group {
        self.grid(axis).add(self.foot(axis))
    }

    /// The lines of an x axis, from the top to the bottom.
    pub fn grid(&self, axis: &Axis) -> Group {
        let line = |(_, x)| segment("grid", (x, self.top), (x, self.bottom));
        places(axis).into_iter().map(line).fold(Group::new(), Group::add)
    }

    /// What stands at the bottom: the axis itself, its labels and its title.
    pub fn foot(&self, axis: &Axis) -> Group {
        let middle = f64::midpoint(self.left, self.right);
        let title = text((middle, self.bottom + 34.0), Anchor::Middle, "soft", axis.title);
        let group = tick_labels(axis, self.bottom + 16.0).add(segment(
            "axis",
            (self.left, self.bottom),
            (self.right, self.bottom),
        ));
        if axis.title.is_empty() { group } else { group.add(title) }
    }

    /// The y axis, left of the frame: lines and labels, and the title above them.
    pub fn beside(&self, axis: &Axis) -> Group {
        let title = label((self.left, self.top - 10.0), "soft", axis.title);
        let group = places(axis).into_iter().fold(Group::new(), |group, (tick, y)| {
            let label = text((self.left - 7.0, y + 4.0), Anchor::End, "small soft", &(axis.show)(tick));
            group.add(segment("grid", (self.left, y), (self.right, y))).add(label)
        });
        if axis.title.is_empty() { group } else { group.add(title) }
    }
}

/// The labels of an x axis, at this height; where two would overlap, the second is left out.
pub fn tick_labels(axis: &Axis, y: f64) -> Group {
    let mut free = f64::NEG_INFINITY;
    let mut group = Group::new();
    for (tick, x) in places(axis) {
        let words = (axis.show)(tick);
        let half = width(&words, 11.0) / 2.0;
        // One at the end of the drawing would leave it.
        let x = x.min(WIDTH - half - 2.0);
        if x - half >= free {
            group = group.add(text((x, y), Anchor::Middle, "small soft", &words));
            free = x + half + 6.0;
        }
    }
    group
}

/// The ticks of an axis, and their places.
fn places(axis: &Axis) -> Vec<(f64, f64)> {
    axis.ticks.iter().filter_map(|tick| Some((*tick, axis.scale.at(*tick)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { left: 100.0, right: 200.0, top: 10.0, bottom: 110.0 };

    #[test]
    fn an_axis_has_a_line_and_a_label_for_each_tick() {
        let scale = Scale::linear((0.0, 10.0), (110.0, 10.0));
        let show = |value: f64| format!("{value} units");
        let axis = Axis { scale: &scale, ticks: vec![0.0, 5.0, 10.0], show: &show, title: "how many" };
        let svg = FRAME.beside(&axis).to_string();
        assert_eq!(svg.matches("<line").count(), 3);
        assert!(svg.contains("5 units") && svg.contains("how many"), "{svg}");
    }

    #[test]
    fn labels_that_would_collide_are_left_out() {
        let scale = Scale::linear((0.0, 10.0), (100.0, 200.0));
        let show = |value: f64| format!("{value} milliseconds");
        let axis = Axis { scale: &scale, ticks: (0..=10).map(f64::from).collect(), show: &show, title: "" };
        assert_eq!(tick_labels(&axis, 0.0).to_string().matches("<text").count(), 2);
    }
}

//! How each runtime is drawn: the same colour and shape in all figures.
//!
//! Seven colours that people with any common colour blindness can tell apart (Okabe and Ito, "Color
//! Universal Design", 2008, without black and with yellow darkened in the style sheet), and six
//! shapes. Neighbours in the list of runtimes differ in colour, and no two of up to 42 runtimes
//! share both colour and shape. The floor, which does not compete, is grey.

use std::collections::{BTreeMap, BTreeSet};

use aggregate::FLOOR;

/// How many colours there are beside the grey of the floor; classes `c1` to `c7` of the style
/// sheet.
pub const COLOURS: usize = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
    TriangleDown,
}

pub const SHAPES: [Shape; 6] =
    [Shape::Circle, Shape::Square, Shape::Triangle, Shape::Diamond, Shape::Cross, Shape::TriangleDown];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appearance {
    /// Its colour: class `c0` (grey) to `c7` of the style sheet.
    pub colour: usize,
    pub shape: Shape,
}

impl Appearance {
    /// The class of its colour in the style sheet.
    pub fn class(self) -> String {
        format!("c{}", self.colour)
    }
}

/// The appearances of all runtimes of a run.
#[derive(Debug, Default)]
pub struct Appearances(BTreeMap<String, Appearance>);

impl Appearances {
    /// The appearances of these runtimes, which follow from the order of their names.
    pub fn of(labels: &BTreeSet<&str>) -> Self {
        let contestants = labels.iter().filter(|label| **label != FLOOR).enumerate();
        let appearance = |(place, label): (usize, &&str)| {
            // 6 and 7 have no common divisor, so a pair of colour and shape repeats after 42
            // runtimes.
            let shape = SHAPES[place % SHAPES.len()];
            ((*label).into(), Appearance { colour: place % COLOURS + 1, shape })
        };
        Self(contestants.map(appearance).collect())
    }

    /// The appearance of a runtime; an unknown one looks like the floor.
    pub fn get(&self, runtime: &str) -> Appearance {
        self.0.get(runtime).copied().unwrap_or(Appearance { colour: 0, shape: Shape::Circle })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_forty_two_runtimes_differ_in_colour_or_shape() {
        let names: Vec<String> = (0..42).map(|number| format!("r{number:02}")).collect();
        let appearances = Appearances::of(&names.iter().map(String::as_str).collect());
        for (place, a) in names.iter().enumerate() {
            for b in &names[place + 1..] {
                assert_ne!(appearances.get(a), appearances.get(b), "{a} and {b}");
            }
        }
    }

    #[test]
    fn the_floor_is_grey_and_nobody_else_is() {
        let appearances = Appearances::of(&BTreeSet::from(["floor", "tokio"]));
        assert_eq!(appearances.get("floor").colour, 0);
        assert_ne!(appearances.get("tokio").colour, 0);
    }
}

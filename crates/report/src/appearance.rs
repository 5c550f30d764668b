//! How each runtime is drawn: the same colour and shape in all figures.
//!
//! The colour says the family, the shape the member. Seven colours that people with any common colour blindness can
//! tell apart (Okabe and Ito, "Color Universal Design", 2008, without black and with yellow darkened in the style
//! sheet), and twelve shapes, five of them hollow. Families that share a colour have different shapes, so that no two
//! runtimes that are ranked look alike. References, which do not compete, are grey.

use std::collections::BTreeMap;

/// How many colours there are beside the grey of references; classes `c1` to `c7` of the style sheet.
pub const COLOURS: usize = 7;

/// The family of references.
pub const REFERENCES: &str = "baseline";

/// Families in the order in which they are listed, and in which they get their colours.
pub const FAMILIES: [&str; 9] =
    ["async", "threads", "parallel", "go", "java", "python", "javascript", "erlang", "c"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
    TriangleDown,
    Ring,
    HollowSquare,
    HollowTriangle,
    HollowDiamond,
    Plus,
    HollowTriangleDown,
}

pub const SHAPES: [Shape; 12] = [
    Shape::Circle,
    Shape::Square,
    Shape::Triangle,
    Shape::Diamond,
    Shape::Cross,
    Shape::TriangleDown,
    Shape::Ring,
    Shape::HollowSquare,
    Shape::HollowTriangle,
    Shape::HollowDiamond,
    Shape::Plus,
    Shape::HollowTriangleDown,
];

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
    /// The appearances of these runtimes, given the family of each, and whether it is ranked.
    pub fn of(families: &BTreeMap<&str, (&str, bool)>) -> Self {
        let mut drawn = [0; COLOURS + 1];
        let mut labels: Vec<&str> = families.keys().copied().collect();
        // Those that are ranked first, so that no two of them share colour and shape.
        labels.sort_by_key(|label| (!families[label].1, place(families[label].0), *label));
        let appearance = |label: &str| {
            let colour = colour(families[label].0);
            let shape = SHAPES[drawn[colour] % SHAPES.len()];
            drawn[colour] += 1;
            (label.to_string(), Appearance { colour, shape })
        };
        Self(labels.into_iter().map(appearance).collect())
    }

    /// The appearance of a runtime; an unknown one looks like a reference.
    pub fn get(&self, runtime: &str) -> Appearance {
        self.0.get(runtime).copied().unwrap_or(Appearance { colour: 0, shape: Shape::Circle })
    }
}

/// The place of a family in the list; unknown ones come after the known, references last.
pub fn place(family: &str) -> usize {
    let unknown = FAMILIES.len() + usize::from(family == REFERENCES);
    FAMILIES.iter().position(|known| *known == family).unwrap_or(unknown)
}

/// The first family has most members and a colour of its own; the others share six.
fn colour(family: &str) -> usize {
    match place(family) {
        _ if family == REFERENCES => 0,
        0 => 1,
        place => (place - 1) % (COLOURS - 1) + 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_differ_in_colour_or_shape_and_those_of_a_family_share_the_colour() {
        let names: Vec<String> = (0..50).map(|number| format!("r{number:02}")).collect();
        let family = |place: usize| FAMILIES[place % FAMILIES.len()];
        let families =
            names.iter().enumerate().map(|(place, name)| (name.as_str(), (family(place), true))).collect();
        let appearances = Appearances::of(&families);
        for (place, a) in names.iter().enumerate() {
            for (other, b) in names.iter().enumerate().skip(place + 1) {
                let [a, b] = [a, b].map(|name| appearances.get(name));
                assert_ne!(a, b, "{place} and {other}");
                assert!(family(place) != family(other) || a.colour == b.colour);
            }
        }
    }

    #[test]
    fn references_are_grey_and_nobody_else_is() {
        let appearances = Appearances::of(&BTreeMap::from([
            ("floor", (REFERENCES, false)),
            ("tokio", ("async", true)),
            ("odd", ("a family that nobody knows", true)),
        ]));
        assert_eq!(appearances.get("floor").colour, 0);
        assert!(["tokio", "odd"].iter().all(|name| appearances.get(name).colour != 0));
    }
}

//! How each runtime is drawn: the same colour, shape and dash in all figures.
//!
//! The colour says the family; the shape, the shade and the dash say the member. Seven colours that people with any
//! common colour blindness can tell apart (Okabe and Ito, "Color Universal Design", 2008, without black and with yellow
//! darkened in the style sheet), and crimson and violet for families that few runs have, each in two shades; twelve shapes, five of them hollow; six dashes. Two members of a
//! family differ in shape, and their lines in shade or dash, so that a reader who follows a line need not look for its
//! marks. Each family begins with another shape, so that those that people ask about first differ in shape, whatever
//! colours a reader sees. Families that share a colour share shapes and dashes, too, so that no two runtimes that are ranked
//! look alike. References, which do not compete, are grey.

use std::collections::BTreeMap;

/// How many colours there are beside the grey of references; classes `c1` to `c9` of the style sheet.
pub const COLOURS: usize = 9;

/// The place in [`SHAPES`] of the first member of each colour.
const FIRST_SHAPES: [usize; COLOURS + 1] = [0, 0, 4, 10, 6, 7, 8, 11, 3, 5];

/// How many dashes there are; 0 is a line without gaps, the others are classes `d1` to `d5` of the style sheet.
pub const DASHES: usize = 6;

/// How many shades a colour has; the second is class `alt` of the style sheet.
const SHADES: usize = 2;

/// The family of references.
pub const REFERENCES: &str = "baseline";

/// The runtimes that people ask about first, in the order in which they are named. In their families they are the first
/// to be given an appearance, so that it does not depend on what else a run has.
pub const USUAL: [&str; 10] = [
    "tokio",
    "smol",
    "glommio",
    "may",
    "threads",
    "thread-pool",
    "go-goroutines",
    "java-virtual-threads",
    "python-asyncio",
    "python-threading",
];

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
    /// Its colour: class `c0` (grey) to `c9` of the style sheet.
    pub colour: usize,
    pub shape: Shape,
    /// Whether it has the second shade of its colour.
    pub is_alternate: bool,
    /// Its dash, 0 to 5.
    pub dash: usize,
}

impl Appearance {
    /// That of the `member`th runtime, counted from 0, that has this colour. Each of the first twelve has a shape of its
    /// own, and a combination of shade and dash of its own; neighbours differ in both.
    pub fn nth(colour: usize, member: usize) -> Self {
        let member = member % SHAPES.len();
        let (shade, step) = (member % SHADES, member / SHADES);
        Self {
            colour,
            shape: SHAPES[(FIRST_SHAPES[colour] + member) % SHAPES.len()],
            is_alternate: shade > 0,
            dash: (step + shade * DASHES / SHADES) % DASHES,
        }
    }

    /// The classes of its colour and shade in the style sheet.
    pub fn class(self) -> String {
        format!("{}{}", self.family_class(), if self.is_alternate { " alt" } else { "" })
    }

    /// The class of its colour alone.
    pub fn family_class(self) -> String {
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
        let asked = |label: &str| USUAL.iter().position(|usual| *usual == label).unwrap_or(USUAL.len());
        // Those that are ranked first, so that no two of them share colour and shape.
        labels.sort_by_key(|label| (!families[label].1, place(families[label].0), asked(label), *label));
        let appearance = |label: &str| {
            let colour = colour(families[label].0);
            let appearance = Appearance::nth(colour, drawn[colour]);
            drawn[colour] += 1;
            (label.to_string(), appearance)
        };
        Self(labels.into_iter().map(appearance).collect())
    }

    /// The appearance of a runtime; an unknown one looks like a reference.
    pub fn get(&self, runtime: &str) -> Appearance {
        self.0.get(runtime).copied().unwrap_or(Appearance::nth(0, 0))
    }
}

/// The place of a family in the list; unknown ones come after the known, references last.
pub fn place(family: &str) -> usize {
    let unknown = FAMILIES.len() + usize::from(family == REFERENCES);
    FAMILIES.iter().position(|known| *known == family).unwrap_or(unknown)
}

/// The first family has most members and a colour of its own; unknown ones share those of the others.
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
    fn lines_of_one_colour_differ_in_shade_or_dash_and_those_of_neighbours_in_both() {
        let lines: Vec<Appearance> = (0..SHAPES.len()).map(|member| Appearance::nth(1, member)).collect();
        let line = |place: usize| (lines[place].is_alternate, lines[place].dash);
        let others = (1..lines.len()).flat_map(|place| (0..place).map(move |other| (other, place)));
        for (other, place) in others {
            assert_ne!(line(other), line(place), "{other} and {place}");
        }
        for pair in lines.windows(2) {
            assert!(pair[0].is_alternate != pair[1].is_alternate && pair[0].dash != pair[1].dash, "{pair:?}");
        }
    }

    #[test]
    fn who_is_asked_about_first_looks_the_same_whatever_else_a_run_has() {
        let few = Appearances::of(&BTreeMap::from([("tokio", ("async", true)), ("smol", ("async", true))]));
        let many = ["smol", "compio", "tokio", "monoio", "agnostic"];
        let many = Appearances::of(&many.into_iter().map(|name| (name, ("async", true))).collect());
        assert!(["tokio", "smol"].iter().all(|name| few.get(name) == many.get(name)));
    }

    #[test]
    fn who_is_asked_about_first_differs_in_shape_and_each_family_in_colour() {
        let family = |label: &str| match label {
            "go-goroutines" => "go",
            "java-virtual-threads" => "java",
            label if label.starts_with("python") => "python",
            label if label.starts_with("thread") => "threads",
            _ => "async",
        };
        let usual = Appearances::of(&USUAL.iter().map(|label| (*label, (family(label), true))).collect());
        let shapes: Vec<Shape> = USUAL.iter().map(|label| usual.get(label).shape).collect();
        let first = |place: usize| shapes[..place].iter().all(|other| *other != shapes[place]);
        assert!((0..shapes.len()).all(first), "{shapes:?}");
        let colours: std::collections::BTreeSet<usize> = FAMILIES.into_iter().map(colour).collect();
        assert_eq!(colours.len(), FAMILIES.len());
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

//! Marks: dots of several shapes, intervals, lines and bands.
//!
//! All take their colour from the class of the group around them: `c3`, `good`.

use svg::node::element::{Group, Line, Path, Rectangle, Title};

use super::path::{tenth, through};
use super::scale::Beyond;
use super::text::clean;
use crate::appearance::Shape;

/// A group with a title, which the page shows when a pointer is on it.
pub fn hover(class: &str, title: &str) -> Group {
    let class = if class.is_empty() { "mark".into() } else { format!("mark {class}") };
    classed(&class).add(Title::new(clean(title)))
}

/// The group as one of a runtime, which the page shows or hides.
pub fn of_runtime(group: Group, runtime: &str) -> Group {
    group.set("data-runtime", clean(runtime))
}

/// A group of this class: `c3`, `bad`.
pub fn classed(class: &str) -> Group {
    Group::new().set("class", class)
}

/// A dot of this shape, `r` units in radius.
pub fn dot(shape: Shape, (x, y): (f64, f64), r: f64) -> Path {
    let start = |dx: f64, dy: f64| format!("M{} {}", tenth(x + dx), tenth(y + dy));
    let (wide, high) = (tenth(2.4 * r), tenth(2.1 * r));
    let data = match shape {
        Shape::Circle => circle((x, y), r),
        Shape::Square => {
            let side = tenth(1.8 * r);
            format!("{}h{side}v{side}h-{side}z", start(-0.9 * r, -0.9 * r))
        }
        Shape::Triangle => format!("{}l{} {high}h-{wide}z", start(0.0, -1.3 * r), tenth(1.2 * r)),
        Shape::TriangleDown => format!("{}l{} -{high}h-{wide}z", start(0.0, 1.3 * r), tenth(1.2 * r)),
        Shape::Diamond => {
            let half = tenth(1.3 * r);
            format!("{}l{half} {half}-{half} {half}-{half}-{half}z", start(0.0, -1.3 * r))
        }
        Shape::Cross => return cross((x, y), 0.9 * r),
        Shape::Plus => {
            let strokes = [((-1.2 * r, 0.0), (1.2 * r, 0.0)), ((0.0, -1.2 * r), (0.0, 1.2 * r))];
            return crossing((x, y), strokes);
        }
        Shape::Ring => return hollow(Shape::Circle, (x, y), r),
        Shape::HollowSquare => return hollow(Shape::Square, (x, y), r),
        Shape::HollowTriangle => return hollow(Shape::Triangle, (x, y), r),
        Shape::HollowDiamond => return hollow(Shape::Diamond, (x, y), r),
        Shape::HollowTriangleDown => return hollow(Shape::TriangleDown, (x, y), r),
    };
    Path::new().set("class", "dot").set("d", data)
}

/// The same shape, as an outline.
fn hollow(shape: Shape, at: (f64, f64), r: f64) -> Path {
    dot(shape, at, 0.85 * r).set("class", "ring")
}

/// Two strokes that cross.
pub fn cross((x, y): (f64, f64), r: f64) -> Path {
    crossing((x, y), [((-r, -r), (r, r)), ((-r, r), (r, -r))])
}

/// Two strokes, each from one place to another as seen from `(x, y)`.
fn crossing((x, y): (f64, f64), strokes: [((f64, f64), (f64, f64)); 2]) -> Path {
    let data: String = strokes.map(|(a, b)| through(&[(x + a.0, y + a.1), (x + b.0, y + b.1)])).concat();
    Path::new().set("class", "cross").set("d", data)
}

pub fn ring(at: (f64, f64), r: f64) -> Path {
    Path::new().set("class", "ring").set("d", circle(at, r))
}

fn circle((x, y): (f64, f64), r: f64) -> String {
    let (r, across) = (tenth(r), tenth(2.0 * r));
    // From the radius as it is drawn.
    let left = tenth(x - r.parse::<f64>().unwrap_or_default());
    format!("M{left} {}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0-{across} 0z", tenth(y))
}

/// A straight line of this class: `whisker`, `grid`, `rule`, `leader`.
pub fn segment(class: &str, from: (f64, f64), to: (f64, f64)) -> Line {
    Line::new()
        .set("class", class)
        .set("x1", tenth(from.0))
        .set("y1", tenth(from.1))
        .set("x2", tenth(to.0))
        .set("y2", tenth(to.1))
}

/// A line through points, in one of the dashes of runtimes.
pub fn line(points: &[(f64, f64)], dash: usize) -> Path {
    let class = if dash == 0 { "line".into() } else { format!("line d{dash}") };
    Path::new().set("class", class).set("d", through(points))
}

/// The area between two lines, each from left to right.
pub fn band(low: &[(f64, f64)], high: &[(f64, f64)]) -> Path {
    let around: Vec<(f64, f64)> = low.iter().chain(high.iter().rev()).copied().collect();
    Path::new().set("class", "band").set("d", format!("{}z", through(&around)))
}

pub fn rectangle(class: &str, (x, y): (f64, f64), width: f64, height: f64) -> Rectangle {
    Rectangle::new()
        .set("class", class)
        .set("x", tenth(x))
        .set("y", tenth(y))
        .set("width", tenth(width.max(0.0)))
        .set("height", tenth(height.max(0.0)))
}

/// An invisible area in which a pointer is on the group around it.
pub fn hit(at: (f64, f64), width: f64, height: f64) -> Rectangle {
    rectangle("hit", at, width, height)
}

/// The head of an arrow with its tip at `x`, towards a value that lies beyond the axis.
pub fn arrow((x, y): (f64, f64), beyond: Beyond) -> Option<Path> {
    let back = match beyond {
        Beyond::Nowhere => return None,
        Beyond::Low => 7.0,
        Beyond::High => -7.0,
    };
    let data = format!("{}z", through(&[(x, y), (x + back, y - 4.5), (x + back, y + 4.5)]));
    Some(Path::new().set("class", "dot").set("d", data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::SHAPES;
    use results::grouping::distinct;

    #[test]
    fn no_two_shapes_are_drawn_alike() {
        let drawn = SHAPES.map(|shape| dot(shape, (50.0, 50.0), 4.0).to_string());
        assert_eq!(distinct(&drawn).len(), SHAPES.len());
    }

    #[test]
    fn what_can_be_hovered_says_what_it_is() {
        let mark = hover("c3", "tokio: 3 ms").add(dot(Shape::Circle, (1.0, 2.0), 3.0)).to_string();
        assert!(mark.starts_with("<g class=\"mark c3\">\n<title>tokio: 3 ms</title>"), "{mark}");
    }

    #[test]
    fn no_rectangle_has_a_negative_side() {
        assert!(rectangle("x", (0.0, 0.0), -1.0, f64::NAN).to_string().contains("height=\"0\""));
    }
}

//! Drawing in SVG: axes, marks, labels that do not overlap, and the style sheet.
//!
//! It knows nothing about runs. A drawing is [`WIDTH`] units wide and as high as its content; its
//! size on a page is set by the page. Two things never differ by colour alone.

mod curve;
mod frame;
mod label_layout;
mod line_labels;
mod mark;
mod path;
mod scale;
mod style;
mod text;

pub use curve::Curve;
pub use frame::{Axis, Frame, WIDTH, tick_labels};
pub use line_labels::{line_labels, room_for};
pub use mark::{arrow, classed, cross, dot, hit, hover, line, of_runtime, rectangle, ring, segment};
pub use path::tenth;
pub use scale::{Beyond, Scale, Steps, extent};
pub use style::STYLE;
pub use text::{Anchor, clean, fit, label, slug, text, width, wrap};

use svg::Document;

/// An empty drawing. Screen readers read its name.
pub fn drawing(height: f64, name: &str) -> Document {
    Document::new()
        .set("viewBox", format!("0 0 {} {}", tenth(WIDTH), tenth(height)))
        .set("width", "100%")
        .set("role", "img")
        .set("class", "figure")
        .set("aria-label", clean(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "<script>alert(\"x\")</script>&'\u{1b}\u{0}]]>";

    #[test]
    fn no_text_can_become_markup_wherever_it_stands() {
        let svg = drawing(10.0, HOSTILE)
            .add(hover("", HOSTILE).add(text((1.0, 2.0), Anchor::End, "small", HOSTILE)))
            .to_string();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let names: Vec<&str> = document
            .descendants()
            .filter(roxmltree::Node::is_element)
            .map(|node| node.tag_name().name())
            .collect();
        assert_eq!(names, ["svg", "g", "title", "text"]);
        let title = document.descendants().find(|node| node.has_tag_name("title")).unwrap();
        assert_eq!(title.text(), Some(clean(HOSTILE).as_str()));
        assert_eq!(document.root_element().attribute("aria-label"), Some(clean(HOSTILE).as_str()));
    }

    #[test]
    fn a_drawing_has_the_width_of_its_page_and_no_height_of_its_own() {
        let svg = drawing(123.45, "what it shows").to_string();
        assert!(svg.contains("viewBox=\"0 0 960 123.5\""), "{svg}");
        assert!(svg.contains("width=\"100%\"") && !svg.contains("height="), "{svg}");
    }
}

//! A figure: a drawing, and the texts that belong to it.

use svg::node::element::{Description, Rectangle, Style, Title};
use svg::node::{Node, Text};

use crate::chart;

/// The class of the background of a drawing in a file of its own.
const PAPER: &str = "paper";

/// A drawing, and its texts. No text is escaped yet: whoever shows it does that.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The stem of its file under `figures/`, plain letters, digits and hyphens.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// Sentences that name runtimes. A page that hides one of these runtimes hides the sentence.
    pub findings: Vec<Naming>,
    /// How to read it. It names no runtime.
    pub caption: String,
    /// What a person who cannot see it must know.
    pub alt: String,
    /// The file of the run that its numbers are from.
    pub data: String,
    /// The drawing: an `<svg>` element without a style sheet, for a page that has `chart::STYLE`.
    pub svg: String,
}

/// A sentence, and the runtimes that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    pub words: String,
    pub runtimes: Vec<String>,
}

impl Figure {
    /// The drawing as a file of its own: with title, description, style sheet and background.
    pub fn standalone(&self) -> String {
        // No attribute holds a bare '>', so the first one ends the opening tag.
        let inside = self.svg.find('>').map_or(self.svg.len(), |end| end + 1);
        let (opening, drawing) = self.svg.split_at(inside);
        let title = Title::new(chart::clean(&self.title));
        let mut description = Description::new();
        description.append(Text::new(chart::clean(&self.alt)));
        let style = Style::new(chart::STYLE);
        let paper = Rectangle::new().set("class", PAPER).set("width", "100%").set("height", "100%");
        format!("{opening}\n{title}\n{description}\n{style}\n{paper}{drawing}\n")
    }

    /// Whether a file is such a drawing.
    pub fn is_standalone(file: &[u8]) -> bool {
        let class = format!("class=\"{PAPER}\"");
        file.starts_with(b"<svg") && file.windows(class.len()).any(|bytes| bytes == class.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_its_own_has_title_description_style_and_paper() {
        let hostile = "a <b> & \"c\"\u{1b}";
        let figure = Figure {
            name: "x".into(),
            title: hostile.into(),
            findings: Vec::new(),
            caption: String::new(),
            alt: hostile.into(),
            data: results::folder::SUMMARY.into(),
            svg: chart::drawing(10.0, hostile).add(chart::hit((0.0, 0.0), 1.0, 1.0)).to_string(),
        };
        let file = figure.standalone();
        let document = roxmltree::Document::parse(&file).unwrap();
        let root = document.root_element();
        assert_eq!(root.tag_name().namespace(), Some("http://www.w3.org/2000/svg"));
        let names: Vec<&str> =
            root.children().filter(roxmltree::Node::is_element).map(|node| node.tag_name().name()).collect();
        assert_eq!(names, ["title", "desc", "style", "rect", "rect"]);
        let text =
            |name| root.children().find(|node| node.has_tag_name(name)).unwrap().text().unwrap().trim();
        assert_eq!(text("title"), chart::clean(hostile));
        assert_eq!(text("desc"), chart::clean(hostile));
        assert_eq!(text("style"), chart::STYLE.trim());
        assert!(Figure::is_standalone(file.as_bytes()) && !Figure::is_standalone(figure.svg.as_bytes()));
    }
}

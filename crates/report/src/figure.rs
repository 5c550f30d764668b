//! A figure: a drawing with what must stand beside it.

/// A drawing, and its words. All texts are plain; whoever shows them escapes them.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The stem of its file under `figures/`, plain letters, digits and hyphens.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// What to see in it.
    pub caption: String,
    /// What a person who cannot see it must know.
    pub alt: String,
    /// The file of the run that its numbers are from.
    pub data: &'static str,
    /// The drawing: an `<svg>` element without a style sheet of its own, ready to stand in a page.
    pub svg: String,
}

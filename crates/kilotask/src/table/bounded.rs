//! An ending of few lines: what is too long is shortened, and says how to see the rest.

/// The most lines of an ending: with what make says below it, and the prompt, it fits a terminal of 40 lines.
pub const MOST_LINES: usize = 38;

/// A part of an ending.
#[derive(Debug, Default)]
pub struct Part {
    /// Lines that are always shown.
    head: Vec<String>,
    /// Lines of which the last are left out where there are too many.
    lines: Vec<String>,
    /// What shows the rest of them.
    rest: String,
    /// The most of them that are shown, however much room there is.
    most: Option<usize>,
}

impl Part {
    /// Lines that are always shown.
    pub fn whole(lines: impl IntoIterator<Item = String>) -> Self {
        Self { head: lines.into_iter().collect(), ..Self::default() }
    }

    /// An empty line.
    pub fn gap() -> Self {
        Self::whole([String::new()])
    }

    /// Lines under a head, the less important ones last; `rest` is what shows all of them.
    pub fn of(head: Vec<String>, lines: Vec<String>, rest: impl Into<String>) -> Self {
        Self { head, lines, rest: rest.into(), most: None }
    }

    /// The same, of which no more lines than these are shown, the one about the rest included.
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        Self { most: Some(most), ..self }
    }

    /// How many lines it has below its head, where there is room for so many.
    fn length(&self, room: usize) -> usize {
        self.lines.len().min(room).min(self.most.unwrap_or(room))
    }

    /// It in as many lines below its head, the last of which says how many there are more.
    fn shown(&self, room: usize) -> Vec<String> {
        let length = self.length(room);
        let mut shown = self.head.clone();
        if self.lines.len() <= length {
            shown.extend_from_slice(&self.lines);
        } else {
            let whole = length.saturating_sub(1);
            shown.extend_from_slice(&self.lines[..whole]);
            shown.push(format!("… {} more: {}", self.lines.len() - whole, self.rest));
        }
        shown
    }
}

/// The parts one after another, in as many lines at most. The longest ones are shortened first; lines that are always
/// shown stay, even where they are too many.
pub fn fitted(parts: &[Part], most: usize) -> Vec<String> {
    let heads: usize = parts.iter().map(|part| part.head.len()).sum();
    let used = |room: usize| heads + parts.iter().map(|part| part.length(room)).sum::<usize>();
    let longest = parts.iter().map(|part| part.lines.len()).max().unwrap_or(0);
    let room = (1..=longest).rev().find(|room| used(*room) <= most).unwrap_or(1);
    parts.iter().flat_map(|part| part.shown(room)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(name: &str, count: usize) -> Vec<String> {
        (1..=count).map(|number| format!("{name}{number}")).collect()
    }

    #[test]
    fn what_fits_is_shown_whole() {
        let parts =
            [Part::whole(lines("h", 2)), Part::gap(), Part::of(lines("t", 1), lines("a", 3), "--all")];
        assert_eq!(fitted(&parts, 7), ["h1", "h2", "", "t1", "a1", "a2", "a3"]);
    }

    #[test]
    fn the_longest_part_is_shortened_and_says_how_to_see_the_rest() {
        let parts = [Part::of(vec![], lines("a", 9), "--all"), Part::of(vec![], lines("b", 2), "--claims")];
        assert_eq!(fitted(&parts, 6), ["a1", "a2", "a3", "… 6 more: --all", "b1", "b2"]);
    }

    #[test]
    fn no_number_of_lines_makes_an_ending_longer_than_its_bound() {
        for count in [0, 1, 7, 40, 200] {
            let parts = ["a", "b", "c"].map(|name| Part::of(lines("t", 1), lines(name, count), "--all"));
            let said = fitted(&parts, 20);
            assert!(said.len() <= 20, "{count}: {said:?}");
            assert_eq!(said.iter().filter(|line| *line == "t1").count(), 3);
        }
    }

    #[test]
    fn a_part_may_have_a_bound_of_its_own() {
        let part = Part::of(vec![], lines("a", 9), "--left-out").at_most(3);
        assert_eq!(fitted(&[part], 40), ["a1", "a2", "… 7 more: --left-out"]);
    }
}

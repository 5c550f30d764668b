//! The one style sheet of all drawings.

/// The style sheet of all drawings. A page has it once;
/// [`Figure::standalone`](crate::Figure::standalone) puts it into each file.
///
/// Its custom properties may be used by a page, or set after it: `--c0` to `--c9` are the colours
/// of families (`--c0` the grey of references), `--a0` to `--a9` their second shades, `--good`, `--bad` and `--unsure` tones, `--ink`, `--soft` and `--grid`
/// text, lesser text and the lines behind all, `--paper` what is behind all.
///
/// The colours are those of Okabe and Ito, "Color Universal Design", 2008; in light mode orange,
/// sky blue and purple are darkened to a contrast of 3 with the paper, and yellow to olive; crimson and
/// violet are added. The second
/// shades are darker or paler than the first, so that they are another grey, too. Each
/// `var` stands after its plain value, for programs that know no custom properties.
pub const STYLE: &str = include_str!("../../templates/figures.css");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::{COLOURS, DASHES};

    #[test]
    fn every_colour_of_a_runtime_has_a_class_in_both_modes() {
        for colour in 0..=COLOURS {
            assert!(STYLE.contains(&format!(".c{colour}{{color:#")), "c{colour}");
            assert!(STYLE.contains(&format!(".c{colour}.alt{{color:#")), "c{colour}.alt");
            for name in [format!("--c{colour}:#"), format!("--a{colour}:#")] {
                assert_eq!(STYLE.matches(&name).count(), 2, "{name}");
            }
        }
        assert!((1..DASHES).all(|dash| STYLE.contains(&format!(".figure .d{dash}{{stroke-dasharray:"))));
    }

    #[test]
    fn what_is_drawn_stands_out_from_the_paper_in_both_modes() {
        for (mode, least) in [(0, 3.0), (1, 3.0)] {
            let paper = luminance(value("paper", mode));
            for name in (0..=COLOURS).flat_map(|colour| [format!("c{colour}"), format!("a{colour}")]) {
                assert!(contrast(luminance(value(&name, mode)), paper) >= least, "{name} in mode {mode}");
            }
            for name in ["ink", "soft", "good", "bad", "unsure"] {
                assert!(contrast(luminance(value(name, mode)), paper) >= 4.5, "{name} in mode {mode}");
            }
        }
    }

    #[test]
    fn the_two_shades_of_a_colour_differ_in_lightness_so_that_no_colour_vision_is_needed() {
        for (mode, colour) in [0, 1].into_iter().flat_map(|mode| (0..=COLOURS).map(move |one| (mode, one))) {
            let [one, other] =
                [format!("c{colour}"), format!("a{colour}")].map(|name| luminance(value(&name, mode)));
            assert!(contrast(one, other) >= 1.5, "{colour} in mode {mode}: {}", contrast(one, other));
        }
    }

    /// The value that a custom property has in light (0) or dark (1) mode.
    fn value(name: &str, mode: usize) -> &'static str {
        let property = format!("--{name}:");
        let mut values = STYLE.match_indices(&property).map(|(at, found)| at + found.len());
        let start = values.nth(mode).unwrap_or_else(|| panic!("{name} is not set in mode {mode}"));
        &STYLE[start..start + 7]
    }

    /// Relative luminance, as the Web Content Accessibility Guidelines 2.2 define it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let share = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: f64, b: f64) -> f64 {
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

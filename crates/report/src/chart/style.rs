//! The one style sheet of all drawings.

/// The style sheet of all drawings. A page has it once; [`Figure::standalone`](crate::Figure::standalone)
/// puts it into the file.
///
/// Its custom properties may be used by a page, or set after it: `--c0` to `--c7` are the colours of
/// runtimes (`--c0` the grey of the floor), `--h0` to `--h8` the steps of the heat map with `--t0` to
/// `--t8` for the text on them, `--good`, `--bad` and `--unsure` tones, `--ink`, `--soft` and `--grid`
/// text, lesser text and the lines behind all, `--paper` what is behind all.
///
/// The colours are those of Okabe and Ito, "Color Universal Design", 2008; in light mode orange, sky blue
/// and purple are darkened to a contrast of 3 with the paper, and yellow to olive. Each `var` stands after
/// its plain value, for programs that know no custom properties.
pub const STYLE: &str = "\
:root{color-scheme:light dark;\
--c0:#6b6b6b;--c1:#0072b2;--c2:#d55e00;--c3:#009e73;--c4:#c4639b;--c5:#c88500;--c6:#3a9ad9;--c7:#7d7400;\
--h0:#ffffff;--h1:#eaf2fb;--h2:#cfe1f4;--h3:#a9cbea;--h4:#7db0dd;--h5:#5293cd;--h6:#3075b7;--h7:#185596;--h8:#0a326b;\
--t0:#1b1b1b;--t1:#1b1b1b;--t2:#1b1b1b;--t3:#1b1b1b;--t4:#1b1b1b;--t5:#000000;--t6:#ffffff;--t7:#ffffff;--t8:#ffffff;\
--good:#00734f;--bad:#b84300;--unsure:#6f6600;\
--ink:#1b1b1b;--soft:#5a5a5a;--grid:#dedede;--paper:#ffffff}
@media (prefers-color-scheme:dark){:root{\
--c0:#a0a0a0;--c1:#4c9fe0;--c2:#f07f3c;--c3:#24bd8f;--c4:#e39ac6;--c5:#f0ae1a;--c6:#93d3f7;--c7:#e6da48;\
--h0:#16181c;--h1:#122338;--h2:#153253;--h3:#1b4673;--h4:#245d97;--h5:#3474ae;--h6:#65a2d8;--h7:#9ac6ec;--h8:#d3e8fb;\
--t0:#e8e8e8;--t1:#e8e8e8;--t2:#e8e8e8;--t3:#f2f2f2;--t4:#ffffff;--t5:#ffffff;--t6:#000000;--t7:#10151c;--t8:#10151c;\
--good:#3ccf9f;--bad:#ff8f50;--unsure:#d8cb45;\
--ink:#e8e8e8;--soft:#adadad;--grid:#383b40;--paper:#16181c}}
.figure{display:block;width:100%;height:auto;color:#1b1b1b;color:var(--ink);font-size:12px;\
font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif}
.figure text{fill:currentColor;stroke:none}
.figure .small{font-size:11px}
.figure .big{font-size:13px;font-weight:600}
.figure .strong{font-weight:600}
.figure .soft{color:#5a5a5a;color:var(--soft)}
.figure .halo{stroke:#ffffff;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round;paint-order:stroke}
.c0{color:#6b6b6b;color:var(--c0)}
.c1{color:#0072b2;color:var(--c1)}
.c2{color:#d55e00;color:var(--c2)}
.c3{color:#009e73;color:var(--c3)}
.c4{color:#c4639b;color:var(--c4)}
.c5{color:#c88500;color:var(--c5)}
.c6{color:#3a9ad9;color:var(--c6)}
.c7{color:#7d7400;color:var(--c7)}
.figure .good{color:#00734f;color:var(--good)}
.figure .bad{color:#b84300;color:var(--bad)}
.figure .unsure{color:#6f6600;color:var(--unsure)}
.figure .paper{fill:#ffffff;fill:var(--paper)}
.figure .axis,.figure .grid,.figure .rule,.figure .leader,.figure .whisker,.figure .line,.figure .cross,\
.figure .tasks{fill:none;stroke:currentColor}
.figure .axis{stroke:#5a5a5a;stroke:var(--soft);stroke-width:1}
.figure .grid{stroke:#dedede;stroke:var(--grid);stroke-width:1}
.figure .rule{stroke-width:1.5}
.figure .leader{stroke-width:1;stroke-dasharray:1.5 2.5;stroke-opacity:.8}
.figure .whisker{stroke-width:2}
.figure .line{stroke-width:2;stroke-linejoin:round}
.figure .dashed{stroke-dasharray:6 4}
.figure .cross{stroke-width:2.4;stroke-linecap:round}
.figure .tasks{stroke-width:.8}
.figure .dot{fill:currentColor;stroke:#ffffff;stroke:var(--paper);stroke-width:.8;paint-order:stroke}
.figure .ring{fill:#ffffff;fill:var(--paper);stroke:currentColor;stroke-width:2}
.figure .specks{fill:none;stroke:currentColor;stroke-width:3;stroke-linecap:round;stroke-opacity:.55}
.figure .band{fill:currentColor;fill-opacity:.16;stroke:none}
.figure .claimed{fill:#24bd8f;fill-opacity:.16}
.figure .zoom{fill:currentColor;fill-opacity:.06}
.figure .hit{fill:none;pointer-events:all}
.figure .hatch{fill:none;stroke:#5a5a5a;stroke:var(--soft);stroke-opacity:.45;stroke-width:1}
.figure .h0{fill:#ffffff;fill:var(--h0)}
.figure .h1{fill:#eaf2fb;fill:var(--h1)}
.figure .h2{fill:#cfe1f4;fill:var(--h2)}
.figure .h3{fill:#a9cbea;fill:var(--h3)}
.figure .h4{fill:#7db0dd;fill:var(--h4)}
.figure .h5{fill:#5293cd;fill:var(--h5)}
.figure .h6{fill:#3075b7;fill:var(--h6)}
.figure .h7{fill:#185596;fill:var(--h7)}
.figure .h8{fill:#0a326b;fill:var(--h8)}
.figure .t0,.figure .t1,.figure .t2,.figure .t3,.figure .t4{fill:#1b1b1b}
.figure .t5{fill:#000000}
.figure .t6,.figure .t7,.figure .t8{fill:#ffffff}
.figure .t0{fill:var(--t0)}
.figure .t1{fill:var(--t1)}
.figure .t2{fill:var(--t2)}
.figure .t3{fill:var(--t3)}
.figure .t4{fill:var(--t4)}
.figure .t5{fill:var(--t5)}
.figure .t6{fill:var(--t6)}
.figure .t7{fill:var(--t7)}
.figure .t8{fill:var(--t8)}
.figure .tile{stroke:#dedede;stroke:var(--grid);stroke-width:1}
.figure .mark:hover .line{stroke-width:3.5}
.figure .mark:hover .dot,.figure .mark:hover .ring,.figure .mark:hover .tile{stroke:currentColor;stroke-width:1.6}
.figure .mark:hover .hit{fill:currentColor;fill-opacity:.06}
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::COLOURS;

    #[test]
    fn every_colour_of_a_runtime_has_a_class_in_both_modes() {
        for colour in 0..=COLOURS {
            assert!(STYLE.contains(&format!(".c{colour}{{color:#")), "c{colour}");
            assert_eq!(STYLE.matches(&format!("--c{colour}:#")).count(), 2, "c{colour}");
        }
    }

    #[test]
    fn what_is_drawn_stands_out_from_the_paper_in_both_modes() {
        for (mode, least) in [(0, 3.0), (1, 3.0)] {
            let paper = luminance(value("paper", mode));
            for name in (0..=COLOURS).map(|colour| format!("c{colour}")) {
                assert!(contrast(luminance(value(&name, mode)), paper) >= least, "{name} in mode {mode}");
            }
            for name in ["ink", "soft", "good", "bad", "unsure"] {
                assert!(contrast(luminance(value(name, mode)), paper) >= 4.5, "{name} in mode {mode}");
            }
        }
    }

    #[test]
    fn text_on_the_heat_map_can_be_read_in_both_modes() {
        for mode in 0..2 {
            for step in 0..=8 {
                let [under, text] = ["h", "t"].map(|kind| luminance(value(&format!("{kind}{step}"), mode)));
                assert!(contrast(under, text) >= 4.5, "step {step} in mode {mode}");
            }
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

//! What must be true of every figure.

use std::collections::BTreeSet;

use super::*;
use crate::chart;
use crate::figure::Figure;
use crate::run::Run;

/// The most bytes that all figures of the reference may take on a page.
const ROOM: usize = 1_200_000;

fn all(run: &Run) -> Vec<Figure> {
    Drawn::of(run).all().cloned().collect()
}

#[test]
fn every_figure_of_a_real_run_is_well_formed_alone_and_on_a_page() {
    let figures = all(fixture::reference());
    assert!(figures.len() >= 10, "{} figures", figures.len());
    for figure in &figures {
        let alone = figure.standalone();
        for text in [&figure.svg, &alone] {
            let document =
                roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{}: {error}", figure.name));
            let root = document.root_element();
            assert_eq!(root.attribute("role"), Some("img"), "{}", figure.name);
            assert_eq!(root.attribute("class"), Some("figure"), "{}", figure.name);
            assert_eq!(root.attribute("height"), None, "{}", figure.name);
        }
    }
}

#[test]
fn every_mark_says_what_it_is() {
    for figure in all(fixture::reference()) {
        let document = roxmltree::Document::parse(&figure.svg).unwrap();
        let classes = |node: &roxmltree::Node| node.attribute("class").unwrap_or_default().to_string();
        let marks = document.descendants().filter(|node| classes(node).split(' ').any(|c| c == "mark"));
        let mut count = 0;
        for mark in marks {
            let title = mark.first_element_child().filter(|child| child.has_tag_name("title"));
            let text = title.and_then(|title| title.text()).unwrap_or_default();
            assert!(text.contains(|c: char| c.is_ascii_digit()), "{}: {text:?}", figure.name);
            count += 1;
        }
        assert!(count > 0, "{} has no marks", figure.name);
    }
}

#[test]
fn every_figure_has_its_words_and_a_name_of_its_own() {
    let figures = all(fixture::reference());
    let names: BTreeSet<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names.len(), figures.len());
    for figure in &figures {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        assert!(figure.name.chars().all(plain), "{}", figure.name);
        for words in [&figure.title, &figure.caption, &figure.alt] {
            assert!(words.len() > 10 && !words.contains("NaN") && !words.contains("  "), "{words}");
        }
        assert!(figure.caption.ends_with('.'), "{}", figure.caption);
    }
}

#[test]
fn a_runtime_is_named_only_in_a_sentence_that_a_page_can_hide() {
    let run = fixture::reference();
    let labels: BTreeSet<&str> = run.cells().map(|cell| cell.label.as_str()).collect();
    let names = |words: &str| -> BTreeSet<String> {
        let words = words
            .split(|c: char| !(c.is_alphanumeric() || "-@.".contains(c)))
            .map(|word| word.trim_matches('.'));
        words.filter(|word| labels.contains(word)).map(String::from).collect()
    };
    let mut sentences = 0;
    for figure in all(run) {
        assert_eq!(names(&figure.caption), BTreeSet::new(), "{}: {}", figure.name, figure.caption);
        for finding in &figure.findings {
            let known: BTreeSet<String> = finding.runtimes.iter().cloned().collect();
            // What must be said of a runtime may point to another one.
            let said = finding.words.split(" † ").next().unwrap();
            assert!(names(said) == known && !known.is_empty(), "{finding:?}");
            sentences += 1;
        }
    }
    assert!(sentences > 0);
}

#[test]
fn nothing_is_drawn_beside_the_drawing_in_its_height() {
    for figure in all(fixture::reference()) {
        let document = roxmltree::Document::parse(&figure.svg).unwrap();
        let view: Vec<f64> = document
            .root_element()
            .attribute("viewBox")
            .unwrap()
            .split(' ')
            .map(|number| number.parse().unwrap())
            .collect();
        assert_eq!(view[2], chart::WIDTH);
        for node in document.descendants().filter(|node| node.has_tag_name("text")) {
            let at = |name| node.attribute(name).unwrap().parse::<f64>().unwrap();
            assert!((0.0..=view[2]).contains(&at("x")), "{}: {:?}", figure.name, node.text());
            assert!((8.0..=view[3]).contains(&at("y")), "{}: {:?}", figure.name, node.text());
        }
    }
}

#[test]
fn all_figures_of_a_default_run_fit_on_a_page() {
    let size: usize = all(fixture::reference()).iter().map(|figure| figure.svg.len()).sum();
    assert!(size < ROOM, "{size} bytes");
}

#[test]
fn a_run_in_which_nothing_happened_has_no_figures() {
    assert!(all(&fixture::without_trials()).is_empty());
}

#[test]
fn odd_numbers_and_hostile_names_are_drawn_without_panic() {
    let odd = [0.0, -1.0, 1e300, f64::INFINITY, f64::MIN_POSITIVE, 1.0];
    let mut numbers = odd.iter().cycle().copied();
    let mut next = || numbers.next().unwrap();
    let mut run = fixture::read_reference();
    for row in &mut run.summary {
        row.median = next();
        (row.ci_low, row.ci_high) = (Some(next()), Some(next()));
        row.runtime = "<script>alert(1)</script>".into();
    }
    for row in &mut run.ratios {
        row.ratio = next();
    }
    for row in &mut run.verdicts {
        row.measured = Some(next());
        (row.ci_low, row.ci_high) = (Some(next()), None);
        row.claim.push_str("\u{0}]]>&\"'");
    }
    for row in &mut run.scaling {
        row.value = next();
        (row.ci_low, row.ci_high) = (Some(next()), Some(next()));
    }
    for row in &mut run.calibration {
        row.value = next();
        row.nominal = Some(next());
    }
    for spans in run.spans.values_mut() {
        spans.truncate(2);
    }
    for trial in &mut run.trials {
        trial.makespan_ns = Some(0);
        trial.started_at = "<b>yesterday</b>".into();
    }
    for planned in &mut run.plan.cells {
        let cell = &mut planned.cell;
        cell.label = format!("<script>\"{}\u{1b}", cell.label);
    }
    for figure in all(&run) {
        let alone = figure.standalone();
        assert!(!alone.contains("<script") && !alone.contains("NaN"), "{}", figure.name);
        roxmltree::Document::parse(&alone).unwrap_or_else(|error| panic!("{}: {error}", figure.name));
    }
}

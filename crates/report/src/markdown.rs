//! The main results as Markdown, as a code forge shows it: the answers, the thousand tasks, the score of the claims, and
//! links. The page has the rest.

use std::fmt::Write;

use results::folder::{FIGURES, PAGE, RATIOS, SUMMARY, VERDICTS};

use crate::content::board::Line;
use crate::content::cards::Card;
use crate::content::claims::Chapter;
use crate::content::glossary::meaning;
use crate::content::headline::Headline;
use crate::content::note::Note;
use crate::content::ranking::OWN_WORD;
use crate::content::{Basis, omissions, pick, trust};
use crate::page::TITLE;
use crate::table::{Entry, Table};

/// The most claims of a chapter that have a line; the page has all.
const MOST_CLAIMS: usize = 40;

pub fn render(basis: &Basis) -> String {
    let run = basis.run;
    let mut text = format!("# {TITLE}\n\n{}\n", escape(&trust::machine(run)));
    let _ = writeln!(
        text,
        "\nThe whole report: [{PAGE}]({PAGE}). Open it in a browser; it picks, compares and sorts.\n"
    );
    let pick = pick::default_pick(run);
    for card in &basis.cards {
        text += &of_card(card, &pick);
    }
    if let Some(meaning) = meaning("‡").filter(|_| text.contains(OWN_WORD)) {
        let _ = writeln!(text, "‡ {}\n", escape(&meaning));
    }
    if run.summary.is_empty() {
        text += "## Nothing was measured\n\n";
        for line in omissions::not_measured(run).iter().take(MOST_CLAIMS) {
            let _ = writeln!(text, "- {}", escape(line));
        }
        text.push('\n');
    }
    for sentence in trust::how_sure(run) {
        let _ = writeln!(text, "{}\n", escape(&sentence));
    }
    // The page has what other experiments measured of the same.
    text += &basis.headlines.first().map_or_else(String::new, |headline| of_headline(headline, &pick));
    if !basis.chapters.is_empty() {
        let _ = writeln!(text, "## Claims put to the test ([{VERDICTS}]({VERDICTS}))");
    }
    text += &basis.chapters.iter().map(of_chapter).collect::<String>();
    let _ = writeln!(
        text,
        "\nNumbers: [{SUMMARY}]({SUMMARY}), ratios: [{RATIOS}]({RATIOS}), drawings: [{FIGURES}/]({FIGURES}/)."
    );
    text
}

/// The thousand tasks for the usual runtimes, and what must be said of these.
fn of_headline(headline: &Headline, pick: &[&str]) -> String {
    let mut table = headline.table();
    table.rows.retain(|row| row[0].runtime.as_deref().is_some_and(|runtime| pick.contains(&runtime)));
    let table = of_table(&table.without_empty_columns());
    let notes = of_notes(&headline.notes(), |runtime| pick.contains(&runtime));
    format!("## The thousand tasks\n\n{}\n\n{table}\n{notes}", escape(&headline.title()))
}

/// Notes about the runtimes that are shown and those about none, a paragraph each.
fn of_notes(notes: &[Note], is_shown: impl Fn(&str) -> bool) -> String {
    let shown = notes.iter().filter(|note| note.runtime.is_none_or(&is_shown));
    shown.map(|note| escape(&note.words) + "\n\n").collect()
}

/// The answer, and where the usual runtimes stand, with what must be said of them.
fn of_card(card: &Card, pick: &[&str]) -> String {
    let mut table =
        Table::new(["rank", "runtime", card.board.what.as_str(), "95 % interval"]).with_words([1]);
    let is_shown = |line: &&Line| line.is_best || pick.contains(&line.runtime);
    let shown: Vec<&Line> = card.board.lines.iter().filter(is_shown).collect();
    for line in &shown {
        let has_rank = !line.ranks.is_empty();
        let rank = || Entry::text(format!("{} of {}", line.ranks, card.ranked));
        table.push(vec![
            if has_rank { rank() } else { Entry::nothing() },
            Entry::text(line.name()),
            Entry::text(&line.value.value),
            Entry::interval(&line.value),
        ]);
    }
    let [question, answer, setting] = [card.question, &card.answer, &card.setting].map(escape);
    let caveats: Vec<Note> = shown.iter().filter_map(|line| caveat_of(line)).collect();
    let is_named = |runtime: &str| shown.iter().any(|line| line.runtime == runtime);
    let notes = of_notes(&caveats, is_named) + &of_notes(&card.notes, is_named);
    format!("## {question}\n\n{answer} {setting}\n\n{}\n{notes}", of_table(&table))
}

/// What the dagger after its name means.
fn caveat_of<'a>(line: &Line<'a>) -> Option<Note<'a>> {
    let words = format!("† {}: {}", line.runtime, line.caveat?.trim_end_matches('.'));
    Some(Note { runtime: Some(line.runtime), words })
}

fn of_chapter(chapter: &Chapter) -> String {
    let mut table = Table::new(["claim", "of", "claimed", "measured", "verdict"]).with_words([1, 2, 3, 4]);
    for claim in chapter.claims.iter().take(MOST_CLAIMS) {
        table.push(vec![
            Entry::text(&claim.row.statement),
            Entry::text(&claim.compared),
            Entry::text(&claim.expected),
            Entry::text(&claim.measured),
            Entry::text(claim.row.verdict.name()),
        ]);
    }
    format!("\n### {}: {}\n\n{}", escape(&chapter.title), chapter.score, of_table(&table))
}

pub(crate) fn of_table(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(table.header.iter().map(|name| escape(name)).collect());
    let rule = |column| if table.has_words(column) { "---".into() } else { "---:".into() };
    text += &line((0..table.header.len()).map(rule).collect());
    for row in &table.rows {
        text += &line(row.iter().map(of_entry).collect());
    }
    text
}

fn of_entry(entry: &Entry) -> String {
    let text = escape(&entry.text);
    entry.link.as_ref().map_or_else(|| text.clone(), |link| format!("[{text}]({link})"))
}

/// Text in which nothing is markup, whatever it contains.
pub(crate) fn escape(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut escaped = String::with_capacity(text.len());
    for (place, &letter) in letters.iter().enumerate() {
        let is_word = |place: Option<usize>| {
            place.and_then(|place| letters.get(place)).is_some_and(|c| c.is_alphanumeric())
        };
        match letter {
            '\n' | '\r' => escaped.push(' '),
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            // Within a word it is no emphasis, and many names contain it.
            '_' if is_word(place.checked_sub(1)) && is_word(Some(place + 1)) => escaped.push('_'),
            // After a bracket these make a link.
            '(' | '[' | ':' if place > 0 && letters[place - 1] == ']' => escaped.extend(['\\', letter]),
            '\\' | '`' | '*' | '_' | '|' | '~' => escaped.extend(['\\', letter]),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::content::headline::headlines;
    use crate::figures::fixture;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escape("<script>|a*b`[x](y)"), "&lt;script&gt;\\|a\\*b\\`[x]\\(y)");
        assert_eq!(escape("thousand-tasks_sleep-1000"), "thousand-tasks_sleep-1000");
        assert_eq!(escape("_x_\n# y"), "\\_x\\_ # y");
    }

    #[test]
    fn an_entry_with_an_address_is_a_link() {
        let entry = Entry { link: Some("page".into()), ..Entry::text("a_b*") };
        assert_eq!((of_entry(&entry), of_entry(&Entry::text("x"))), ("[a_b\\*](page)".into(), "x".into()));
    }

    #[test]
    fn figures_stand_to_the_right_and_words_to_the_left() {
        let mut table = Table::new(["a", "b", "c"]).with_words([2]);
        table.push(vec![
            Entry::text("x"),
            Entry::number(Some(1.0), |value| value.to_string()),
            Entry::text("y"),
        ]);
        assert_eq!(of_table(&table), "| a | b | c |\n| --- | ---: | --- |\n| x | 1 | y |\n");
    }

    #[test]
    fn each_dagger_is_explained_and_only_what_is_shown_is_spoken_of() {
        let run = fixture::reference();
        let text = render(&Basis::of(run));
        let names = text.split(['|', ' ', ',', '.', '\n']).filter_map(|word| word.strip_suffix('†'));
        let names: HashSet<&str> = names.filter(|name| !name.is_empty()).collect();
        assert!(names.contains("tokio"), "{names:?}");
        for name in names {
            assert!(text.contains(&format!("\n† {name}")), "{name}");
        }
        assert!(text.contains("threads cannot hold so many here"));
        assert_eq!(text.matches("## The thousand tasks").count(), 1);
        assert!(!text.contains("|  of "), "a runtime without a rank has none");
    }

    #[test]
    fn columns_that_no_runtime_shown_has_are_left_out() {
        let run = fixture::reference();
        let headlines = headlines(run);
        let text = of_headline(&headlines[0], &["go-goroutines"]);
        assert!(!text.contains("allocs /task |") && text.contains("memory /task |"), "{text}");
        assert!(text.contains("\n† go-goroutines (sleep): ") && !text.contains("† tokio"), "{text}");
    }
}

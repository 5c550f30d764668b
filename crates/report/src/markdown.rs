//! The main results as Markdown, as a code forge shows it: the answers, the thousand tasks, the score of the claims, and
//! links. The page has the rest.

use std::fmt::Write;

use results::folder::{FIGURES, PAGE, RATIOS, SUMMARY, VERDICTS};

use crate::content::board::Line;
use crate::content::cards::Card;
use crate::content::claims::Chapter;
use crate::content::glossary::meaning;
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
    for headline in &basis.headlines {
        let mut table = headline.table();
        table.rows.retain(|row| row[0].runtime.as_deref().is_some_and(|runtime| pick.contains(&runtime)));
        let _ =
            write!(text, "## The thousand tasks\n\n{}\n\n{}\n", escape(&headline.title()), of_table(&table));
        if let Some(note) = headline.notes().first() {
            let _ = writeln!(text, "{}\n", escape(&note.words));
        }
    }
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

/// The answer, and where the usual runtimes stand.
fn of_card(card: &Card, pick: &[&str]) -> String {
    let mut table =
        Table::new(["rank", "runtime", card.board.what.as_str(), "95 % interval"]).with_words([1]);
    let is_shown = |line: &&Line| line.is_best || pick.contains(&line.runtime);
    for line in card.board.lines.iter().filter(is_shown) {
        let name = format!("{}{}", line.runtime, if line.caveat.is_some() { "†" } else { "" });
        table.push(vec![
            Entry::text(format!("{} of {}", line.ranks, card.ranked)),
            Entry::text(name),
            Entry::text(&line.value.value),
            Entry::interval(&line.value),
        ]);
    }
    let [question, answer, setting] = [card.question, &card.answer, &card.setting].map(escape);
    format!("## {question}\n\n{answer} {setting}\n\n{}\n", of_table(&table))
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
    use super::*;

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
}

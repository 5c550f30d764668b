//! The report as Markdown: the same texts and tables, and links to the figures.

use std::fmt::Write;

use crate::content::answers::Answer;
use crate::document::{Block, Document, TITLE};
use crate::table::Table;

pub fn render(document: &Document) -> String {
    let mut text = format!("# {TITLE}\n\n{}\n", escape(&document.subtitle));
    for section in &document.sections {
        let _ = write!(text, "\n## {}\n", section.title);
        for block in &section.blocks {
            let _ = write!(text, "\n{}", of_block(block));
        }
    }
    text
}

fn of_block(block: &Block) -> String {
    match block {
        Block::Answers(answers) => {
            let line = |one: &Answer| format!("- **{}** {}\n", escape(&one.question), escape(&one.answer));
            answers.iter().map(line).collect()
        }
        Block::Heading(heading) => format!("### {}\n", escape(heading)),
        Block::Prose(prose) => format!("{}\n", escape(prose)),
        Block::List(list) => {
            let line = |line: &String| format!("- {}\n", escape(line));
            list.iter().map(line).collect()
        }
        Block::Table { title, table, data } => {
            format!("{} ([{data}]({data}))\n\n{}", escape(title), of_table(table))
        }
        Block::Figure(figure) => {
            let (alt, caption) = (escape(&figure.alt), escape(&figure.caption));
            format!("![{alt}](figures/{}.svg)\n\n*{}*: {caption}\n", figure.name, escape(&figure.title))
        }
    }
}

fn of_table(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(table.header.iter().map(|name| escape(name)).collect());
    let rule = |column| if table.has_words(column) { "---".into() } else { "---:".into() };
    text += &line((0..table.header.len()).map(rule).collect());
    for row in &table.rows {
        text += &line(row.iter().map(|entry| escape(&entry.text)).collect());
    }
    text
}

/// Text in which nothing is markup, whatever it contains.
fn escape(text: &str) -> String {
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
    use crate::table::Entry;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escape("<script>|a*b`[x](y)"), "&lt;script&gt;\\|a\\*b\\`[x]\\(y)");
        assert_eq!(escape("thousand-tasks_sleep-1000"), "thousand-tasks_sleep-1000");
        assert_eq!(escape("_x_\n# y"), "\\_x\\_ # y");
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

//! The content of the report in its order, before it becomes a page or Markdown.

use crate::content::answers::{self, Answer};
use crate::content::{causes, ceilings, headline, omissions, scaling, trust, verdicts, workloads};
use crate::figure::Figure;
use crate::figures;
use crate::run::Run;
use crate::table::Table;
use results::folder;

pub const TITLE: &str = "Which concurrency runtime is faster, leaner, steadier?";

#[derive(Debug)]
pub struct Document {
    /// Where and when it was measured, in one line.
    pub subtitle: String,
    pub sections: Vec<Section>,
}

#[derive(Debug)]
pub struct Section {
    /// Its anchor, plain letters.
    pub id: &'static str,
    pub title: &'static str,
    /// Its content. A section without any is not shown.
    pub blocks: Vec<Block>,
}

#[derive(Debug)]
pub enum Block {
    Answers(Vec<Answer>),
    Heading(String),
    Prose(String),
    List(Vec<String>),
    /// A table with its title, and the file that it is from.
    Table {
        title: String,
        table: Table,
        /// The file of the run that its numbers are from.
        data: &'static str,
    },
    Figure(Box<Figure>),
}

impl Document {
    pub fn of(run: &Run) -> Self {
        let ended = run.ending.as_ref().map_or_else(String::new, |ending| format!(", {}", ending.ended_at));
        let subtitle =
            format!("{}, {}, preset {}{ended}", trust::machine(run), run.environment.kernel, run.plan.preset);
        let sections = [
            ("answers", "The question and the answer", answer_section(run)),
            ("thousand", "The thousand tasks", thousand(run)),
            ("growth", "How cost grows", growth(run)),
            ("workloads", "Each workload", each_workload(run)),
            ("why", "Why", reasons(run)),
            ("trust", "Can this be trusted?", trusted(run)),
        ];
        let sections = sections.into_iter().map(|(id, title, blocks)| Section { id, title, blocks });
        Self { subtitle, sections: sections.filter(|section| !section.blocks.is_empty()).collect() }
    }

    pub fn figures(&self) -> impl Iterator<Item = &Figure> {
        let blocks = self.sections.iter().flat_map(|section| &section.blocks);
        blocks.filter_map(|block| if let Block::Figure(figure) = block { Some(&**figure) } else { None })
    }
}

fn answer_section(run: &Run) -> Vec<Block> {
    let mut blocks = vec![Block::Answers(answers::first(run))];
    let more = answers::experiments(run);
    if !more.is_empty() {
        blocks.extend([Block::Heading("What each experiment asks".into()), Block::Answers(more)]);
    }
    for judged in verdicts::judged(run) {
        blocks.push(Block::Heading(format!("Claims put to the test: {}", judged.experiment)));
        blocks.push(drawing(figures::forest(run, &judged)));
        let title = format!("{}. Point at a verdict to read its sentence.", judged.counted());
        blocks.extend(table(title, judged.whole(run), folder::VERDICTS));
    }
    blocks
}

fn thousand(run: &Run) -> Vec<Block> {
    let mut blocks: Vec<Block> = figures::spans(run).map(drawing).into_iter().collect();
    for headline in headline::headlines(run) {
        blocks.extend(table(headline.title(), headline.table(), folder::SUMMARY));
        blocks.extend(headline.notes().into_iter().chain([headline.answer()]).map(Block::Prose));
    }
    blocks
}

fn growth(run: &Run) -> Vec<Block> {
    let mut blocks: Vec<Block> = figures::growth(run).into_iter().map(drawing).collect();
    blocks.extend(table(scaling::COSTS.into(), scaling::costs(run), folder::SCALING));
    blocks.extend(table(scaling::CROSSOVERS.into(), scaling::crossovers(run), folder::SCALING));
    for ceilings in ceilings::ceilings(run) {
        blocks.extend(table(ceilings.title(), ceilings.table(), folder::TRIALS));
    }
    blocks
}

fn each_workload(run: &Run) -> Vec<Block> {
    let drawings = figures::heat_map(run).into_iter().chain(figures::tails(run));
    let mut blocks: Vec<Block> = drawings.map(drawing).collect();
    for measured in workloads::workloads(run) {
        blocks.extend(table(measured.title(), measured.table(), folder::SUMMARY));
        blocks.extend(measured.notes().into_iter().map(Block::Prose));
    }
    blocks
}

fn reasons(run: &Run) -> Vec<Block> {
    table(causes::TITLE.into(), causes::table(run), folder::SUMMARY).into_iter().collect()
}

fn trusted(run: &Run) -> Vec<Block> {
    let mut blocks: Vec<Block> = figures::calibration(run).map(drawing).into_iter().collect();
    let calibration = trust::calibration(&run.calibration);
    let title = "How often the lab is wrong, from trials whose truth is known";
    blocks.extend(table(title.into(), calibration, run.calibration_file));
    blocks.extend(figures::drift(run).map(drawing));
    let lists = [
        ("Not measured", omissions::not_measured(run)),
        ("Left out", omissions::left_out(&run.plan.left_out)),
        ("What could not be seen here", trust::blind_spots(run)),
        ("Threats to validity", trust::THREATS.map(String::from).to_vec()),
    ];
    for (heading, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        blocks.extend([Block::Heading(heading.into()), Block::List(list)]);
    }
    blocks.extend(table("Runtimes".into(), trust::runtimes(run), folder::ENVIRONMENT));
    blocks.extend(table("Where and how".into(), trust::circumstances(run), folder::ENVIRONMENT));
    blocks
}

/// A table, unless it is empty.
fn table(title: String, table: Table, data: &'static str) -> Option<Block> {
    (!table.rows.is_empty()).then_some(Block::Table { title, table, data })
}

fn drawing(figure: Figure) -> Block {
    Block::Figure(Box::new(figure))
}

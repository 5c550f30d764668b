//! What the page has, in its order.

use protocol::Workload;
use results::folder;
use results::grouping::distinct;

use super::block::{Block, fold, list, table};
use super::overview::{Overview, overviews};
use crate::content::board::Board;
use crate::content::cards::{Card, cards, lead};
use crate::content::claims::{Chapter, chapters, score};
use crate::content::glossary::GLOSSARY;
use crate::content::overview::{Column, Kind};
use crate::content::pick::{self, Pick};
use crate::content::standings::Standings;
use crate::content::versus::Versus;
use crate::content::{Basis, causes, ceilings, headline, omissions, trust, workloads};
use crate::figure::Figure;
use crate::figures::Drawn;
use crate::format::counted;
use crate::run::Run;

/// The whole page.
#[derive(Debug)]
pub struct Contents<'a> {
    /// Where and when it was measured, a few words each.
    pub strip: Vec<String>,
    /// How sure one may be, a sentence each.
    pub sure: Vec<String>,
    pub families: Vec<Pick<'a>>,
    pub presets: Vec<Pick<'a>>,
    pub cards: Vec<Card<'a>>,
    /// The two that are compared at first.
    pub versus: Option<Versus<'a>>,
    pub overviews: Vec<Overview<'a>>,
    pub thousand: Vec<Block<'a>>,
    pub growth: Vec<Growth<'a>>,
    pub ceilings: Vec<Block<'a>>,
    pub workloads: Vec<Section<'a>>,
    pub score: String,
    pub chapters: Vec<Chapter<'a>>,
    pub trust: Vec<Block<'a>>,
    pub glossary: &'static [(&'static str, &'static str)],
}

/// A chart of growth, chosen by workload and quantity.
#[derive(Debug)]
pub struct Growth<'a> {
    pub workload: String,
    pub quantity: &'static str,
    pub figure: &'a Figure,
}

/// A workload.
#[derive(Debug)]
pub struct Section<'a> {
    /// Its anchor is `workload-` and this.
    pub name: &'static str,
    pub title: &'static str,
    pub question: &'static str,
    pub setting: &'a str,
    /// What the board shows: later rounds, or cold.
    pub kind: &'static str,
    pub finding: String,
    pub board: Board<'a>,
    pub caveats: Vec<String>,
    /// Where the code of each runtime stands.
    pub code: Vec<(&'a str, String)>,
    pub more: Vec<Block<'a>>,
}

impl<'a> Contents<'a> {
    pub fn of(basis: &'a Basis<'a>, drawn: &'a Drawn) -> Self {
        let run = basis.run;
        Self {
            strip: strip(run),
            sure: trust::how_sure(run),
            families: pick::families(run),
            presets: presets(run),
            cards: cards(run, &basis.columns, &basis.pairs),
            versus: versus(basis),
            overviews: overviews(basis),
            thousand: thousand(run, drawn),
            growth: drawn.growth.iter().map(Growth::of).collect(),
            ceilings: ceiling_tables(run),
            workloads: basis.columns.iter().filter_map(|column| Section::of(basis, column, drawn)).collect(),
            score: score(run.verdicts.iter().filter(|row| !crate::run::is_about_the_lab(&row.experiment))),
            chapters: chapters(run),
            trust: trusted(run, drawn),
            glossary: &GLOSSARY,
        }
    }
}

impl<'a> Growth<'a> {
    fn of(grown: &'a crate::figures::Grown) -> Self {
        Self { workload: grown.series.clone(), quantity: grown.quantity, figure: &grown.figure }
    }
}

fn strip(run: &Run) -> Vec<String> {
    let mut strip = vec![trust::machine(run)];
    if let Some(ending) = &run.ending {
        strip.push(ending.ended_at.split('T').next().unwrap_or_default().into());
        strip.push(trust::blocks(ending));
    }
    strip.push(format!("preset {}", run.plan.preset));
    strip.push(format!(
        "{}: rankings may differ on other machines",
        counted(run.environment.cpus.into(), "CPU")
    ));
    strip
}

/// The picks that have a button: that of the beginning, those by name, all.
fn presets(run: &Run) -> Vec<Pick<'_>> {
    let all = pick::families(run).into_iter().flat_map(|family| family.labels).collect();
    let first = Pick { id: "usual", title: "the usual".into(), labels: pick::default_pick(run) };
    let last = Pick { id: "all", title: "all".into(), labels: all };
    std::iter::once(first).chain(pick::presets(run)).chain([last]).collect()
}

/// tokio and threads, or else the first two of the pick.
fn versus<'a>(basis: &'a Basis<'a>) -> Option<Versus<'a>> {
    let pick = pick::default_pick(basis.run);
    let named = |name: &str| pick.iter().copied().find(|label| *label == name);
    let (a, b) = named("tokio").zip(named("threads")).or_else(|| Some((*pick.first()?, *pick.get(1)?)))?;
    let versus = Versus::of(&basis.columns, &basis.pairs, a, b);
    (!basis.pairs.is_empty()).then_some(versus)
}

fn thousand<'a>(run: &'a Run, drawn: &'a Drawn) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block> = drawn.spans.iter().map(Block::Figure).collect();
    for headline in headline::headlines(run) {
        let mut notes = headline.notes();
        let explained = if notes.is_empty() { String::new() } else { notes.remove(0) };
        blocks.extend(table(headline.title(), headline.table(), folder::SUMMARY));
        blocks.push(Block::Prose(explained));
        blocks.extend(fold(format!("† {}", counted(notes.len() as u64, "caveat")), list(notes)));
    }
    blocks
}

fn ceiling_tables(run: &Run) -> Vec<Block<'_>> {
    let tables = ceilings::ceilings(run);
    tables
        .into_iter()
        .filter_map(|one| fold(one.title(), table(one.title(), one.table(), folder::TRIALS)))
        .collect()
}

impl<'a> Section<'a> {
    fn of(basis: &'a Basis<'a>, column: &'a Column<'a>, drawn: &'a Drawn) -> Option<Self> {
        let (run, pairs) = (basis.run, &basis.pairs);
        // The steady state, where it was measured.
        let kinds = [Kind::Later, Kind::Cold];
        let kind = kinds.into_iter().find(|kind| column.metric(*kind).is_some())?;
        let standings = Standings::of(run, column, kind, pairs)?;
        let board = Board::of(run, column, &standings, 1.0);
        let caveats =
            board.lines.iter().filter_map(|line| Some(format!("{}: {}", line.runtime, line.caveat?)));
        let caveats = distinct(caveats.collect::<Vec<_>>());
        Some(Self {
            name: column.workload.name(),
            title: column.title(),
            question: column.question(),
            setting: &column.setting,
            kind: if column.workload == Workload::Hold { "Memory" } else { kind.title() },
            finding: lead(&board, &standings),
            caveats,
            code: column.code(),
            more: more(run, column, drawn),
            board,
        })
    }
}

/// What is folded away below a workload: its tail, its other settings, and what may explain its ratios.
fn more<'a>(run: &'a Run, column: &Column, drawn: &'a Drawn) -> Vec<Block<'a>> {
    let name = column.workload.name();
    let tails = drawn.tails.iter().filter(|figure| figure.name == format!("tails-{name}"));
    let mut blocks: Vec<Block> =
        tails.filter_map(|figure| fold("The slowest of them", vec![Block::Figure(figure)])).collect();
    let mine =
        workloads::workloads(run).into_iter().filter(|table| table.workload() == Some(column.workload));
    let mut settings = Vec::new();
    for measured in mine.filter(|table| !crate::run::is_about_the_lab(table.experiment)) {
        settings.extend(table(measured.title(), measured.table(), folder::SUMMARY));
        settings.extend(measured.limits_of_measurement().into_iter().map(Block::Prose));
    }
    blocks.extend(fold("All settings", settings));
    let why = causes::table(run, column.group);
    blocks.extend(fold("Why: what else differs", table(causes::TITLE.into(), why, folder::SUMMARY)));
    blocks
}

fn trusted<'a>(run: &'a Run, drawn: &'a Drawn) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block> = trust::how_sure(run).into_iter().map(Block::Prose).collect();
    blocks.extend(list(trust::THREATS.map(String::from).to_vec()));
    let mut errors: Vec<Block> = drawn.calibration.iter().map(Block::Figure).collect();
    let title = "How often the lab is wrong, from trials whose truth is known";
    errors.extend(table(title.into(), trust::calibration(&run.calibration), run.calibration_file));
    blocks.extend(fold("How often the lab is wrong", errors));
    blocks.extend(fold("Drift during the run", drawn.drift.iter().map(Block::Figure)));
    let lists = [
        ("Not measured", omissions::not_measured(run)),
        ("Left out, with the reasons", omissions::left_out(&run.plan.left_out)),
        ("What could not be observed here", trust::blind_spots(run)),
    ];
    for (heading, lines) in lists {
        blocks.extend(fold(heading, list(lines)));
    }
    blocks.extend(fold("Runtimes", table("Runtimes".into(), trust::runtimes(run), folder::ENVIRONMENT)));
    blocks.extend(fold(
        "Where and how",
        table("Where and how".into(), trust::circumstances(run), folder::ENVIRONMENT),
    ));
    blocks
}

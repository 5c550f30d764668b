//! What the page has, in its order.

use std::borrow::Cow;

use protocol::Workload;
use results::folder;
use results::grouping::distinct;
use results::overview::Aspect;

use super::block::{Block, fold, list, notes, table};
use super::overview::{Overview, overviews};
use crate::content::board::Board;
use crate::content::cards::{Card, lead};
use crate::content::claims::{Chapter, of_article, score};
use crate::content::glossary::glossary;
use crate::content::headline::Headline;
use crate::content::note::Note;
use crate::content::overview::{Column, title_of};
use crate::content::pick::{self, Pick};
use crate::content::ranking::OWN_WORD;
use crate::content::standings::{Standings, Tier};
use crate::content::versus::Versus;
use crate::content::workloads::beyond_one_cpu;
use crate::content::{Basis, causes, ceilings, omissions, trust};
use crate::figure::Figure;
use crate::figures::Drawn;
use crate::format::counted;
use crate::run::Run;
use crate::table::{Entry, Table};

/// What is said where caveats are folded away.
const CAVEATS: &str = "† What could mislead";

/// The whole page.
#[derive(Debug)]
pub struct Contents<'a> {
    /// Where and when it was measured, a few words each.
    pub strip: Vec<String>,
    /// How sure one may be, a sentence each.
    pub sure: Vec<String>,
    pub families: Vec<Pick<'a>>,
    pub presets: Vec<Pick<'a>>,
    pub cards: &'a [Card<'a>],
    /// The two that are compared at first.
    pub versus: Option<Versus<'a>>,
    pub overviews: Vec<Overview<'a>>,
    pub thousand: Vec<Block<'a>>,
    pub growth: Vec<Growth<'a>>,
    pub ceilings: Vec<Block<'a>>,
    pub workloads: Vec<Section<'a>>,
    /// What the article got wrong.
    pub article: Option<String>,
    pub score: String,
    pub chapters: &'a [Chapter<'a>],
    pub trust: Vec<Block<'a>>,
    pub glossary: Vec<(&'static str, Cow<'static, str>)>,
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
    /// What the group sets, and of one worker how many CPUs were busy.
    pub setting: String,
    /// What the board shows: later rounds, or cold.
    pub aspect: &'static str,
    pub finding: String,
    pub board: Board<'a>,
    /// Whether the figures of the board are the runner's own word.
    pub is_own_word: bool,
    /// What could mislead.
    pub caveats: Vec<Note<'a>>,
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
            cards: &basis.cards,
            versus: versus(basis),
            overviews: overviews(basis),
            thousand: thousand(basis, drawn),
            growth: drawn.growth.iter().map(Growth::of).collect(),
            ceilings: ceiling_tables(run),
            workloads: basis.columns.iter().filter_map(|column| Section::of(basis, column, drawn)).collect(),
            score: score(run.verdicts.iter().filter(|row| !crate::run::is_about_the_lab(&row.experiment))),
            article: of_article(&basis.chapters),
            chapters: &basis.chapters,
            trust: trusted(run, drawn),
            glossary: glossary().collect(),
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

fn thousand<'a>(basis: &'a Basis<'a>, drawn: &'a Drawn) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block> = drawn.spans.iter().map(Block::Figure).collect();
    let mut tables = basis.headlines.iter().map(|headline| {
        let (about, explained): (Vec<Note>, Vec<Note>) =
            headline.notes().into_iter().partition(|note| note.runtime.is_some());
        let id = format!("table-{}", headline.group);
        let ranked = with_ranks(basis, headline);
        let mut parts: Vec<Block> =
            table(id, headline.title(), ranked, folder::SUMMARY).into_iter().collect();
        parts.extend(explained.into_iter().map(|note| Block::Prose(note.words)));
        parts.extend(fold(format!("caveats-{}", headline.group), CAVEATS, notes(about)));
        parts
    });
    blocks.extend(tables.next().unwrap_or_default());
    let others = tables.flatten();
    blocks.extend(fold("thousand-elsewhere", "The same, as other experiments measured it", others));
    blocks
}

/// The table with the ranks of the cold round, where any two of its runtimes are compared: those that share ranks are tied.
fn with_ranks(basis: &Basis, headline: &Headline) -> Table {
    let mut table = headline.table();
    let column = basis.columns.iter().find(|column| column.group == headline.group);
    let standings = column.and_then(|column| Standings::of(basis.run, column, Aspect::Cold, &basis.pairs));
    let Some(standings) = standings.filter(|standings| standings.is_known) else { return table };
    table.header.insert(1, "rank".into());
    for row in &mut table.rows {
        let runtime = row[0].runtime.as_deref();
        let is_here = |tier: &&Tier| tier.rows.iter().any(|row| Some(&*row.runtime) == runtime);
        let tier = standings.tiers.iter().find(is_here);
        let rank = tier.map(|tier| Entry::sorted(tier.ranks.0 as f64, tier.ranks()));
        row.insert(1, rank.unwrap_or_else(Entry::nothing));
    }
    table
}

fn ceiling_tables(run: &Run) -> Vec<Block<'_>> {
    let tables = ceilings::ceilings(run);
    tables
        .into_iter()
        .filter_map(|one| {
            let id = format!("most-{}-{}", one.experiment, one.workload);
            let shown =
                table(format!("{id}-table"), one.title(), one.table(), run.given(folder::TRIALS)).into_iter();
            fold(id, one.question(), shown.chain(one.omitted().map(Block::Prose)))
        })
        .collect()
}

impl<'a> Section<'a> {
    fn of(basis: &'a Basis<'a>, column: &'a Column<'a>, drawn: &'a Drawn) -> Option<Self> {
        let (run, pairs) = (basis.run, &basis.pairs);
        // The steady state, where it was measured.
        let aspects = [Aspect::Later, Aspect::Cold];
        let aspect = aspects.into_iter().find(|aspect| column.metric(*aspect).is_some())?;
        let standings = Standings::of(run, column, aspect, pairs)?;
        let board = Board::of(run, column, &standings, 1.0);
        let note = |runtime, caveat| Note { runtime: Some(runtime), words: format!("{runtime}: {caveat}") };
        let own_word = column
            .own_word(aspect)
            .map(|made_up| Note { runtime: None, words: format!("{OWN_WORD}: {made_up}") });
        let caveats = board.lines.iter().filter_map(|line| Some(note(line.runtime, line.caveat?)));
        let caveats = distinct(own_word.iter().cloned().chain(caveats));
        Some(Self {
            name: column.workload.name(),
            title: column.title(),
            question: column.question(),
            setting: setting(run, column, aspect),
            aspect: if column.workload == Workload::Hold { "Memory" } else { title_of(aspect) },
            finding: finding(&board, &standings, aspect),
            is_own_word: own_word.is_some(),
            caveats,
            code: column.code(),
            more: more(basis, column, drawn),
            board,
        })
    }
}

/// The CPUs stand where everybody sees them: a ranking for one worker is not one for one CPU.
fn setting(run: &Run, column: &Column, aspect: Aspect) -> String {
    let busy = beyond_one_cpu(run, column.values(aspect).into_iter());
    busy.map_or_else(|| column.setting.clone(), |busy| format!("{}. {busy}", column.setting))
}

/// Which runtimes are best, and of which rounds.
fn finding(board: &Board, standings: &Standings, aspect: Aspect) -> String {
    let lead = lead(board, standings);
    if aspect == Aspect::Later { format!("After the first round: {lead}") } else { lead }
}

/// What is folded away below a workload: its tail, its other settings, and what may explain its ratios.
fn more<'a>(basis: &'a Basis<'a>, column: &Column, drawn: &'a Drawn) -> Vec<Block<'a>> {
    let name = column.workload.name();
    let id = |part: &str| format!("{name}-{part}");
    let tails = drawn.tails.iter().filter(|figure| figure.name == format!("tails-{name}"));
    let mut blocks: Vec<Block> = tails
        .filter_map(|figure| {
            fold(id("slowest"), "The tail: how slow the slowest are", [Block::Figure(figure)])
        })
        .collect();
    let mine = basis.tables.iter().filter(|table| table.workload() == Some(column.workload));
    let mut settings = Vec::new();
    for measured in mine.filter(|table| !crate::run::is_about_the_lab(table.experiment)) {
        let id = id(&format!("settings-{}", settings.len() + 1));
        settings.extend(table(id, measured.title(), measured.table(), folder::SUMMARY));
        settings.extend(notes(measured.limits_of_measurement()));
    }
    blocks.extend(fold(id("settings"), "All settings", settings));
    let why = causes::table(basis.run, column.group);
    blocks.extend(fold(
        id("why"),
        "Why: what else differs",
        table(id("why-table"), format!("{}. {}", column.title(), causes::TITLE), why, folder::SUMMARY),
    ));
    blocks
}

fn trusted<'a>(run: &'a Run, drawn: &'a Drawn) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block> = trust::how_sure(run).into_iter().map(Block::Prose).collect();
    blocks.extend(list(trust::THREATS.map(String::from).to_vec()));
    let mut errors: Vec<Block> = drawn.calibration.iter().map(Block::Figure).collect();
    let title = "How often the lab is wrong, from trials whose truth is known";
    errors.extend(table("errors-table", title, trust::calibration(&run.calibration), run.calibration_file));
    blocks.extend(fold("errors", "How often the lab is wrong", errors));
    blocks.extend(fold("drift", "Drift during the run", drawn.drift.iter().map(Block::Figure)));
    let lists = [
        ("not-measured", "Not measured", omissions::not_measured(run)),
        ("left-out", "Left out, with the reasons", omissions::left_out(&run.plan.left_out)),
        ("not-observed", "What could not be observed here", trust::blind_spots(run)),
    ];
    for (id, heading, lines) in lists {
        blocks.extend(fold(id, heading, list(lines)));
    }
    let tables = [
        ("runtimes", "Runtimes", trust::runtimes(run)),
        ("environment", "Where and how", trust::circumstances(run)),
    ];
    for (id, heading, lines) in tables {
        let lines = table(format!("{id}-table"), heading, lines, run.given(folder::ENVIRONMENT));
        blocks.extend(fold(id, heading, lines));
    }
    blocks
}

//! The three questions that people come with, each answered by a card.

use std::collections::BTreeMap;
use std::fmt::Write;

use protocol::Workload;
use results::grouping::grouped;
use results::overview::Aspect;
use results::{Metric, human};

use super::board::{Board, Line};
use super::ceilings::ceilings;
use super::note::Note;
use super::overview::Column;
use super::pairs::Pairs;
use super::ranking::{OWN_WORD, marked};
use super::standings::Standings;
use crate::format::{list, median, too_few};
use crate::run::Run;

/// Tasks that wait, in the question about many of them.
const MANY: u64 = 100_000;

/// Runtimes that a sentence names beside the best, as far as they were measured.
const COMPARED: [&str; 3] = ["tokio", "go-goroutines", "threads"];

/// Two values whose logarithms are no further apart than this, a tenth, are about the same.
const NEAR: f64 = 0.1;

/// The most runtimes that share the first rank and are named.
const MOST_NAMED: usize = 4;

#[derive(Debug)]
pub struct Card<'a> {
    /// The workload that was asked.
    pub workload: &'static str,
    /// The place of the page that is the evidence.
    pub evidence: String,
    pub question: &'static str,
    /// The answer in a sentence or two.
    pub answer: String,
    /// What was measured.
    pub setting: String,
    pub board: Board<'a>,
    /// What else must be known, a sentence for each runtime.
    pub notes: Vec<Note<'a>>,
    /// How many runtimes are ranked.
    pub ranked: usize,
}

/// The cards that this run has the answers to.
pub fn cards<'a>(run: &'a Run, columns: &[Column<'a>], pairs: &Pairs<'a>) -> Vec<Card<'a>> {
    let asked = [
        ("Which runtime for 1000 short waits?", Workload::Sleep, Aspect::Cold, 1),
        ("What do 100,000 waiting tasks cost?", Workload::Hold, Aspect::Cold, MANY),
        ("Which runtime for work that computes?", Workload::Cpu, Aspect::Cold, 1),
    ];
    let card = |(question, workload, aspect, times): (&'static str, Workload, Aspect, u64)| {
        let column = columns.iter().find(|column| column.workload == workload)?;
        let unable = if workload == Workload::Hold { unable(run, column) } else { BTreeMap::new() };
        let most = unable.iter().map(|(runtime, (done, _))| (*runtime, *done)).collect();
        let standings = Standings::without(run, column, aspect, pairs, &most)?;
        let board = Board::of(run, column, &standings, times as f64);
        let mut answer = lead(&board, &standings);
        if workload == Workload::Sleep {
            answer += &later(run, column, pairs);
        }
        Some(Card {
            workload: workload.name(),
            // Of short waits, that is where the cold round is.
            evidence: match workload {
                Workload::Sleep => "thousand".into(),
                other => format!("workload-{}", other.name()),
            },
            question,
            answer,
            setting: setting(column, aspect, times),
            ranked: standings.count(),
            board,
            notes: unable.into_iter().map(cannot_hold).collect(),
        })
    };
    asked.into_iter().filter_map(card).collect()
}

/// Which runtimes are the best, and how others that people ask about compare: one or two sentences.
pub fn lead(board: &Board, standings: &Standings) -> String {
    let best: Vec<&Line> = board.lines.iter().filter(|line| line.is_best).collect();
    let unit = board.unit;
    let mut words = match best.as_slice() {
        [] if standings.count() == 0 && standings.open.is_empty() => {
            "No runtime that was measured can do this here.".into()
        }
        [] => {
            let most = board.lines.iter().map(|line| line.blocks).max().unwrap_or(0);
            format!("Which runtime is best is not known ({}).", too_few(most))
        }
        [one] if standings.is_beaten_by_open() => {
            format!("{} is best of those that can be ranked: {}{unit}.", one.name(), one.value.value)
        }
        [one] => format!("{} is best: {}{unit}.", one.name(), one.value.value),
        [first, .., last] => {
            let some = list(best.iter().take(MOST_NAMED).map(|line| line.name()));
            let values = span(first, last) + unit;
            let among: Vec<String> =
                best.iter().filter(|line| COMPARED.contains(&line.runtime)).map(|line| line.name()).collect();
            match (best.len() > MOST_NAMED, among.is_empty()) {
                (false, _) => format!("{some} are tied for best: {values}."),
                (true, true) => {
                    format!("{} of {} runtimes are tied for best: {values}.", best.len(), standings.count())
                }
                (true, false) => format!(
                    "{} of {} runtimes are tied for best, {} among them: {values}.",
                    best.len(),
                    standings.count(),
                    list(among)
                ),
            }
        }
    };
    let is_named = |line: &&Line| {
        COMPARED.contains(&line.runtime) && !line.is_best && line.is_ranked && line.fits.is_none()
    };
    let (open, others): (Vec<&Line>, Vec<&Line>) =
        board.lines.iter().filter(is_named).partition(|line| line.ranks.is_empty());
    let valued = |lines: Vec<&Line>| {
        let words = lines.iter().map(|line| format!("{} {}", line.name(), line.value.value));
        words.collect::<Vec<String>>().join(", ")
    };
    if standings.is_known && !others.is_empty() {
        let _ = write!(words, " In comparison: {}.", valued(others));
    }
    if standings.is_known && !open.is_empty() {
        let most = open.iter().map(|line| line.blocks).max().unwrap_or(0);
        let _ = write!(words, " Not ranked ({}): {}.", too_few(most), valued(open));
    }
    words + &no_room(board)
}

/// Of runtimes that cannot do so many: those that people ask about, and those that would lead. Nobody takes the first rank
/// for what does not work.
fn no_room(board: &Board) -> String {
    let first = board.lines.iter().find(|line| line.is_ranked && line.fits.is_none());
    let would_lead = |line: &Line| first.is_none_or(|first| line.median < first.median);
    let named = board.lines.iter().filter_map(|line| {
        let fits = line.fits.filter(|_| COMPARED.contains(&line.runtime) || would_lead(line))?;
        Some(format!("{} {} (only {} fit)", line.name(), line.value.value, human::count(fits)))
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() {
        return String::new();
    }
    format!(" Not ranked, because so many do not fit here: {}.", named.join(", "))
}

/// What the first and the last of some take: one number where they are about the same, else the lower one first.
fn span(first: &Line, last: &Line) -> String {
    if (last.median / first.median).ln().abs() < NEAR {
        return format!("about {}", first.value.value);
    }
    let [low, high] = if first.median < last.median { [first, last] } else { [last, first] };
    format!("{} to {}", low.value.value, high.value.value)
}

/// Who is best in later rounds, if others than cold.
fn later<'a>(run: &'a Run, column: &Column<'a>, pairs: &Pairs<'a>) -> String {
    let of = |aspect| Standings::of(run, column, aspect, pairs).filter(|standings| standings.is_known);
    let Some((cold, later)) = of(Aspect::Cold).zip(of(Aspect::Later)) else { return String::new() };
    let best = later.best();
    if best == cold.best() {
        return " The same holds in later rounds.".into();
    }
    let value = later.ranked().next().map_or_else(String::new, |row| median(row).value);
    let verb = if best.len() == 1 { "is" } else { "are tied for" };
    let names = list(best.into_iter().map(|runtime| marked(runtime, column.caveat(runtime))));
    format!(" In later rounds {names} {verb} best: {value}.")
}

fn setting(column: &Column, aspect: Aspect, times: u64) -> String {
    let (many, held) = (human::count(times), human::count(column.tasks()));
    match column.metric(aspect) {
        Some(Metric::MemoryPerAddedTask) => format!(
            "Memory of {many} waiting tasks, calculated from what one more task takes when {held} wait (fewer where fewer \
             fit). The kernel's memory is included. An idle connection also needs a socket, whose memory is not."
        ),
        Some(Metric::RssPerTask) => format!("Resident memory of {many} waiting tasks, from {held}."),
        _ if column.own_word(aspect).is_some() => {
            format!("Cold {}: {}. {OWN_WORD}.", column.measure.name, column.setting)
        }
        _ => format!("Cold {}: {}.", column.measure.name, column.setting),
    }
}

/// Runtimes that could hold some, but not so many: how many worked, and how many did not, by the best of their ladders.
fn unable<'a>(run: &'a Run, column: &Column) -> BTreeMap<&'a str, (u64, u64)> {
    let ceilings = ceilings(run).into_iter().filter(|one| one.workload == column.workload.name());
    let ladders = ceilings.flat_map(|one| one.ladders).map(|ladder| (ladder.runtime, ladder));
    let most = grouped(ladders).into_iter().filter_map(|(runtime, ladders)| {
        let ends = ladders.iter().map(|ladder| {
            let (done, failed) = ladder.done.zip(ladder.failed)?;
            (failed.tasks <= MANY).then_some((done, failed.tasks))
        });
        // Who holds so many with other workers can do it.
        let ends: Vec<(u64, u64)> = ends.collect::<Option<_>>()?;
        Some((runtime, ends.into_iter().max()?))
    });
    most.filter(|(runtime, _)| run.is_ranked(runtime)).collect()
}

fn cannot_hold((runtime, (done, failed)): (&str, (u64, u64))) -> Note<'_> {
    let [done, failed] = [done, failed].map(human::count);
    let words = format!(
        "{runtime} cannot hold so many here as this machine is set up, and has no rank: {done} worked, {failed} did not."
    );
    Note { runtime: Some(runtime), words }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::overview::columns;
    use crate::figures::fixture;

    #[test]
    fn the_cards_answer_with_runtimes_that_one_can_adopt_and_always_place_those_that_people_ask_about() {
        let run = fixture::reference();
        let (columns, pairs) = (columns(run), Pairs::of(run));
        let cards = cards(run, &columns, &pairs);
        assert_eq!(cards.len(), 3);
        assert!(cards[0].answer.starts_with("smol is best: 1.59 ms."), "{}", cards[0].answer);
        assert!(cards[0].answer.contains("tokio† 3.3 ms") && cards[0].answer.contains("threads 74 ms"));
        for card in &cards[..2] {
            for runtime in ["tokio", "threads", "go-goroutines", "python-asyncio", "java-virtual-threads"] {
                let line = card.board.lines.iter().find(|line| line.runtime == runtime).unwrap();
                let has_place = !line.ranks.is_empty() || line.fits.is_some();
                assert!(has_place, "{runtime} has no rank in {}", card.question);
            }
        }
        assert!(
            cards[1].answer.contains("tokio") && cards[1].answer.contains("threads"),
            "{}",
            cards[1].answer
        );
        assert!(cards[1].board.lines.iter().all(|line| !line.is_best || line.is_ranked));
    }

    #[test]
    fn one_of_too_few_blocks_takes_no_rank_and_the_answer_says_so_where_its_median_is_better() {
        let run = fixture::reference();
        let (columns, pairs) = (columns(run), Pairs::of(run));
        let column = columns.iter().find(|column| column.workload == Workload::Echo).unwrap();
        let standings = Standings::of(run, column, Aspect::Later, &pairs).unwrap();
        assert!(standings.is_beaten_by_open());
        let lead = lead(&Board::of(run, column, &standings, 1.0), &standings);
        assert!(lead.contains("is best of those that can be ranked: 2"), "{lead}");
        assert!(
            lead.contains("Not ranked (too few blocks: ") && lead.contains(", needed: 6): tokio 2"),
            "{lead}"
        );
    }

    #[test]
    fn who_cannot_hold_so_many_has_no_rank_leads_nowhere_and_says_how_many_fit() {
        let run = fixture::reference();
        let (columns, pairs) = (columns(run), Pairs::of(run));
        let card = cards(run, &columns, &pairs).swap_remove(1);
        let of = |runtime: &str| card.board.lines.iter().find(|line| line.runtime == runtime).unwrap();
        assert!(of("threads").fits.is_some() && of("threads").ranks.is_empty());
        assert!(of("tokio").fits.is_none() && !of("tokio").ranks.is_empty());
        assert!(card.board.lines.iter().all(|line| line.fits.is_none() || !line.is_best));
        assert!(card.answer.contains("threads 3.51 GiB (only 16,000 fit)"), "{}", card.answer);
        assert!(card.notes.iter().any(|note| note.words.starts_with("threads cannot hold so many here")));
    }
}

//! Questions and their answers in a sentence or two, which a person reads first: three common
//! questions, how sure the lab is, and then the question of each experiment.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt::Write;

use aggregate::FLOOR;
use protocol::{Status, Workload};
use results::{Against, CalibrationRow, Metric, Pass, RatioRow, SummaryRow, estimate, human};

use super::ceilings::{Ceilings, Ladder, ceilings};
use super::headline::{Headline, Line, headlines};
use super::verdicts::judged;
use super::workloads::{WorkloadTable, workloads};
use crate::format::{list, median, ratio};
use crate::run::{CALIBRATION, Run};
use results::grouping::heaviest;

/// Connections that wait, in the question about many of them.
const MANY: u64 = 100_000;
/// Runtimes that an answer names.
const NAMED: usize = 3;
/// A runtime is said to use more than one core if the whole interval of its speed-up is above this.
const CLEAR_GAIN: f64 = 1.2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub question: String,
    pub answer: String,
}

/// The common questions, as far as this run can answer them, and how sure the lab is.
pub fn first(run: &Run) -> Vec<Answer> {
    let answers = [
        ("Which runtime for 1000 short waits?", short_waits(run)),
        ("Which for 100,000 idle connections?", idle_connections(run)),
        ("Which for work that computes?", computing(run)),
        ("How sure is the lab?", Some(how_sure(run))),
    ];
    let answered = |(question, answer): (&str, Option<String>)| {
        Some(Answer { question: question.into(), answer: answer? })
    };
    answers.into_iter().filter_map(answered).collect()
}

/// The question of each experiment, in the order of the plan.
pub fn experiments(run: &Run) -> Vec<Answer> {
    let (tables, judged, headlines, ceilings) = (workloads(run), judged(run), headlines(run), ceilings(run));
    let experiments = run.plan.experiments.iter().filter(|experiment| experiment.name != CALIBRATION);
    experiments
        .filter_map(|experiment| {
            let mine = tables.iter().filter(|table| table.experiment == experiment.name);
            let claims = judged.iter().find(|judged| judged.experiment == experiment.name);
            let headline = headlines.iter().find(|headline| headline.experiment == experiment.name);
            let mut sentences: Vec<String> = headline.map(Headline::answer).into_iter().collect();
            sentences.extend(mine.filter_map(ranking));
            let mine = ceilings.iter().filter(|ceilings| ceilings.experiment == experiment.name);
            sentences.extend(mine.map(most_at_once));
            sentences.extend(claims.map(|judged| format!("{}.", judged.counted())));
            let (question, answer) = (experiment.question.clone(), sentences.join(" "));
            (!answer.is_empty()).then_some(Answer { question, answer })
        })
        .collect()
}

/// Whether somebody could choose this runtime.
fn is_contestant(runtime: &str) -> bool {
    runtime != FLOOR && !runtime.ends_with("sequential")
}

fn short_waits(run: &Run) -> Option<String> {
    let all = headlines(run);
    let headline: &Headline = all.first()?;
    let text = |line: &Line| Some(median(line.get(Metric::Makespan)?).value);
    let mut lines = headline.contestants().filter(|line| is_contestant(line.runtime));
    let fastest = lines.next().filter(|line| line.get(Metric::Makespan).is_some())?;
    let times = fastest.floor.map_or_else(String::new, |row| format!(", {} × the floor", ratio(row)));
    let mut answer = format!("{}: {} cold{times}", fastest.runtime, text(fastest)?);
    let first = headline
        .contestants()
        .filter_map(|line| Some((line.get(Metric::LaterMakespan)?, line.runtime)))
        .min_by(|a, b| a.0.median.total_cmp(&b.0.median));
    if let Some((row, runtime)) = first {
        let _ = write!(answer, "; in later rounds {runtime}: {}", median(row).value);
    }
    let rest: Vec<String> =
        lines.filter_map(|line| Some(format!("{} {}", line.runtime, text(line)?))).collect();
    Some(format!("{answer}. Behind it, cold: {}.", shortened(&rest)))
}

/// The first few of a ranking, and the last.
fn shortened(ranking: &[String]) -> String {
    match ranking {
        [.., last] if ranking.len() > NAMED + 1 => format!("{} … {last}", ranking[..NAMED].join(", ")),
        all => all.join(", "),
    }
}

/// The memory that many waiting tasks take, from the cell of each runtime whose size is nearest.
fn idle_connections(run: &Run) -> Option<String> {
    let failed = unable(run);
    let rows = run.summary.iter().filter(|row| row.metric == Metric::RssPerTask && row.median > 0.0);
    let rows = rows.filter(|row| is_contestant(&row.runtime) && row.tasks >= 1000);
    let distance = |row: &&SummaryRow| (row.tasks as f64 / MANY as f64).ln().abs();
    let mut held = heaviest(rows, |row| &row.runtime, |row| -distance(row));
    held.retain(|row| !failed.iter().any(|(runtime, _)| *runtime == row.runtime));
    held.sort_by(|a, b| a.median.total_cmp(&b.median));
    let (leanest, rest) = held.split_first()?;
    let each = |row: &SummaryRow| format!("{} {}", row.runtime, median(row));
    let rest: Vec<String> = rest.iter().map(|row| each(row)).collect();
    let most = held.iter().map(|row| row.tasks).max()?;
    let measured = if most >= MANY {
        format!("measured with {} tasks held at once", human::count(leanest.tasks))
    } else {
        format!("estimated from {} tasks held at once, the most in this run", human::count(most))
    };
    let mut answer = format!(
        "{} resident a waiting task, so about {} for {} ({measured}, without their sockets).",
        each(leanest),
        human::rough(leanest.median * MANY as f64, "bytes"),
        human::count(MANY),
    );
    if !rest.is_empty() {
        let _ = write!(answer, " Then {}.", shortened(&rest));
    }
    let unable: Vec<String> = failed
        .iter()
        .filter_map(|(runtime, done)| Some(format!("{runtime} (no more than {})", human::count((*done)?))))
        .collect();
    if !unable.is_empty() {
        let _ = write!(answer, " Could not, as this machine is set up: {}.", list(unable));
    }
    Some(answer)
}

/// Runtimes that could not hold so many tasks, with the most that they held, if any.
fn unable(run: &Run) -> Vec<(&str, Option<u64>)> {
    let mut unable: Vec<(&str, Option<u64>)> = Vec::new();
    for ceilings in ceilings(run).into_iter().filter(|ceilings| ceilings.workload == "hold") {
        for ladder in ceilings.ladders.into_iter().filter(|ladder| is_contestant(ladder.runtime)) {
            let Some(failed) = ladder.failed else { continue };
            if failed.tasks <= MANY && !unable.iter().any(|(runtime, _)| *runtime == ladder.runtime) {
                unable.push((ladder.runtime, ladder.done));
            }
        }
    }
    unable
}

/// The best speed-up of each runtime over running one task after another in the same language.
fn computing(run: &Run) -> Option<String> {
    let rows = run.ratios.iter().filter(|row| {
        row.workload == Workload::Cpu.name()
            && row.against == Against::Sequential
            && row.metric == Metric::Makespan
            && row.experiment != CALIBRATION
            && is_contestant(&row.runtime)
    });
    let inverse = |value: f64| 1.0 / value;
    let mut best = heaviest(rows, |row| &row.runtime, |row| inverse(row.ratio));
    best.sort_by(|a, b| inverse(b.ratio).total_cmp(&inverse(a.ratio)));
    let (gain, none): (Vec<&RatioRow>, Vec<&RatioRow>) =
        best.into_iter().partition(|row| row.ci_high.is_some_and(|slowest| inverse(slowest) >= CLEAR_GAIN));
    let each = |row: &&RatioRow| {
        let (low, high) = (row.ci_high.map(inverse), row.ci_low.map(inverse));
        format!("{} {}", row.runtime, estimate(inverse(row.ratio), low, high, "ratio"))
    };
    let [gain, none] = [gain, none].map(|rows| rows.iter().map(each).collect::<Vec<String>>());
    if gain.is_empty() && none.is_empty() {
        return None;
    }
    let cores = run.plan.cores;
    let mut answer = if gain.is_empty() {
        format!("No runtime used more than one of {cores} CPUs.")
    } else {
        format!(
            "Runtimes that use all {cores} CPUs, and how many times as fast they are as one task after another: {}.",
            shortened(&gain)
        )
    };
    if !none.is_empty() {
        let _ = write!(answer, " No clear gain: {}.", shortened(&none));
    }
    Some(answer)
}

fn how_sure(run: &Run) -> String {
    let timed = run.trials.iter().filter(|trial| trial.pass == Pass::Timed && trial.status == Status::Ok);
    let (timed, flagged) = (timed.count() as u64, flagged(run));
    let disturbed = format!(
        "Of this run's {} timed trials, {} were disturbed from outside; every verdict is given with them and without.",
        human::count(timed),
        human::count(flagged)
    );
    let find = |figure: &str| run.calibration.iter().find(|row| row.figure == figure);
    let share = |row: &CalibrationRow| estimate(row.value, row.ci_low, row.ci_high, "share");
    let Some(alarms) = find("false alarms by verdict") else {
        return format!(
            "{disturbed} How often the lab itself is wrong was not measured here; make calibrate measures it."
        );
    };
    let power = [5, 2, 1].into_iter().filter_map(|percent| {
        let row = find(&format!("power by verdict of slower-{percent}"))?;
        Some(format!("of {percent} % in {}", share(row).value))
    });
    format!(
        "The same program under two names was found to differ in {} of {} comparisons; a true difference is found: {}. {disturbed}",
        share(alarms),
        human::count(alarms.n),
        list(power)
    )
}

/// The number of trials that something outside disturbed.
pub fn flagged(run: &Run) -> u64 {
    run.flags.iter().map(|flag| (&flag.cell, flag.block)).collect::<HashSet<_>>().len() as u64
}

/// The ranking in the group in which most runtimes were measured.
fn ranking(table: &WorkloadTable) -> Option<String> {
    let most = table.columns.iter().max_by_key(|column| column.values.len())?;
    let mut ranked: Vec<(&str, &SummaryRow)> =
        most.values.iter().filter(|(runtime, _)| is_contestant(runtime)).copied().collect();
    ranked.sort_by(|a, b| a.1.median.total_cmp(&b.1.median));
    if table.measure.more_is_better {
        ranked.reverse();
    }
    if ranked.len() < 2 {
        return None;
    }
    let each = |(runtime, row): &(&str, &SummaryRow)| format!("{runtime} {}", median(row).value);
    let all: Vec<String> = ranked.iter().map(each).collect();
    let floor =
        most.value(FLOOR).map_or_else(String::new, |row| format!("; the floor {}", median(row).value));
    let name = human::capitalised(table.measure.name);
    let settings: String = most.settings.iter().fold(String::new(), |words, one| words + ", " + &one.words);
    let tasks = human::count(ranked[0].1.tasks);
    Some(format!("{name}, {tasks} tasks{settings}: {}{floor}.", shortened(&all)))
}

/// How many tasks each runtime could run at once, the most first.
fn most_at_once(ceilings: &Ceilings) -> String {
    let able = |ladder: &&Ladder| is_contestant(ladder.runtime) && ladder.done.is_some();
    let mut ladders: Vec<&Ladder> = ceilings.ladders.iter().filter(able).collect();
    ladders.sort_by_key(|ladder| Reverse(ladder.done));
    let each = |ladder: &Ladder| {
        let done = ladder.done.map_or_else(|| "none".into(), human::count);
        let more = if ladder.failed.is_none() { " and more" } else { "" };
        format!("{} {done}{more}", ladder.runtime)
    };
    let all: Vec<String> = ladders.into_iter().map(each).collect();
    format!("At once: {}.", all.join(", "))
}

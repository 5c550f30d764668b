//! Questions and their answers in a sentence or two, which a person reads first: three common
//! questions, how sure the lab is, and then the question of each experiment.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt::Write;

use aggregate::FLOOR;
use protocol::{Status, Workload};
use results::{Against, CalibrationRow, Cell, Metric, Pass, RatioRow, SummaryRow, Workers, estimate, human};

use super::ceilings::{Ceilings, Ladder, ceilings};
use super::headline::{Headline, headlines};
use super::ranking::{Ranking, shortened};
use super::verdicts::judged;
use super::workloads::{WorkloadTable, workloads};
use crate::format::{list, median};
use crate::run::{CALIBRATION, Run, is_about_the_lab};

/// Connections that wait, in the question about many of them.
const MANY: u64 = 100_000;
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
            sentences.extend(mine.filter_map(|table| ranking(run, table)));
            let mine = ceilings.iter().filter(|ceilings| ceilings.experiment == experiment.name);
            sentences.extend(mine.map(|ceilings| most_at_once(run, ceilings)));
            sentences.extend(claims.map(|judged| format!("{}.", judged.counted())));
            let (question, answer) = (experiment.question.clone(), sentences.join(" "));
            (!answer.is_empty()).then_some(Answer { question, answer })
        })
        .collect()
}

fn short_waits(run: &Run) -> Option<String> {
    let headlines = headlines(run);
    let rank = |metric| headlines.first()?.ranking(metric);
    let cold = format!("Cold, {}.", rank(Metric::Makespan)?.whole());
    let warm = rank(Metric::LaterMakespan).map(|later| format!(" In later rounds, {}.", later.first()));
    Some(cold + &warm.unwrap_or_default())
}

/// The rows of a metric in a group.
fn rows_of<'a>(run: &'a Run, group: &'a str, metric: Metric) -> impl Iterator<Item = &'a SummaryRow> {
    run.summary.iter().filter(move |row| row.group == group && row.metric == metric)
}

/// The memory that many waiting tasks take, from the first group of the plan whose size is nearest.
fn idle_connections(run: &Run) -> Option<String> {
    let failed = unable(run);
    let distance = |tasks: u64| (tasks as f64 / MANY as f64).ln().abs();
    // Of older runs resident memory over tasks.
    let metrics = [(Metric::MemoryPerAddedTask, "Memory"), (Metric::RssPerTask, "Resident memory")];
    let (metric, what, nearest) = metrics.into_iter().find_map(|(metric, what)| {
        let held = run.cells().filter(|cell| cell.tasks >= 1000 && run.median(&cell.id, metric).is_some());
        Some((metric, what, held.min_by(|a, b| distance(a.tasks).total_cmp(&distance(b.tasks)))?))
    })?;
    let rows = rows_of(run, &nearest.group, metric);
    let rows = rows.filter(|row| !failed.iter().any(|(runtime, _)| *runtime == row.runtime));
    let rows: Vec<&SummaryRow> = rows.collect();
    let ranking = Ranking::of(run, rows.iter().copied())?;
    let contestants = rows.iter().filter(|row| run.is_ranked(&row.runtime)).map(|row| row.median);
    let least = contestants.filter(|bytes| *bytes > 0.0).min_by(f64::total_cmp)?;
    let held = human::count(nearest.tasks);
    let measured = if nearest.tasks >= MANY {
        format!("measured with {held} tasks held at once")
    } else {
        format!("estimated from {held} tasks held at once")
    };
    let mut answer = format!(
        "{what} of a waiting task, {}. At the lowest median above zero {} take about {} ({measured}, without their sockets).",
        ranking.whole(),
        human::count(MANY),
        human::rough(least * MANY as f64, "bytes"),
    );
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
        for ladder in ceilings.ladders.into_iter().filter(|ladder| run.is_ranked(ladder.runtime)) {
            let Some(failed) = ladder.failed else { continue };
            if failed.tasks <= MANY && !unable.iter().any(|(runtime, _)| *runtime == ladder.runtime) {
                unable.push((ladder.runtime, ladder.done));
            }
        }
    }
    unable
}

/// Speed-ups over running one task after another in the same language, in one group that is named beforehand: the
/// first of the plan with all CPUs as workers, or the first of all.
fn computing(run: &Run) -> Option<String> {
    let computes =
        |cell: &&Cell| cell.workload == Workload::Cpu.name() && !is_about_the_lab(&cell.experiment);
    let on_all = run.cells().filter(computes).find(|cell| cell.workers_asked == Some(Workers::All));
    let named = on_all.or_else(|| run.cells().find(computes))?;
    let set = Ranking::of(run, rows_of(run, &named.group, Metric::Makespan))?.first();
    let mut speedups: Vec<&RatioRow> = run
        .ratios
        .iter()
        .filter(|row| row.group == named.group && run.is_ranked(&row.runtime))
        .filter(|row| (row.against, row.metric) == (Against::Sequential, Metric::Makespan))
        .collect();
    speedups.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    let inverse = |value: f64| 1.0 / value;
    let (gain, none): (Vec<&RatioRow>, Vec<&RatioRow>) = speedups
        .into_iter()
        .partition(|row| row.ci_high.is_some_and(|slowest| inverse(slowest) >= CLEAR_GAIN));
    let each = |row: &&RatioRow| {
        let (low, high) = (row.ci_high.map(inverse), row.ci_low.map(inverse));
        format!("{} {}", row.runtime, estimate(inverse(row.ratio), low, high, "ratio"))
    };
    let on_all = if named.workers_asked == Some(Workers::All) { " with all CPUs as workers" } else { "" };
    let mut answer = format!("In {}, the first group of the plan{on_all}, {set}.", named.short_group());
    let kinds = [(gain, "Times as fast as one task after another"), (none, "No clear gain")];
    for (rows, what) in kinds.iter().filter(|(rows, _)| !rows.is_empty()) {
        let _ = write!(answer, " {what}: {}.", shortened(&rows.iter().map(each).collect::<Vec<String>>()));
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
    run.flags.iter().map(|flag| (&flag.cell, flag.block, flag.process)).collect::<HashSet<_>>().len() as u64
}

/// The ranking in the group in which most runtimes were measured.
fn ranking(run: &Run, table: &WorkloadTable) -> Option<String> {
    let most = table.columns.iter().max_by_key(|column| column.values.len())?;
    let ranking =
        Ranking::of(run, most.values.iter().map(|(_, row)| *row)).filter(|ranking| ranking.count() > 1)?;
    let floor =
        most.value(FLOOR).map_or_else(String::new, |row| format!("; the floor {}", median(row).value));
    let name = human::capitalised(table.measure.name);
    Some(format!("{name}, {}, {}{floor}.", most.words(), ranking.whole()))
}

/// How many tasks each runtime could run at once, the most first.
fn most_at_once(run: &Run, ceilings: &Ceilings) -> String {
    let able = |ladder: &&Ladder| run.is_ranked(ladder.runtime) && ladder.done.is_some();
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

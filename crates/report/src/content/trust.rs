//! Whether the run can be trusted: the errors of the lab, where it ran, and what could mislead.

use std::collections::HashSet;

use protocol::Status;
use results::overview::KNOWN_TRUTH;
use results::{CalibrationRow, Ending, Pass, Stopped, Verdict, VerdictRow, estimate, human};

use crate::format::{counted, list, outcome, readable};
use crate::run::Run;
use crate::table::{Entry, Table, Tone};

/// What could mislead in any run. METHODOLOGY.md says more.
pub const THREATS: [&str; 6] = [
    "One machine: another processor, kernel or number of cores can reverse a ranking. Run make all on yours.",
    "Each runtime runs with its documented defaults unless a row says otherwise; tuned by an expert it may do better.",
    "Tasks that only wait are not a server: a ratio of these figures is not a ratio of requests per second.",
    "A virtual machine shares its host: stolen time is sampled and flagged, memory bandwidth and caches are not seen.",
    "A makespan is read from the runner's own clock, from the first start to the last join. Start-up is not in it.",
    "Where a claim is vague, we chose how to test it. The experiment's file says how, and was fixed before the first trial.",
];

/// How often the lab itself is wrong, a line a figure.
pub fn calibration(rows: &[CalibrationRow]) -> Table {
    let header = ["of the lab itself", "found", "95 % interval", "expected", "n", "compatible"];
    let mut table = Table::new(header);
    for row in rows {
        let found = estimate(row.value, row.ci_low, row.ci_high, &row.unit);
        table.push(vec![
            Entry::text(&row.figure),
            Entry::sorted(row.value, &found.value),
            Entry::interval(&found),
            Entry::number(row.nominal, |value| human::exact(value, &row.unit)),
            Entry::sorted(row.n as f64, row.n.to_string()),
            match row.holds {
                Some(true) => Entry::text("yes").toned(Tone::Good),
                Some(false) => Entry::text("no").toned(Tone::Bad),
                None => Entry::nothing(),
            },
        ]);
    }
    table
}

/// How often the lab is wrong, and how much of this run was disturbed: a sentence each.
pub fn how_sure(run: &Run) -> Vec<String> {
    let find = |figure: &str| run.calibration.iter().find(|row| row.figure == figure);
    let share = |row: &CalibrationRow| estimate(row.value, row.ci_low, row.ci_high, "share");
    let mut sentences = Vec::new();
    match find("false alarms by verdict") {
        None => sentences.push(
            "How often the lab itself is wrong was not measured here; `make calibrate` measures it."
                .replace('`', ""),
        ),
        Some(alarms) => {
            let power = [5, 2, 1].into_iter().filter_map(|percent| {
                let row = find(&format!("power by verdict of slower-{percent}"))?;
                Some(format!("{percent} % in {}", share(row).value))
            });
            let shown = share(alarms);
            let interval =
                shown.interval().map_or_else(String::new, |interval| format!(" (95 % interval {interval})"));
            sentences.push(format!(
                "Comparing a program with itself gave a false alarm in {} of {} comparisons{}{interval}. The lab found a true \
                 difference of {} of the comparisons.",
                shown.value,
                human::count(alarms.n),
                scope(run),
                list(power)
            ));
        }
    }
    sentences.extend(known_truth(run));
    sentences.push(format!(
        "Other programs or the host disturbed {} of this run's {} timed trials. Claims whose verdict changes without these trials say so.",
        human::count(flagged(run)),
        human::count(timed(run))
    ));
    sentences
}

/// How large each comparison of the calibration was: ` of 13 blocks each`. A run corrects for all claims of an
/// experiment and may have more blocks.
fn scope(run: &Run) -> String {
    let n = |figure: &str| run.calibration.iter().find(|row| row.figure == figure).map(|row| row.n);
    let blocks = n("ratio of slower-1").zip(n("power by verdict of slower-1"));
    let blocks = blocks.and_then(|(blocks, comparisons)| blocks.checked_div(comparisons));
    blocks.map_or_else(String::new, |blocks| format!(" of {} each", counted(blocks, "block")))
}

/// What this run found where the truth is known, after its correction for several claims: none where that was not run.
fn known_truth(run: &Run) -> Option<String> {
    let rows: Vec<&VerdictRow> = run.verdicts.iter().filter(|row| row.experiment == KNOWN_TRUTH).collect();
    let is_slower = |row: &&&VerdictRow| slower_by(&row.runtime).is_some();
    let (slower, same): (Vec<&VerdictRow>, Vec<&VerdictRow>) = rows.iter().partition(|row| is_slower(row));
    let decided = |rows: &[&VerdictRow]| rows.iter().filter(|row| row.verdict.decides()).count();
    let mut percents: Vec<u64> = slower.iter().filter_map(|row| slower_by(&row.runtime)).collect();
    percents.sort_unstable();
    percents.dedup();
    let found = percents.iter().map(|percent| {
        let rows: Vec<&VerdictRow> =
            slower.iter().copied().filter(|row| slower_by(&row.runtime) == Some(*percent)).collect();
        let found = rows.iter().filter(|row| row.verdict == Verdict::Supported).count();
        format!("{percent} % in {found} of {}", rows.len())
    });
    let found: Vec<String> = found.collect();
    let holds: Vec<bool> = rows.iter().filter_map(|row| holds_the_truth(row)).collect();
    if same.is_empty() || found.is_empty() {
        return None;
    }
    Some(format!(
        "In this run, with up to {} and corrected for several claims: {} of {} comparisons of equal programs gave a false \
         alarm, it found a true difference of {} comparisons, and {} of {} intervals contain the truth.",
        counted(rows.iter().map(|row| row.n).max().unwrap_or(0), "block"),
        decided(&same),
        same.len(),
        list(found),
        holds.iter().filter(|holds| **holds).count(),
        holds.len()
    ))
}

/// By how many per cent a program of the known truth is slower: `slower-5`.
fn slower_by(runtime: &str) -> Option<u64> {
    runtime.strip_prefix("slower-")?.parse().ok()
}

/// Whether an interval contains the true ratio, where that is exactly known.
fn holds_the_truth(row: &VerdictRow) -> Option<bool> {
    let truth = match slower_by(&row.runtime) {
        Some(percent) => 1.0 + percent as f64 / 100.0,
        None if row.runtime.starts_with("same-") => 1.0,
        None => return None,
    };
    let (low, high) = row.ci_low.zip(row.ci_high)?;
    Some((low..=high).contains(&truth))
}

/// The number of timed trials that count.
pub fn timed(run: &Run) -> u64 {
    run.trials.iter().filter(|trial| trial.pass == Pass::Timed && trial.status == Status::Ok).count() as u64
}

/// The number of trials that something outside disturbed.
pub fn flagged(run: &Run) -> u64 {
    run.flags.iter().map(|flag| (&flag.cell, flag.block, flag.process)).collect::<HashSet<_>>().len() as u64
}

/// Where and how it ran, a line a fact.
pub fn circumstances(run: &Run) -> Table {
    let (plan, here) = (&run.plan, &run.environment);
    let known = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let commit = here.commit.as_ref().map_or_else(String::new, |commit| format!(" at {commit}"));
    let ended = run.ending.as_ref().map(|ending| format!("{}, {}", ending.ended_at, blocks(ending)));
    let [trials, timed, disturbed] = [run.trials.len() as u64, timed(run), flagged(run)].map(human::count);
    let claims = (!plan.claims_sha256.is_empty()).then(|| format!("SHA-256 {}", plan.claims_sha256));
    let facts = [
        ("machine", Some(machine(run))),
        ("kernel", Some(here.kernel.clone())),
        ("virtualisation", known(&here.virtualisation)),
        ("clock source", known(&here.clock_source)),
        ("governor", known(&here.governor)),
        ("transparent huge pages", known(&here.transparent_huge_pages)),
        ("toolchain", known(&here.toolchain)),
        ("kilotask", Some(format!("{}{commit}", here.kilotask))),
        ("preset and seed", Some(format!("{}, {}", plan.preset, plan.seed))),
        ("ended", ended),
        ("trials", Some(format!("{trials}; timed {timed}, of which {disturbed} disturbed"))),
        ("of the plan", run.presence.sentence()),
        ("claims fixed before the first trial", claims),
    ];
    let facts = facts.into_iter().filter_map(|(what, value)| Some((what.to_string(), value?)));
    let limits = here.limits.iter().map(|(name, limit)| {
        (format!("limit: {name}"), limit.map_or_else(|| "unlimited or unknown".into(), human::count))
    });
    let mut table = Table::new(["what", "this run"]).with_words([1]);
    for (what, value) in facts.chain(limits) {
        table.push(vec![Entry::text(what), Entry::text(value)]);
    }
    table
}

/// The machine, in a few words.
pub fn machine(run: &Run) -> String {
    let here = &run.environment;
    let model = here.cpu_model.as_deref().unwrap_or("unknown processor");
    let memory =
        here.memory_bytes.map_or_else(String::new, |bytes| format!(", {}", human::bytes(bytes as f64)));
    format!("{} ({model}){memory}", counted(here.cpus.into(), "CPU"))
}

/// `14 of 41 blocks (stopped: the time limit was reached)`.
pub fn blocks(ending: &Ending) -> String {
    format!("{} of {} blocks ({})", ending.blocks, ending.of, stopped(ending.stopped))
}

fn stopped(why: Stopped) -> &'static str {
    match why {
        Stopped::Plan => "the whole plan",
        Stopped::Precision => "stopped: the precision asked for was reached",
        Stopped::Budget => "stopped: the time limit was reached",
    }
}

/// The runtimes: version, language, model, and whether they work here.
pub fn runtimes(run: &Run) -> Table {
    let mut table = Table::new(["runtime", "version", "language", "model", "here"]).with_words([1, 2, 3, 4]);
    for runtime in &run.environment.runtimes {
        let info = &runtime.info;
        let words = [&info.name, &info.version, &info.language, &info.model].map(Entry::text);
        let state = Entry::text(outcome(runtime.status, &runtime.reason)).toned(runtime.status.into());
        table.push(words.into_iter().chain([state]).collect());
    }
    table
}

/// Instruments that do not work here, and why.
pub fn blind_spots(run: &Run) -> Vec<String> {
    let missing = run.environment.instruments.iter().filter(|(_, state)| *state != "ok");
    missing.map(|(instrument, reason)| format!("{instrument}: {}", readable(reason))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    #[test]
    fn what_this_run_found_of_the_known_truth_is_counted_from_its_verdicts() {
        let mut run = fixture::read_reference();
        let found = known_truth(&run).unwrap();
        assert!(found.contains("0 of 6 comparisons of equal programs gave a false alarm"), "{found}");
        assert!(found.contains("of 1 % in 3 of 3, 2 % in 3 of 3 and 5 % in 3 of 3 comparisons"), "{found}");
        let (inside, of) = {
            let (_, end) = found.rsplit_once(", and ").unwrap();
            let words: Vec<&str> = end.split(' ').collect();
            (words[0].parse::<u64>().unwrap(), words[2].to_string())
        };
        assert!((1..=12).contains(&inside) && of == "12", "{found}");
        for row in run.verdicts.iter_mut().filter(|row| row.experiment == KNOWN_TRUTH) {
            row.verdict = if row.runtime == "same-b" { Verdict::Refuted } else { Verdict::Inconclusive };
            (row.ci_low, row.ci_high) = (Some(2.0), Some(3.0));
        }
        let spoiled = known_truth(&run).unwrap();
        assert!(spoiled.contains(": 3 of 6 ") && spoiled.contains("1 % in 0 of 3"), "{spoiled}");
        assert!(spoiled.ends_with("and 0 of 12 intervals contain the truth."), "{spoiled}");
        run.verdicts.clear();
        assert_eq!(known_truth(&run), None);
    }

    #[test]
    fn the_blocks_of_the_calibration_are_those_of_its_rows() {
        let mut run = fixture::read_reference();
        assert_eq!(scope(&run), " of 13 blocks each");
        run.calibration.clear();
        assert_eq!(scope(&run), "");
    }

    #[test]
    fn disturbed_trials_are_counted_of_the_timed_ones_everywhere() {
        let run = fixture::reference();
        let [timed, disturbed] = [timed(run), flagged(run)].map(human::count);
        assert!(
            how_sure(run)
                .iter()
                .any(|words| words.contains(&format!("{disturbed} of this run's {timed} timed")))
        );
        let table = circumstances(run);
        let row = table.rows.iter().find(|row| row[0].text == "trials").unwrap();
        assert!(row[1].text.ends_with(&format!("; timed {timed}, of which {disturbed} disturbed")));
    }
}

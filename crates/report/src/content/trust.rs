//! Whether the run can be trusted: the errors of the lab, where it ran, and what could mislead.

use std::collections::HashSet;

use protocol::Status;
use results::{CalibrationRow, Ending, Pass, Stopped, estimate, human};

use crate::format::{counted, list, outcome};
use crate::run::Run;
use crate::table::{Entry, Table, Tone};

/// What could mislead in any run. METHODOLOGY.md says more.
pub const THREATS: [&str; 6] = [
    "One machine: another processor, kernel or number of cores can reverse a ranking. Run make all on yours.",
    "Each runtime runs with its documented defaults unless a row says otherwise; tuned by an expert it may do better.",
    "Tasks that only wait are no server: a ratio of these figures is not a ratio of requests per second.",
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
                "Comparing a program with itself gave a false alarm in {} of {} comparisons{interval}. The lab found a true \
                 difference of {} of the comparisons.",
                shown.value,
                human::count(alarms.n),
                list(power)
            ));
        }
    }
    sentences.push(format!(
        "Other programs or the host disturbed {} of this run's {} timed trials. Claims whose verdict changes without these trials say so.",
        human::count(flagged(run)),
        human::count(timed(run))
    ));
    sentences
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
    let [trials, disturbed] = [run.trials.len() as u64, flagged(run)].map(human::count);
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
        ("trials", Some(format!("{trials}, of which {disturbed} disturbed"))),
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
    missing.map(|(instrument, reason)| format!("{instrument}: {reason}")).collect()
}

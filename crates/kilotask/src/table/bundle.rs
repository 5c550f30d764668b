//! A bundle in a few lines.

use std::path::Path;

use bundle::{Checked, Error, Facts, MachineFacts};
use report::format::counted;
use results::human;

/// A bundle that was checked: its label, and what it is about.
pub fn shown(file: &Path, result: &Result<Checked, Error>) -> String {
    let checked = match result {
        Ok(checked) => checked,
        Err(error) => return format!("refused: {error}"),
    };
    let reason = checked.label.reason().map_or_else(String::new, |reason| format!("\n  {reason}"));
    let Facts { machines, date, preset, experiments, rows, rows_ok, rows_failed, .. } = &checked.facts;
    let machine = match &machines[..] {
        [machine] => of(machine),
        several => counted(several.len() as u64, "machine"),
    };
    let presence = checked.presence.sentence().map_or_else(String::new, |sentence| format!("; {sentence}"));
    format!(
        "{}: {}{reason}\n  {machine}\n  {date}, preset {preset}, {}; {} of {} ok, {} failed{presence}\n  {}\n  SHA-256 {}",
        checked.label.name(),
        file.display(),
        counted(experiments.len() as u64, "experiment"),
        human::count(*rows_ok),
        counted(*rows, "trial"),
        human::count(*rows_failed),
        verdicts(&checked.facts),
        checked.sha256
    )
}

fn of(machine: &MachineFacts) -> String {
    let MachineFacts { name, cpu_model, cpus, kernel, virtualisation } = machine;
    let cpus = counted(u64::from(*cpus), "CPU");
    let known = [name, cpu_model.as_deref().unwrap_or_default(), &cpus, kernel];
    let all = known.into_iter().chain(virtualisation.as_deref()).filter(|text| !text.is_empty());
    all.collect::<Vec<_>>().join(", ")
}

fn verdicts(facts: &Facts) -> String {
    let counts: Vec<String> =
        facts.verdicts.iter().map(|count| format!("{} {}", count.claims, count.verdict)).collect();
    if counts.is_empty() { "no verdicts".into() } else { counts.join(", ") }
}

//! What a runner says of its runtimes, checked: its names become those of files, and its texts are shown.

use std::collections::BTreeMap;

use protocol::RuntimeInfo;
use results::cell::{MAX_WORKERS, bounded};
use results::sanitize::{MAX_NAME, MAX_REASON, of_stranger, one_line};

use crate::fault::Fault;
use crate::names::{is_param_name, is_plain, is_runtime_name};

/// The most runtimes of a runner.
pub(super) const MAX_RUNTIMES: usize = 200;
/// The most workloads, reasons or parameters of a runtime.
const MAX_ENTRIES: usize = 200;

/// A description whose names are plain and whose texts and lists are bounded.
pub(super) fn checked(mut info: RuntimeInfo) -> Result<RuntimeInfo, Fault> {
    if !is_plain(&info.name) {
        return Err(named(&info.name));
    }
    if let Some(name) = info.family.iter().chain(&info.variant_of).find(|name| !is_plain(name)) {
        return Err(named(name));
    }
    let problem = |problem: String| Fault::NoAnswer { question: "describe", problem };
    check(&info).map_err(|what| problem(format!("{}: {what}", info.name)))?;
    for text in info.caveats.values_mut().chain(info.unsupported.values_mut()) {
        *text = of_stranger(text, MAX_REASON);
    }
    for text in [&mut info.version, &mut info.language, &mut info.model] {
        *text = of_stranger(text, MAX_NAME);
    }
    Ok(info)
}

fn named(name: &str) -> Fault {
    Fault::Name(one_line(name, MAX_NAME))
}

/// Checks the names that it lists, how many there are, and its numbers.
fn check(info: &RuntimeInfo) -> Result<(), String> {
    let workloads = info.workloads.iter().chain(info.unsupported.keys()).chain(info.caveats.keys());
    check_names("workload", workloads, is_plain)?;
    check_names("parameter", info.params.keys(), is_param_name)?;
    for (what, workers) in [("workers_default", info.workers_default), ("workers_max", info.workers_max)] {
        let Some(workers) = workers else { continue };
        bounded("workers", workers, MAX_WORKERS).map_err(|problem| format!("{what}: {problem}"))?;
    }
    match (info.workers_default, info.workers_max) {
        (Some(default), Some(most)) if default > most => {
            Err(format!("workers_default is {default}, and workers_max {most}"))
        }
        _ => Ok(()),
    }
}

fn check_names<'a>(
    what: &str,
    names: impl Iterator<Item = &'a String>,
    fits: impl Fn(&str) -> bool,
) -> Result<(), String> {
    for (count, name) in names.enumerate() {
        if count == MAX_ENTRIES {
            return Err(format!("more than {MAX_ENTRIES} names of a {what}"));
        }
        if !fits(name) {
            return Err(format!("{:?} is no name of a {what}: use a-z, 0-9 and -", one_line(name, MAX_NAME)));
        }
    }
    Ok(())
}

/// The names of runtimes that a manifest lists, for when its runner cannot be asked.
///
/// # Errors
/// With the first that is no name.
pub(super) fn check_listed(names: &[String]) -> Result<(), String> {
    check_names("runtime", names.iter(), is_runtime_name)
}

/// Files by runtime.
///
/// # Errors
/// With the first that is no name of a runtime.
pub(super) fn check_keys<T>(by_runtime: &BTreeMap<String, T>) -> Result<(), String> {
    check_names("runtime", by_runtime.keys(), is_runtime_name)
}

#[cfg(test)]
mod tests {
    use results::sanitize::is_obeyed;

    use super::*;

    fn info() -> RuntimeInfo {
        let workloads = vec!["sleep".into()];
        RuntimeInfo {
            name: "x".into(),
            version: "1".into(),
            language: "C++".into(),
            workloads,
            ..RuntimeInfo::default()
        }
    }

    /// A change of a description, and what is said of it.
    type Case = (fn(&mut RuntimeInfo), &'static str);

    #[test]
    fn a_description_whose_names_or_numbers_cannot_be_is_refused() {
        let cases: [Case; 10] = [
            (|info| info.name = "../x".into(), "is not a valid name"),
            (|info| info.name = "x".repeat(1 << 20), "is not a valid name"),
            (|info| info.family = Some("a b".into()), "is not a valid name"),
            (|info| info.variant_of = Some("\u{1b}".into()), "is not a valid name"),
            (|info| info.workloads.push("a\nb".into()), "\"a b\" is no name of a workload"),
            (|info| info.workloads = vec!["y".into(); 1000], "more than 200 names of a workload"),
            (|info| info.params.extend([("a\nb".to_string(), 1)]), "\"a b\" is no name of a parameter"),
            (|info| info.workers_default = Some(0), "workers_default: 0 workers: at least 1"),
            (|info| info.workers_max = Some(u32::MAX), "workers_max: 4294967295 workers: at most"),
            (|info| (info.workers_default, info.workers_max) = (Some(3), Some(2)), "workers_default is 3"),
        ];
        assert!(checked(info()).is_ok());
        for (change, words) in cases {
            let mut info = info();
            change(&mut info);
            let said = checked(info).unwrap_err().to_string();
            assert!(said.contains(words) && said.len() < 500, "{said}, not {words}");
            assert!(!said.chars().any(is_obeyed), "{said}");
        }
    }

    #[test]
    fn texts_are_shown_as_far_as_there_is_room() {
        let hostile = format!("=\x1b[2J{}", "x".repeat(1 << 20));
        let texts = BTreeMap::from([("sleep".to_string(), hostile.clone())]);
        let (version, model) = (hostile.clone(), hostile);
        let said =
            checked(RuntimeInfo { version, model, caveats: texts.clone(), unsupported: texts, ..info() })
                .unwrap();
        for text in [&said.version, &said.model, &said.caveats["sleep"], &said.unsupported["sleep"]] {
            assert!(text.starts_with("'=\\u{1b}[2J") && text.len() <= MAX_REASON, "{text}");
        }
    }
}

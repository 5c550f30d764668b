//! The command that reproduces a failure, for a shell in the checkout.

use std::fmt::Display;

use protocol::Workload;
use results::Pass;

use super::trials::TrialQuestion;
use crate::discover::Runtime;

/// The same trial, with the same seed.
pub(super) fn trial(runtime: &Runtime, question: &TrialQuestion, seed: u64) -> String {
    let cell = &question.cell;
    let mut words = vec!["kilotask".into(), "trial".into(), cell.runtime.clone(), cell.workload.clone()];
    let mut option = |name: &str, value: &dyn Display| words.extend([format!("--{name}"), value.to_string()]);
    option("tasks", &cell.tasks);
    option("workers", &cell.workers);
    option("rounds", &cell.rounds);
    option("seed", &seed);
    if question.pass != Pass::Timed {
        option("pass", &question.pass);
    }
    for (name, value) in &cell.params {
        if default(runtime, &cell.workload, name) != Some(*value) {
            option("param", &format!("{name}={value}"));
        }
    }
    if let Some(path) = runtime.runner.external_path() {
        option("runner", &path.display());
    }
    match question.open_files {
        // The soft limit alone: the peer needs files as well, and raises its own.
        Some(most) => format!("(ulimit -Sn {most}; {})", join(&words)),
        None => join(&words),
    }
}

/// The same line, or none, to a runner that serves a job.
pub(super) fn line(runtime: &Runtime, line: Option<&str>) -> String {
    let said =
        line.map_or_else(|| "true".into(), |line| format!("printf '%s\\n' {}", quoted(line.trim_end())));
    format!("{said} | {}", question(runtime, &[]))
}

/// The same question on the command line of a runner, which is started in its folder.
pub(super) fn question(runtime: &Runtime, question: &[&str]) -> String {
    let runner = &runtime.runner;
    let mut words: Vec<String> =
        runner.words().iter().map(|word| word.to_string_lossy().into_owned()).collect();
    words.extend(question.iter().copied().map(String::from));
    let folder = runner.external_path().map_or(&*runner.place, |_| &*runner.folder);
    format!("(cd {} && {})", quoted(&folder.to_string_lossy()), join(&words))
}

/// The default of a parameter.
fn default(runtime: &Runtime, workload: &str, name: &str) -> Option<u64> {
    let spec = || Workload::from_name(workload)?.param_spec(name);
    runtime.info.params.get(name).copied().or_else(|| spec().map(|spec| spec.default))
}

fn join(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A word, quoted for the shell where it has to be.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+%@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word_for_the_shell() {
        for (word, expected) in [("a-b/c=1", "a-b/c=1"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("", "''")]
        {
            assert_eq!(quoted(word), expected);
        }
    }
}

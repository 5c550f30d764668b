//! Where the code of each workload stands in a runner's folder, so that a reader of its figures can look at it.
//!
//! It is the line of the function that has the workload's name: `ping_pong`, `pingPong`, `yield_now`. A folder may host
//! several runtimes, and helpers may have the same name: a `runner.toml` may say which files each of them is in. Where a
//! doubt is left, no line is named.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Source files of languages that runners are written in.
const LANGUAGES: [&str; 7] = ["rs", "py", "go", "js", "java", "c", "erl"];
/// Folders and files that hold no workload.
const ELSEWHERE: [&str; 9] =
    ["tests", "benches", "examples", "target", "build", "packages", "node_modules", "executor", "scheduler"];
/// The most files of a runner that are read, and the most bytes of each.
const MOST_FILES: usize = 200;
const MOST_BYTES: u64 = 512 << 10;

/// Words before the name of a function that say that it is defined there, and not called.
const DEFINING: [&str; 7] = ["fn", "def", "func", "function", "static", "private", "public"];
/// What may follow a workload's name in that of its function.
const ENDINGS: [&str; 5] = ["", "now", "round", "task", "tasks"];

/// A function that may be the one of a workload.
struct Candidate {
    file: PathBuf,
    line: usize,
}

impl Candidate {
    fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }
}

/// By workload: `src/tasks/switching.rs:31`, seen from the folder, which hosts these other runtimes, too.
pub(crate) fn lines(
    folder: &Path,
    runtime: &str,
    others: &[&str],
    workloads: &[String],
) -> BTreeMap<String, String> {
    let files = sources(folder).into_iter().filter(|file| !is_of_another(file, runtime, others));
    let mut candidates: BTreeMap<&str, Vec<Candidate>> = BTreeMap::new();
    for file in files {
        for (workload, candidate) in defined_in(folder, &file, workloads) {
            candidates.entry(workload).or_default().push(candidate);
        }
    }
    let chosen = |(workload, all): (&str, _)| Some((workload.into(), choose(all, runtime)?.place()));
    candidates.into_iter().filter_map(chosen).collect()
}

/// The same, where the runner says in which files: of each workload the first function of its name.
pub(crate) fn lines_in(folder: &Path, files: &[PathBuf], workloads: &[String]) -> BTreeMap<String, String> {
    let mut chosen = BTreeMap::new();
    for file in files.iter().take(MOST_FILES) {
        for (workload, candidate) in defined_in(folder, file, workloads) {
            chosen.entry(workload.into()).or_insert_with(|| candidate.place());
        }
    }
    chosen
}

/// The functions of a file that have names of workloads.
fn defined_in<'a>(folder: &Path, file: &Path, workloads: &'a [String]) -> Vec<(&'a str, Candidate)> {
    let path = folder.join(file);
    let is_bounded = path.metadata().is_ok_and(|data| data.is_file() && data.len() <= MOST_BYTES);
    let text = if is_bounded { fs::read_to_string(path).unwrap_or_default() } else { String::new() };
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let Some(name) = defined(line) else { continue };
        for workload in workloads.iter().filter(|workload| is_of(&name, workload)) {
            found.push((workload.as_str(), Candidate { file: file.into(), line: number + 1 }));
        }
    }
    found
}

/// The only one; or the only one in a file that is called like a part of the runtime's name.
fn choose(mut all: Vec<Candidate>, runtime: &str) -> Option<Candidate> {
    if all.len() > 1 {
        let parts: Vec<&str> = runtime.split('-').collect();
        all.retain(|candidate| words(&candidate.file).iter().any(|word| parts.contains(&word.as_str())));
    }
    if all.len() == 1 { all.pop() } else { None }
}

/// Whether a file is called like another runtime of the folder: it has a part of that name that the runtime's own lacks.
fn is_of_another(file: &Path, runtime: &str, others: &[&str]) -> bool {
    let own: Vec<&str> = runtime.split('-').collect();
    let foreign = |word: &String| {
        let is_part = |other: &&str| other.split('-').any(|part| part == word);
        !own.contains(&word.as_str()) && others.iter().any(is_part)
    };
    words(file).iter().any(foreign)
}

/// The words of a file's name.
fn words(file: &Path) -> Vec<String> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    name.split('_').map(str::to_lowercase).collect()
}

/// The source files of a runner, each as seen from its folder, in a fixed order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(inner) = open.pop() {
        let entries = fs::read_dir(folder.join(&inner)).into_iter().flatten().flatten();
        let mut entries: Vec<_> = entries.map(|entry| (entry.file_name(), entry)).collect();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, entry) in entries {
            let (text, path) = (name.to_string_lossy().into_owned(), inner.join(&name));
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && !text.starts_with(['.', '_']) && !ELSEWHERE.contains(&text.as_str()) {
                open.push(path);
            } else if kind.is_file() && is_source(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    found.truncate(MOST_FILES);
    found
}

fn is_source(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let is_known = path.extension().is_some_and(|end| LANGUAGES.iter().any(|known| end == *known));
    is_known && !stem.contains("test") && !ELSEWHERE.contains(&stem.as_str())
}

/// The name of the function that a line begins to define, without case and underscores.
fn defined(line: &str) -> Option<String> {
    line.match_indices(['(', '<']).find_map(|(place, _)| {
        let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
        let before = &line[..place];
        let words = before.trim_end_matches(is_name);
        let name = &before[words.len()..];
        let is_defining = |word: &str| DEFINING.contains(&word);
        // Erlang has no word for it: a name at the beginning of a line, and an arrow at the end.
        let is_clause = words.is_empty() && line.trim_end().ends_with("->");
        // A word of its own, which is followed by no dot, colon or bracket.
        let is_defined =
            words.ends_with([' ', '*']) && words.split(|letter| !is_name(letter)).any(is_defining);
        ((is_clause || is_defined) && !name.is_empty()).then(|| plain(name))
    })
}

/// Whether a function's name is that of a workload. `yield` is a word of most languages.
fn is_of(name: &str, workload: &str) -> bool {
    let is_named = name.strip_prefix(&plain(workload)).is_some_and(|rest| ENDINGS.contains(&rest));
    is_named || (workload == "yield" && name == "giveway")
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_found_in_any_language_and_a_call_is_none() {
        let of = |line: &str| defined(line).unwrap_or_default();
        assert_eq!(of("pub async fn ping_pong(round: &'static Round) -> Tally {"), "pingpong");
        assert_eq!(of("pub(super) fn hold<const N: usize>(round: Round) {"), "hold");
        assert_eq!(of("    async def ping_pong(self, job):"), "pingpong");
        assert_eq!(of("func pingPong(r *round) tally {"), "pingpong");
        assert_eq!(of("async function pingPong({ tasks }) {"), "pingpong");
        assert_eq!(of("    private static Round.Tally pingPong(Round round) throws Exception {"), "pingpong");
        assert_eq!(of("static struct tally ping_pong_round(const struct job *of) {"), "pingponground");
        assert_eq!(of("ping_pong(Job) ->"), "pingpong");
        for call in
            ["    tokio.run(tasks::ping_pong(round));", "ping_pong(Job),", "return ping_pong(job)", "x = 1"]
        {
            assert_eq!(of(call), "", "{call}");
        }
        assert!(is_of("yieldnow", "yield") && is_of("pingpong", "ping-pong") && !is_of("sleeper", "sleep"));
    }

    #[test]
    fn where_two_may_be_meant_the_file_decides_or_nothing_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("asyncio_tasks.py", "import x\n\nasync def hold(job):\n");
        write("threads.py", "def hold(job):\n");
        write("shared.py", "def sleep(job):\n");
        write("test_runner.py", "def sleep(job):\n");
        write("build/generated.py", "def sleep(job):\n");
        let workloads = ["hold", "sleep", "spawn"].map(String::from);
        let found = lines(folder.path(), "python-asyncio", &[], &workloads);
        let expected = [("hold", "asyncio_tasks.py:3"), ("sleep", "shared.py:1")];
        assert_eq!(found, expected.map(|(name, line)| (name.to_string(), line.to_string())).into());
        let of_gevent = |others: &[&str]| lines(folder.path(), "python-gevent", others, &workloads).len();
        assert_eq!(of_gevent(&[]), 1);
        // What is called like another runtime is that one's: one function `hold` is left.
        assert_eq!(of_gevent(&["python-asyncio"]), 2);
        // Where the runner says which files, the first of them that has the function is meant.
        let files = ["threads.py", "asyncio_tasks.py", "shared.py", "not-here.py"].map(PathBuf::from);
        let named = lines_in(folder.path(), &files, &workloads);
        let expected = [("hold", "threads.py:1"), ("sleep", "shared.py:1")];
        assert_eq!(named, expected.map(|(name, line)| (name.to_string(), line.to_string())).into());
    }
}

//! Which lines of a runner's last words tell why it ended. The last ones often do not: Node.js ends with its version, Java
//! and .NET with the frames of a stack.

use results::sanitize::{MAX_REASON, one_line};

use super::Supervised;

impl Supervised<'_> {
    /// The last lines of standard error that tell something, in one line for a table's cell; where there are none it says
    /// so.
    pub fn stderr_tail(&mut self) -> String {
        let _ = self.errors.fill();
        last_words(&self.errors.text())
    }

    /// The last line of standard error with one of these words.
    pub fn stderr_line_with(&mut self, words: &[&str]) -> Option<String> {
        let _ = self.errors.fill();
        let text = self.errors.text();
        let has_word = |line: &&str| words.iter().any(|word| line.contains(word));
        text.lines().rev().find(has_word).map(|line| line.trim().into())
    }

    /// The first line of standard error, as far as it is kept: the cause stands before what it led to.
    pub fn stderr_head(&mut self) -> String {
        let _ = self.errors.fill();
        let text = self.errors.text();
        let first = text.lines().map(str::trim).find(|line| !line.is_empty());
        first.unwrap_or("nothing on standard error").into()
    }

    /// What it wrote to standard output as it died, from this line on: the first lines that tell something, in one. The
    /// Java VM says there what it died of.
    pub fn dying_words(&mut self, line: Vec<u8>) -> String {
        let _ = self.output.fill();
        let mut lines = vec![line];
        while lines.len() < MOST_DYING_LINES
            && let Ok(Some(line)) = self.output.next_line()
        {
            lines.push(line);
        }
        let texts = lines.iter().map(|line| one_line(&String::from_utf8_lossy(line), MAX_REASON));
        first_words(texts)
    }
}

/// How many lines are looked at that a dying process wrote.
const MOST_DYING_LINES: usize = 20;

/// The first two lines that tell something, in one, without marks of a comment before them.
fn first_words(lines: impl Iterator<Item = String>) -> String {
    let lines = lines.map(|line| line.trim_start_matches(['#', ' ']).trim().to_string());
    let told: Vec<String> = lines.filter(|line| !is_noise(line)).take(2).collect();
    if told.is_empty() { "no words".into() } else { told.join(" | ") }
}

/// The last two lines that tell something, in one; of text in which none does, the last two that there are.
fn last_words(text: &str) -> String {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut told = without_objects(lines().collect());
    told.retain(|line| !is_noise(line));
    let last = if told.is_empty() { lines().collect() } else { told };
    match &last[last.len().saturating_sub(2)..] {
        [] => "nothing on standard error".into(),
        last => last.join(" | "),
    }
}

/// Node.js prints the fields of an error after its message, in braces.
fn without_objects(lines: Vec<&str>) -> Vec<&str> {
    let (mut kept, mut fields) = (Vec::new(), Vec::new());
    for line in lines.into_iter().rev() {
        match line.strip_suffix('{') {
            _ if line == "}" => fields.push(line),
            Some(head) if !fields.is_empty() => {
                fields.clear();
                kept.push(head.trim_end());
            }
            _ if fields.is_empty() => kept.push(line),
            _ => fields.push(line),
        }
    }
    // A brace that nothing opens is no such object.
    fields.reverse();
    kept.reverse();
    [fields, kept].concat()
}

/// A frame of a stack, a mark under source text, or what is printed after every error alike.
fn is_noise(line: &str) -> bool {
    let is_numbered = line.split_once(": ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    let beginnings =
        ["at ", "... ", "File \"", "Node.js v", "note: run with `RUST_BACKTRACE", "stack backtrace:"];
    is_numbered
        || beginnings.iter().any(|beginning| line.starts_with(beginning))
        || !line.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_node_is_quoted_and_not_its_version() {
        let text = "node:internal/fs/utils:356\n    throw err;\n    ^\n\n\
            Error: EMFILE: too many open files, open '/x'\n    at Object.openSync (node:fs:601:3)\n    \
            at main.js:3:4 {\n  errno: -24,\n  code: 'EMFILE',\n  syscall: 'open'\n}\n\nNode.js v20.20.2\n";
        assert_eq!(last_words(text), "throw err; | Error: EMFILE: too many open files, open '/x'");
        let plain = "main.js:1\nthrow new Error('no');\n^\n\nError: no {\n  code: 7\n}\n\nNode.js v20.20.2";
        assert_eq!(last_words(plain), "throw new Error('no'); | Error: no");
        let native = "FATAL ERROR: Reached heap limit Allocation failed\n----- Native stack trace -----\n\n \
            1: 0xb76dc5 node::Abort() [node]\n 2: 0xee7a70  [node]\n";
        let expected = "FATAL ERROR: Reached heap limit Allocation failed | ----- Native stack trace -----";
        assert_eq!(last_words(native), expected);
    }

    #[test]
    fn the_cause_of_an_exception_of_java_is_quoted_and_not_its_frames() {
        let text = "Exception in thread \"main\" java.lang.IllegalStateException: a task failed\n\
            \tat Threads$Crew.run(Threads.java:9)\n\tat java.base/java.lang.Thread.run(Thread.java:840)\n\
            Caused by: java.net.SocketException: Too many open files\n\tat Tasks.request(Tasks.java:7)\n\t... 2 more\n";
        let expected = "Exception in thread \"main\" java.lang.IllegalStateException: a task failed | \
            Caused by: java.net.SocketException: Too many open files";
        assert_eq!(last_words(text), expected);
    }

    #[test]
    fn the_first_words_of_a_java_vm_that_dies_are_quoted() {
        let text = "#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n\
            #  SIGSEGV (0xb) at pc=0x00007f7e9f1e3f14 (sent by kill), pid=1373, tid=1373\n#\n# JRE version: OpenJDK\n";
        let expected = "A fatal error has been detected by the Java Runtime Environment: | \
            SIGSEGV (0xb) at pc=0x00007f7e9f1e3f14 (sent by kill), pid=1373, tid=1373";
        assert_eq!(first_words(text.lines().map(String::from)), expected);
        assert_eq!(first_words(["#".to_string()].into_iter()), "no words");
    }

    #[test]
    fn other_last_words_are_the_last_two_lines() {
        assert_eq!(last_words("one\ntwo\n\nthree\n"), "two | three");
        assert_eq!(
            last_words("thread 'main' panicked at a.rs:1:\nno\nnote: run with `RUST_BACKTRACE=1`"),
            "thread 'main' panicked at a.rs:1: | no"
        );
        assert_eq!(last_words("}\n---\n"), "} | ---", "better than nothing");
        assert_eq!(last_words("cut: here\n}\nlast"), "cut: here | last");
        assert_eq!(last_words(" \n"), "nothing on standard error");
    }
}

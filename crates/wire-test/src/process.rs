//! A runner's process, seen from the harness's end of its pipes.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use protocol::wire::{GO, decode, encode};
use protocol::{Done, Event, Job, Refusal, Workload};

/// How long a process may live; no test takes nearly as long, even on a busy machine.
const LIFETIME: Duration = Duration::from_secs(60);
/// How long to wait before looking again whether a process has ended.
const POLL: Duration = Duration::from_millis(1);

/// A runner that serves one job. It is killed where a test fails, or when its time is over.
pub struct Process {
    child: Child,
    /// `None` when it has ended.
    input: Option<ChildStdin>,
    /// What it said, line by line, as a thread reads it: a pipe cannot be read with a time limit.
    lines: Receiver<Vec<u8>>,
    /// What either side has said so far.
    traffic: Vec<Line>,
    deadline: Instant,
}

/// A line on the wire, without its newline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Who said it.
    pub from: Side,
    /// What.
    pub text: String,
}

/// An end of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The lab.
    Harness,
    /// The program that hosts runtimes.
    Runner,
}

impl Process {
    pub fn start(command: &mut Command) -> Self {
        Self::start_for(LIFETIME, command)
    }

    fn start_for(lifetime: Duration, command: &mut Command) -> Self {
        let deadline = Instant::now() + lifetime;
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the runner starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (heard, lines) = channel();
        thread::spawn(move || {
            for line in output.split(b'\n') {
                // The test has ended when nobody listens.
                let _ = heard.send(line.expect("the output can be read"));
            }
        });
        Self { child, input, lines, traffic: Vec::new(), deadline }
    }

    /// Serves a job to its end, saying go at each checkpoint, and calling `load` for each round that
    /// serves.
    pub fn serve(&mut self, job: &Job, mut load: impl FnMut(SocketAddr)) -> Result<Done, Refusal> {
        self.say(&encode(job));
        match self.hear() {
            Event::Ready => self.go(),
            Event::Refused(refusal) => {
                self.assert_ends();
                return Err(refusal);
            }
            other => panic!("{job:?}: {other:?} before ready"),
        }
        let workload = Workload::from_name(&job.workload).expect("a workload");
        for _ in 0..job.rounds {
            if workload.holds() {
                assert_eq!(self.hear(), Event::Holding, "{job:?}");
                self.go();
            }
            if workload.serves() {
                match self.hear() {
                    Event::Serving { address } => load(address),
                    other => panic!("{job:?}: {other:?} instead of serving"),
                }
            }
        }
        let done = match self.hear() {
            Event::Done(done) => done,
            other => panic!("{job:?}: {other:?} instead of done"),
        };
        self.input = None;
        self.assert_ends();
        Ok(done)
    }

    /// What it says to a job, and no more.
    pub fn answer(mut self, job: &Job) -> Event {
        self.say(&encode(job));
        let event = self.hear();
        if !matches!(event, Event::Refused(_)) {
            self.input = None;
        }
        self.assert_ends();
        event
    }

    /// All that has been said, in its order.
    pub fn traffic(&self) -> &[Line] {
        &self.traffic
    }

    fn go(&mut self) {
        self.say(&format!("{GO}\n"));
    }

    fn say(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input has not ended");
        input.write_all(line.as_bytes()).expect("the runner reads");
        self.traffic.push(Line { from: Side::Harness, text: line.trim_end().into() });
    }

    fn hear(&mut self) -> Event {
        let line = self.next_line().expect("an event before the end of output");
        self.traffic.push(Line { from: Side::Runner, text: String::from_utf8_lossy(&line).into_owned() });
        decode(&line).expect("an event")
    }

    /// `None` at the end of output.
    fn next_line(&mut self) -> Option<Vec<u8>> {
        match self.lines.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("the runner hangs"),
        }
    }

    fn assert_ends(&mut self) {
        let line = self.next_line();
        assert!(
            line.is_none(),
            "output after the last event: {:?}",
            String::from_utf8(line.unwrap_or_default())
        );
        let status = loop {
            match self.child.try_wait().expect("a child of ours") {
                Some(status) => break status,
                None => assert!(Instant::now() < self.deadline, "the runner does not exit"),
            }
            thread::sleep(POLL);
        };
        assert!(status.success(), "the runner ended with {status}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Neither matters to a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = r#"read job; echo '{"event":"ready"}'; read go"#;
    const DONE: &str = r#"echo '{"event":"done","rounds":[]}'; read end"#;

    fn serve(script: &str, workload: Workload) -> Result<Done, Refusal> {
        let mut shell = Command::new("sh");
        Process::start(shell.args(["-c", script])).serve(&crate::job("fake", workload, 1), |_| ())
    }

    #[test]
    fn a_runner_that_keeps_to_the_wire_is_heard_to_the_end() {
        let done = serve(&format!("{READY}; {DONE}; exit 0"), Workload::Spawn).unwrap();
        assert_eq!(done.rounds, []);
    }

    #[test]
    fn a_refusal_needs_no_end_of_input() {
        let script = r#"read job; echo '{"event":"refused","status":"unavailable","reason":"no"}'"#;
        assert_eq!(serve(script, Workload::Spawn), Err(Refusal::unavailable("no")));
    }

    #[test]
    #[should_panic(expected = "Holding")]
    fn a_checkpoint_left_out_is_caught() {
        let _ = serve(&format!("{READY}; {DONE}; exit 0"), Workload::Hold);
    }

    #[test]
    #[should_panic(expected = "output after the last event: Ok(\"more\")")]
    fn output_after_the_last_event_is_caught() {
        let _ = serve(&format!("{READY}; {DONE}; echo more; exit 0"), Workload::Spawn);
    }

    #[test]
    #[should_panic(expected = "the runner ended with exit status: 3")]
    fn a_failure_after_the_last_event_is_caught() {
        let _ = serve(&format!("{READY}; {DONE}; exit 3"), Workload::Spawn);
    }

    #[test]
    #[should_panic(expected = "the runner hangs")]
    fn a_runner_that_says_nothing_is_not_waited_for() {
        let mut process = Process::start_for(Duration::from_millis(50), Command::new("sleep").arg("60"));
        let _ = process.serve(&crate::job("fake", Workload::Spawn, 1), |_| ());
    }
}

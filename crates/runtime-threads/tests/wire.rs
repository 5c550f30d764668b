//! The built runner over the wire, as the harness drives it: each runtime and workload at sizes that
//! are easy to get wrong, and what must be refused.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use protocol::wire::{GO, decode, encode};
use protocol::workload::{DURATION_NS, checksum};
use protocol::{Description, Done, Event, Job, PROTOCOL, Params, Span, Status, Workload, span};

const RUNNER: &str = env!("CARGO_BIN_EXE_runtime-threads");
const COUNTED: &str = env!("CARGO_BIN_EXE_runtime-threads-counted");

const RUNTIMES: [&str; 2] = ["threads", "thread-pool"];
const SIZES: [u64; 4] = [1, 2, 3, 500];
const SLEEP_NS: u64 = 1_000_000;

#[test]
fn every_task_is_done_and_sleeps_no_shorter_than_asked() {
    for (runtime, tasks) in cells() {
        let job = Job { rounds: 2, ..job(runtime, Workload::Sleep, tasks) };
        let (done, spans) = Runner::start(RUNNER).serve_with_spans(&job);
        assert_proofs(&job, &done);
        assert_eq!(spans.len() as u64, job.tasks * u64::from(job.rounds));
        assert!(spans.iter().all(|span| span.length_ns() >= Some(SLEEP_NS)), "{runtime} {tasks}: {spans:?}");
    }
}

#[test]
fn every_spawned_task_is_joined() {
    for (runtime, tasks) in cells() {
        let job = Job { rounds: 2, ..job(runtime, Workload::Spawn, tasks) };
        assert_proofs(&job, &Runner::start(RUNNER).serve(&job));
    }
}

#[test]
fn all_held_tasks_are_alive_at_one_instant() {
    for (runtime, tasks) in cells() {
        let job = job(runtime, Workload::Hold, tasks);
        let (done, spans) = Runner::start(RUNNER).serve_with_spans(&job);
        assert_proofs(&job, &done);
        assert_eq!(spans.len() as u64, tasks);
        let last_start = spans.iter().map(|span| span.start_ns).max();
        let first_finish = spans.iter().map(|span| span.finish_ns).min();
        assert!(last_start <= first_finish, "{runtime} {tasks}: {spans:?}");
    }
}

#[test]
fn a_pool_runs_more_tasks_than_it_has_workers() {
    for workload in [Workload::Sleep, Workload::Spawn] {
        let job = Job { workers: 2, ..job("thread-pool", workload, 7) };
        assert_proofs(&job, &Runner::start(RUNNER).serve(&job));
    }
}

#[test]
fn a_smaller_stack_does() {
    for runtime in RUNTIMES {
        let mut job = job(runtime, Workload::Hold, 3);
        job.params.insert("stack_bytes".into(), 16 * 1024);
        assert_proofs(&job, &Runner::start(RUNNER).serve(&job));
    }
}

#[test]
fn the_counted_twin_counts_what_the_tasks_allocate() {
    for runtime in RUNTIMES {
        let tasks = 100;
        let job = job(runtime, Workload::Spawn, tasks);
        let done = Runner::start(COUNTED).serve(&job);
        assert_proofs(&job, &done);
        assert!(done.usage.allocations >= Some(tasks), "{runtime}: {:?}", done.usage);
        assert!(done.usage.allocated_bytes > Some(0), "{runtime}: {:?}", done.usage);
    }
}

#[test]
fn more_threads_than_the_kernel_would_map_are_refused_before_anything_runs() {
    let too_many = u64::MAX / 8;
    let held = job("threads", Workload::Hold, too_many);
    assert_refused(&held, "vm.max_map_count");
    let mut asleep_together = job("threads", Workload::Sleep, too_many);
    asleep_together.params.insert(DURATION_NS.into(), u64::MAX);
    assert_refused(&asleep_together, "vm.max_map_count");
    let pooled = Job { workers: u32::MAX, ..job("thread-pool", Workload::Spawn, 1) };
    assert_refused(&pooled, "vm.max_map_count");
}

#[test]
fn any_number_of_tasks_is_taken_on_that_are_over_before_the_next_ones_start() {
    for workload in [Workload::Sleep, Workload::Spawn] {
        assert_eq!(Runner::start(RUNNER).answer(&job("threads", workload, 100_000)), Event::Ready);
    }
}

#[test]
fn a_pool_refuses_to_hold_more_tasks_than_it_has_workers() {
    assert_refused(&Job { workers: 2, ..job("thread-pool", Workload::Hold, 3) }, "--workers 3");
}

#[test]
fn both_runtimes_describe_themselves_with_the_version_of_crossbeam_that_they_are_built_with() {
    let output = Command::new(RUNNER).arg("describe").output().expect("the runner starts");
    let description: Description = decode(&output.stdout).expect("one line of JSON");
    let names: Vec<_> = description.runtimes.iter().map(|runtime| runtime.name.as_str()).collect();
    assert_eq!(names, RUNTIMES);
    assert!(description.runtimes.iter().all(|runtime| runtime.version.starts_with("0.8.")));
}

fn cells() -> impl Iterator<Item = (&'static str, u64)> {
    RUNTIMES.into_iter().flat_map(|runtime| SIZES.map(|tasks| (runtime, tasks)))
}

fn job(runtime: &str, workload: Workload, tasks: u64) -> Job {
    Job {
        protocol: PROTOCOL,
        runtime: runtime.into(),
        workload: workload.name().into(),
        tasks,
        workers: if runtime == "thread-pool" { 512 } else { 1 },
        rounds: 1,
        params: Params::from([(DURATION_NS.into(), SLEEP_NS)]),
        seed: u64::MAX - 1,
        spans_file: None,
    }
}

fn assert_proofs(job: &Job, done: &Done) {
    assert_eq!(done.rounds.len(), job.rounds as usize);
    for round in &done.rounds {
        assert_eq!(round.completed, job.tasks, "{job:?}");
        assert_eq!(round.checksum, checksum(job.seed, job.tasks).to_string(), "{job:?}");
    }
}

fn assert_refused(job: &Job, reason: &str) {
    let answer = Runner::start(RUNNER).answer(job);
    let Event::Refused(refusal) = answer else { panic!("{job:?}: not refused but {answer:?}") };
    assert_eq!(refusal.status, Status::Unsupported);
    assert!(refusal.reason.contains(reason), "{}", refusal.reason);
}

/// A runner process, seen from the harness's end of its pipes.
struct Runner {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Runner {
    fn start(program: &str) -> Self {
        let mut process = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the runner starts");
        let input = process.stdin.take().expect("a pipe");
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { process, input, output }
    }

    fn serve(mut self, job: &Job) -> Done {
        self.say(&encode(job));
        let mut holding = 0;
        loop {
            match self.hear() {
                Event::Ready => {}
                Event::Holding => holding += 1,
                Event::Done(done) => {
                    let expected = if job.workload == Workload::Hold.name() { job.rounds } else { 0 };
                    assert_eq!(holding, expected, "{job:?}");
                    self.end();
                    return done;
                }
                Event::Refused(refusal) => panic!("{job:?} was refused: {refusal:?}"),
            }
            self.say(&format!("{GO}\n"));
        }
    }

    fn serve_with_spans(self, job: &Job) -> (Done, Vec<Span>) {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let path = file.path().to_str().expect("a path in UTF-8").to_owned();
        let done = self.serve(&Job { spans_file: Some(path.into()), ..job.clone() });
        let bytes = std::fs::read(file.path()).expect("the spans");
        (done, span::decode(&bytes).expect("whole spans"))
    }

    /// What it says to a job; then its input ends.
    fn answer(mut self, job: &Job) -> Event {
        self.say(&encode(job));
        let event = self.hear();
        self.end();
        event
    }

    fn say(&mut self, line: &str) {
        self.input.write_all(line.as_bytes()).expect("the runner reads");
    }

    fn hear(&mut self) -> Event {
        let mut line = Vec::new();
        self.output.read_until(b'\n', &mut line).expect("the runner answers");
        decode(&line).expect("an event")
    }

    fn end(mut self) {
        drop(self.input);
        assert!(self.process.wait().expect("the runner ends").success());
    }
}

//! One task after another: what a program without concurrency would take.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;

use runner::{About, Block, Job, Needs, Refusal, Round, Runtime, Tally, Workload, Workloads, workload};

use crate::blocks;

/// Runs each task to its end before the next. It cannot hold tasks alive together.
pub struct Sequential;

impl Runtime for Sequential {
    const ABOUT: About = About {
        blocks_worker: true,
        ..About::new("sequential", env!("CARGO_PKG_VERSION"), "one task after another on one thread")
            .single_worker()
            .baseline()
    };

    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, Self::sleep),
        (Workload::Spawn, Self::spawn),
        (Workload::Request, Self::request),
        (Workload::FileRead, Self::file_read),
        (Workload::Cpu, Self::cpu),
        (Workload::Blocking, Self::blocking),
    ];

    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::Hold, "a task ends before the next begins, so no two are ever alive at once"),
        (Workload::Yield, "a task that runs has no other to give way to"),
        (Workload::PingPong, "a task waits for its partner, which would begin only after it had ended"),
        (
            Workload::FanIn,
            "a producer waits for room in the channel, and its consumer would begin only after it had ended",
        ),
        (Workload::Skynet, "a task that waits for its children is a call: see the floor"),
        (Workload::Mutex, "a task that runs has no other to lock out: see the floor"),
        (
            Workload::Brigade,
            "a stage waits for the byte of its neighbour, which would begin only after it had ended",
        ),
        (
            Workload::Echo,
            "clients stay until the load ends, and the first would be served for as long as it stays",
        ),
        (Workload::Mixed, "a burner would begin only after the last heartbeat, and disturb none"),
    ];

    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] = &[(
        workload::CALL,
        workload::call::ESCAPE,
        "sequential has one thread, and none for a blocking call to escape to",
    )];

    const NEEDS: Needs = Needs { alive: |_, _| 1, ..Needs::DEFAULT };

    fn start(_: &Job) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl Sequential {
    fn sleep(_: &mut Self, round: &'static Round) -> Tally {
        (0..round.tasks())
            .map(|task| {
                round.begin(task);
                thread::sleep(round.sleep_for(task));
                round.finish(task)
            })
            .collect()
    }

    fn spawn(_: &mut Self, round: &'static Round) -> Tally {
        (0..round.tasks()).map(|task| black_box(round.token(black_box(task)))).collect()
    }

    fn request(_: &mut Self, round: &'static Round) -> Tally {
        let ask = |task| -> io::Result<u64> {
            let mut origin = TcpStream::connect(round.origin())?;
            origin.set_nodelay(true)?;
            origin.write_all(&round.token(task).to_le_bytes())?;
            let mut reply = [0; 8];
            origin.read_exact(&mut reply)?;
            Ok(u64::from_le_bytes(reply))
        };
        (0..round.tasks())
            .map(|task| {
                round.begin(task);
                let reply = ask(task).expect("the origin answers");
                round.finish(task);
                reply
            })
            .collect()
    }

    /// Each task has a handle of its own, as it would where tasks know nothing of one another.
    fn file_read(_: &mut Self, round: &'static Round) -> Tally {
        let mut block = Block::default();
        (0..round.tasks())
            .map(|task| {
                round.begin(task);
                let file = blocks::open(round).expect("the file of the job");
                let sum = blocks::read_one_by_one(task, round, &file, &mut block);
                round.finish(task);
                sum
            })
            .collect()
    }

    fn cpu(_: &mut Self, round: &'static Round) -> Tally {
        (0..round.tasks()).map(|task| round.compute(task)).collect()
    }

    fn blocking(_: &mut Self, round: &'static Round) -> Tally {
        (0..round.tasks()).map(|task| round.block(task)).collect()
    }
}

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
        (Workload::Hold, "each task ends before the next one starts, so no two are alive at once"),
        (Workload::Yield, "each task ends before the next one starts, so there is no other task to yield to"),
        (Workload::PingPong, "a task would wait forever: its partner starts only after the task has ended"),
        (Workload::FanIn, "a sender would wait forever: the receiver starts only after the sender has ended"),
        (Workload::Skynet, "a task that waits for its children is a function call: see the floor"),
        (Workload::Mutex, "with one task at a time, nobody competes for the lock: see the floor"),
        (
            Workload::Brigade,
            "a stage would wait forever: its neighbour starts only after the stage has ended",
        ),
        (Workload::Echo, "clients stay connected until the load ends, so only the first one would be served"),
        (Workload::Mixed, "a burner starts only after the last heartbeat, so it delays none"),
    ];

    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] = &[(
        workload::CALL,
        workload::call::ESCAPE,
        "sequential has only one thread, so a blocking call has no other thread to run on",
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

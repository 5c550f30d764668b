//! The workloads, written as with any other runtime. Roots join their tasks in the order in which
//! they spawned them.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;

use runner::workload::{BURNERS, SLICES};
use runner::{Round, Tally, skynet_children};

use crate::executor::channel::bounded;
use crate::executor::timer::sleep as wait;
use crate::executor::{Gate, JoinHandle, spawn, yield_now};

async fn join(tasks: Vec<JoinHandle<u64>>) -> Tally {
    let mut tally = Tally::default();
    for task in tasks {
        tally.add(task.await);
    }
    tally
}

/// Spawns tasks that sleep, and joins them.
pub async fn sleep(round: &'static Round) -> Tally {
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        tasks.push(spawn(async move {
            round.begin(task);
            wait(round.sleep_for(task)).await;
            round.finish(task)
        }));
    }
    join(tasks).await
}

/// Spawns tasks that do nothing, and joins them.
pub async fn spawn_all(round: &'static Round) -> Tally {
    let tokens = (0..round.tasks()).map(|task| round.token(task));
    join(tokens.map(|token| spawn(async move { black_box(token) })).collect()).await
}

/// Spawns tasks that wait to be released, and returns them when all of them wait.
pub async fn hold(round: &'static Round) -> Held {
    let (release, all_arrived) = (Rc::new(Gate::default()), Rc::new(Gate::default()));
    let arrived = Rc::new(Cell::new(0));
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let (release, all_arrived, arrived) =
            (Rc::clone(&release), Rc::clone(&all_arrived), Rc::clone(&arrived));
        tasks.push(spawn(async move {
            round.begin(task);
            arrived.set(arrived.get() + 1);
            if arrived.get() == round.tasks() {
                all_arrived.open();
            }
            release.pass().await;
            round.finish(task)
        }));
    }
    all_arrived.pass().await;
    Held { release, tasks }
}

/// Tasks that are alive at once.
pub struct Held {
    release: Rc<Gate>,
    tasks: Vec<JoinHandle<u64>>,
}

impl Held {
    /// Lets them go, and joins them.
    pub async fn release(self) -> Tally {
        self.release.open();
        join(self.tasks).await
    }
}

/// Spawns tasks that yield again and again, and joins them.
pub async fn yields(round: &'static Round) -> Tally {
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        tasks.push(spawn(async move {
            let mut yields = 0;
            for _ in 0..round.times() {
                yield_now().await;
                yields += 1;
            }
            round.token(task).wrapping_add(yields)
        }));
    }
    join(tasks).await
}

/// Spawns pairs of tasks that pass a ball there and back, and joins them.
pub async fn ping_pong(round: &'static Round) -> Tally {
    let mut tasks = Vec::with_capacity(round.task_count());
    for pair in 0..round.tasks() / 2 {
        let (to_second, mut from_first) = bounded::<u64>(1);
        let (to_first, mut from_second) = bounded::<u64>(1);
        tasks.push(spawn(async move {
            let mut ball = round.token(pair);
            for _ in 0..round.times() {
                to_second.send(ball).await;
                ball = from_second.recv().await.expect("the second sends as often").wrapping_add(1);
            }
            ball
        }));
        tasks.push(spawn(async move {
            let mut ball = 0;
            for _ in 0..round.times() {
                ball = from_first.recv().await.expect("the first sends as often").wrapping_add(1);
                to_first.send(ball).await;
            }
            ball
        }));
    }
    join(tasks).await
}

/// Spawns one receiver and the tasks that send to it, and joins them all.
pub async fn fan_in(round: &'static Round) -> Tally {
    let (sender, mut receiver) = bounded(round.capacity());
    let consumer = spawn(async move {
        let mut sum = 0u64;
        while let Some(message) = receiver.recv().await {
            sum = sum.wrapping_add(message);
        }
        sum
    });
    let mut producers = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let sender = sender.clone();
        producers.push(spawn(async move {
            let token = round.token(task);
            for nth in 0..round.times() {
                sender.send(token.wrapping_add(nth)).await;
            }
            token
        }));
    }
    // The channel closes when the last sender is gone: that must not be this one.
    drop(sender);
    let mut tally = join(producers).await;
    tally.include(consumer.await);
    tally
}

/// The root of the tree is the root task itself.
pub async fn skynet(round: &'static Round) -> Tally {
    node(round, 0, round.tasks()).await
}

/// A leaf gives its token; any other node spawns its children and adds up what they return.
async fn node(round: &'static Round, first: u64, leaves: u64) -> Tally {
    let children = skynet_children(first, leaves);
    if children.len() == 0 {
        return Tally { completed: 1, checksum: round.token(first) };
    }
    let tasks: Vec<JoinHandle<Tally>> =
        children.map(|(first, leaves)| spawn(node(round, first, leaves))).collect();
    let mut tally = Tally { completed: 1, checksum: 0 };
    for task in tasks {
        tally += task.await;
    }
    tally
}

/// Spawns tasks that compute, and joins them: one after another, as there is one thread.
pub async fn cpu(round: &'static Round) -> Tally {
    let tasks = (0..round.tasks()).map(|task| spawn(async move { round.compute(task) }));
    join(tasks.collect()).await
}

/// Spawns heartbeats and, after them, burners, and joins them all.
pub async fn mixed(round: &'static Round) -> Tally {
    let mut tasks = Vec::with_capacity(round.task_count());
    tasks.extend((0..round.tasks()).map(|task| spawn(heartbeat(round, task))));
    tasks.extend((0..round.param(BURNERS)).map(|burner| spawn(burn(round, burner))));
    join(tasks).await
}

async fn heartbeat(round: &Round, task: u64) -> u64 {
    let mut sum = 0u64;
    for beat in round.beats(task) {
        round.begin(beat);
        wait(round.duration()).await;
        sum = sum.wrapping_add(round.finish(beat));
    }
    sum
}

async fn burn(round: &Round, burner: u64) -> u64 {
    let yields = round.burners_yield();
    let mut burnt = 0;
    for _ in 0..round.param(SLICES) {
        round.burn_slice();
        burnt += 1;
        if yields {
            yield_now().await;
        }
    }
    round.burner_token(burner).wrapping_add(burnt)
}

/// Spawns tasks that each make a call that blocks the only thread there is, and joins them.
pub async fn blocking(round: &'static Round) -> Tally {
    let tasks = (0..round.tasks()).map(|task| spawn(async move { round.block(task) }));
    join(tasks.collect()).await
}

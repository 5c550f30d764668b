//! Tasks that keep a thread busy: `cpu`, `mixed` and `blocking`.

use std::time::Duration;

use glommio::{Latency, Shares, executor, timer};
use runner::executors::Share;
use runner::workload::{BURNERS, SLICES};
use runner::{Round, Tally};

use super::join::join;

/// Tasks that compute. Each has ended when `spawn_local` returns.
pub async fn cpu(share: Share) -> Tally {
    let round = share.round;
    let tasks = share.tasks().map(|task| glommio::spawn_local(async move { round.compute(task) }));
    join(tasks.collect()).await
}

/// How long other queues may run, at most, while heartbeats are ready to.
const HEARTBEAT_LATENCY: Duration = Duration::from_millis(1);
/// How long a lost wake-up can last; glommio's default preemption timer.
const WATCH: Duration = Duration::from_millis(100);

/// Heartbeats beside burners, in a task queue each. The queue of the heartbeats is declared as one
/// to which latency matters. glommio respects that while one of them is ready to run; while all
/// sleep, it asks a burner to yield every 100 ms, as it does without.
///
/// A task that is spawned into another queue does not run at once. So the heartbeats begin before
/// the burners; otherwise it could not be seen how the burners delay them.
pub async fn mixed(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let latency = Latency::Matters(HEARTBEAT_LATENCY);
    let heartbeats = executor().create_task_queue(Shares::default(), latency, "heartbeats");
    let burners = executor().create_task_queue(Shares::default(), Latency::NotImportant, "burners");
    // glommio 0.9.0 parks an executor that is preempted before it has run anything, though tasks
    // are ready, and without a timer it never wakes. At 1 ms this happens in one of some thousand
    // rounds, more often under load.
    let watch = glommio::spawn_local(async {
        loop {
            timer::sleep(WATCH).await;
        }
    });
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        let handle = glommio::spawn_local_into(heartbeat(round, task), heartbeats);
        handles.push(handle.expect("a queue that exists"));
    }
    for burner in share.deal(0..round.param(BURNERS)) {
        let handle = glommio::spawn_local_into(burn(round, burner), burners);
        handles.push(handle.expect("a queue that exists"));
    }
    let tally = join(handles).await;
    watch.cancel().await;
    tally
}

async fn heartbeat(round: &'static Round, task: u64) -> u64 {
    let mut sum = 0u64;
    for beat in round.beats(task) {
        round.begin(beat);
        timer::sleep(round.duration()).await;
        sum = sum.wrapping_add(round.finish(beat));
    }
    sum
}

/// Yields with `yield_if_needed`, which costs almost nothing while no other task is due: "the
/// central mechanism of task cooperation in Glommio", which its documentation prefers to
/// unconditional yields.
async fn burn(round: &'static Round, burner: u64) -> u64 {
    let (slices, yields) = (round.param(SLICES), round.burners_yield());
    let mut burnt = 0;
    for _ in 0..slices {
        round.burn_slice();
        burnt += 1;
        if yields {
            glommio::yield_if_needed().await;
        }
    }
    round.burner_token(burner).wrapping_add(burnt)
}

/// Tasks that block, on the executor's thread or through `spawn_blocking`, for which an executor
/// has one thread by default.
pub async fn blocking(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let escapes = round.calls_escape();
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(glommio::spawn_local(async move {
            if escapes {
                executor().spawn_blocking(move || round.block(task)).await
            } else {
                round.block(task)
            }
        }));
    }
    join(handles).await
}

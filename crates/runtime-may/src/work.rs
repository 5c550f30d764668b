//! `cpu`, `mixed` and `blocking`: coroutines that keep their worker.

use may::coroutine;
use may::go;
use runner::workload::{BURNERS, SLICES};
use runner::{Round, Tally};

use crate::joining::{join_all, start_all_then_join};

pub(crate) fn cpu(round: &'static Round) -> Tally {
    join_all((0..round.tasks()).map(|task| go!(move || { round.compute(task) })))
}

/// After its first sleep a heartbeat stays on the timer thread: it does nothing there but sleep
/// again. So no beat after the first waits for a worker, whatever the burners do. It waits for a
/// CPU.
pub(crate) fn mixed(round: &'static Round) -> Tally {
    let (burners, slices) = (round.param(BURNERS), round.param(SLICES));
    let yields = round.burners_yield();
    let heartbeats = (0..round.tasks()).map(|task| go!(move || beat(round, task)));
    let burners = (0..burners).map(|burner| go!(move || burn(round, burner, slices, yields)));
    start_all_then_join(heartbeats.chain(burners))
}

fn beat(round: &Round, task: u64) -> u64 {
    let mut sum = 0u64;
    for beat in round.beats(task) {
        round.begin(beat);
        coroutine::sleep(round.duration());
        sum = sum.wrapping_add(round.finish(beat));
    }
    sum
}

fn burn(round: &Round, burner: u64, slices: u64, yields: bool) -> u64 {
    let mut burnt = 0;
    for _ in 0..slices {
        round.burn_slice();
        burnt += 1;
        if yields {
            coroutine::yield_now();
        }
    }
    round.burner_token(burner).wrapping_add(burnt)
}

/// In the coroutine itself, which blocks its worker: may offers nothing else.
pub(crate) fn blocking(round: &'static Round) -> Tally {
    join_all((0..round.tasks()).map(|task| go!(move || { round.block(task) })))
}

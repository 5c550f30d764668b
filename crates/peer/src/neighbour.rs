//! A neighbour that disturbs: computes on every CPU for a while, is silent for a while, and so on.
//!
//! With it the lab shows what the order of trials is good for. Its phases are random, within
//! [`SHORTEST_MS`] and [`LONGEST_MS`], so that no schedule of trials can be in step with them.

use std::hint::spin_loop;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use protocol::proof::splitmix64;

/// The shortest phase, milliseconds.
pub const SHORTEST_MS: u64 = 50;
/// The longest phase, milliseconds.
pub const LONGEST_MS: u64 = 450;

/// Whether it is the time to disturb.
static LOUD: AtomicBool = AtomicBool::new(false);

/// Disturbs until its input ends, which it does at the latest when whoever started it has died.
///
/// # Errors
/// When the input cannot be read.
pub fn disturb(mut input: impl Read, cpus: usize, seed: u64) -> io::Result<()> {
    for _ in 0..cpus {
        thread::spawn(compute_when_loud);
    }
    thread::spawn(move || take_turns(seed));
    io::copy(&mut input, &mut io::sink()).map(drop)
}

fn compute_when_loud() {
    loop {
        while LOUD.load(Ordering::Relaxed) {
            spin_loop();
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn take_turns(seed: u64) {
    let mut state = seed;
    loop {
        state = splitmix64(state);
        thread::sleep(Duration::from_millis(SHORTEST_MS + state % (LONGEST_MS - SHORTEST_MS)));
        LOUD.fetch_xor(true, Ordering::Relaxed);
    }
}

//! A background load: computes on every CPU for a while, rests for a while, and so on.
//!
//! With it the lab measures what the order of trials is good for. The phases are of random length,
//! from [`SHORTEST_MS`] to [`LONGEST_MS`], so that no schedule of trials can be in step with them.

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

/// Whether the threads compute now.
static ACTIVE: AtomicBool = AtomicBool::new(false);

/// Loads the CPUs by turns until the input ends, which happens at the latest when the process that
/// started this one dies.
pub fn run(mut input: impl Read, cpus: usize, seed: u64) -> io::Result<()> {
    for _ in 0..cpus {
        thread::spawn(compute_while_active);
    }
    thread::spawn(move || alternate(seed));
    io::copy(&mut input, &mut io::sink()).map(drop)
}

fn compute_while_active() {
    loop {
        while ACTIVE.load(Ordering::Relaxed) {
            spin_loop();
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn alternate(seed: u64) {
    let mut state = seed;
    loop {
        state = splitmix64(state);
        thread::sleep(Duration::from_millis(SHORTEST_MS + state % (LONGEST_MS - SHORTEST_MS)));
        ACTIVE.fetch_xor(true, Ordering::Relaxed);
    }
}

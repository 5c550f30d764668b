//! Kills at random moments, over every runtime that works here and by every signal: of the lab, of runners and of peers.
//! Nothing is lost, nothing stands twice, nothing is left running, and nobody is blamed for the end of another.
//!
//! `make kills KILLS=1000` does it for long. A failure says which scenario it was, and `make kills SEED=7 SCENARIO=12`
//! repeats that one: the moments are the same each time; where the processes are by then is not.

#![allow(missing_docs)]

mod guests;
mod here;
mod lab;
mod processes;
mod random;
mod rows;
mod scenario;
mod tally;
mod victim;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use here::Runtime;
use processes::names_in;
use protocol::proof::splitmix64;
use random::Random;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use scenario::Scenario;
use tally::Tally;
use victim::Victim;

/// How often something is killed unless KILLS says it: little, as every test run does it.
const KILLS: u64 = 24;

/// How many runtimes a run has.
const RUNTIMES: usize = 4;

/// The most guests of one run that are killed.
const GUESTS: u64 = 12;

/// After how many scenarios in which something does not hold it is enough.
const MOST_BROKEN: usize = 10;

/// Which runtimes and workloads each scenario has.
struct Deck {
    runtimes: Vec<Runtime>,
    seed: u64,
}

impl Deck {
    /// The runtimes in an order of chance: each has its turn before one has a second.
    fn new(runtimes: Vec<Runtime>, seed: u64) -> Self {
        Self { runtimes: Random::new(seed).shuffled(runtimes), seed }
    }

    /// The scenario of this number: a workload of each of its runtimes, on all of them.
    fn scenario(&self, number: u64) -> Scenario {
        let seed = splitmix64(self.seed ^ splitmix64(number));
        let (victim, turn) = Victim::of(number);
        let able = self.runtimes.iter().filter(|runtime| !runtime.workloads_with(victim).is_empty());
        let first = usize::try_from(turn).unwrap() * RUNTIMES;
        let runtimes: Vec<Runtime> = able.cycle().skip(first).take(RUNTIMES).cloned().collect();
        let mut random = Random::new(!seed);
        let workloads = runtimes.iter().map(|runtime| random.one_of(&runtime.workloads_with(victim)));
        let name = format!("make kills SEED={} SCENARIO={number}", self.seed);
        let workloads = workloads.collect();
        Scenario::new(name, seed, &runtimes, &workloads)
    }

    /// Plays one scenario, in which at most so many are killed.
    fn play(&self, number: u64, most: u64, tally: &mut Tally) {
        let mut scenario = self.scenario(number);
        match Victim::of(number).0 {
            Victim::Lab => lab::kill(&mut scenario, most, tally),
            guest => guests::kill(&mut scenario, guest, most.min(GUESTS), tally),
        }
    }

    /// Plays scenarios until so many are killed; one in which something does not hold is noted, and the next is played.
    fn play_all(&self, kills: u64) -> Tally {
        let mut tally = Tally::default();
        let left = |victim: Victim, tally: &Tally| victim.share(kills).saturating_sub(tally.of(victim));
        for number in 0.. {
            let victim = Victim::of(number).0;
            if tally.broken.len() >= MOST_BROKEN || Victim::ALL.iter().all(|it| left(*it, &tally) == 0) {
                break;
            }
            let most = left(victim, &tally);
            let play = || self.play(number, most, &mut tally);
            if most > 0 && catch_unwind(AssertUnwindSafe(play)).is_err() {
                tally.broken.push(number);
            }
        }
        tally
    }
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok().filter(|value| !value.is_empty())?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name}={value}: give a number")))
}

fn write_no_core_files() {
    let limit = getrlimit(Resource::Core);
    setrlimit(Resource::Core, Rlimit { current: Some(0), ..limit }).unwrap();
}

#[test]
fn nothing_is_lost_doubled_or_left_running_whoever_is_killed() {
    write_no_core_files();
    let (kills, seed) = (number("KILLS").unwrap_or(KILLS), number("SEED").unwrap_or(7));
    let deck = Deck::new(here::runtimes(), seed);
    println!("{} runtimes work here; seed {seed}", deck.runtimes.len());
    let runners = here::root().join("runners");
    let (before, began) = (names_in(&runners), Instant::now());
    let tally = if let Some(scenario) = number("SCENARIO") {
        let mut tally = Tally::default();
        deck.play(scenario, u64::MAX, &mut tally);
        tally
    } else {
        deck.play_all(kills)
    };
    print!("{tally}");
    println!("{} kills took {} s", tally.all(), began.elapsed().as_secs());
    assert_eq!(tally.broken, [0; 0], "in these scenarios something does not hold");
    assert_eq!(names_in(&runners), before, "files are left in the folders of runners");
}

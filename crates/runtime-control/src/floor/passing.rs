//! Tasks that interact, all played by one thread: what remains is the arithmetic by which a round
//! proves its work, hidden from the optimiser.

use std::hint::black_box;

use runner::{Round, Tally, skynet_children};

/// A yield is a count: there is no other task to yield to.
pub fn yields(round: &'static Round) -> Tally {
    let task = |task| {
        let mut yields = 0;
        for _ in 0..round.times() {
            yields = black_box(yields + 1);
        }
        round.token(task).wrapping_add(yields)
    };
    (0..round.tasks()).map(task).collect()
}

/// A hop is a call, with the ball as its argument and its result.
pub fn ping_pong(round: &'static Round) -> Tally {
    #[inline(never)]
    fn hop(ball: u64) -> u64 {
        ball.wrapping_add(1)
    }

    let mut tally = Tally::default();
    for pair in 0..round.tasks() / 2 {
        let (mut first, mut second) = (round.token(pair), 0);
        for _ in 0..round.times() {
            second = hop(black_box(first));
            first = hop(black_box(second));
        }
        tally.add(first);
        tally.add(second);
    }
    tally
}

/// The channel is a list as long as the channel's capacity, which is added up whenever it is full.
pub fn fan_in(round: &'static Round) -> Tally {
    let messages = round.tasks().saturating_mul(round.times());
    let capacity = usize::try_from(messages).map_or(round.capacity(), |all| all.min(round.capacity()));
    let mut channel: Vec<u64> = Vec::with_capacity(capacity);
    let mut tally = Tally::default();
    for task in 0..round.tasks() {
        for message in 0..round.times() {
            if channel.len() == capacity {
                receive_all(&mut channel, &mut tally);
            }
            channel.push(round.token(task).wrapping_add(message));
        }
        tally.add(round.token(task));
    }
    receive_all(&mut channel, &mut tally);
    tally
}

fn receive_all(channel: &mut Vec<u64>, tally: &mut Tally) {
    black_box(&mut *channel).drain(..).for_each(|message| tally.include(message));
}

/// A task is a call, and the tree of tasks a recursion.
pub fn skynet(round: &'static Round) -> Tally {
    node(round, 0, round.tasks())
}

fn node(round: &Round, first: u64, leaves: u64) -> Tally {
    let children = skynet_children(first, leaves);
    if children.len() == 0 {
        return Tally { completed: 1, checksum: black_box(round.token(first)) };
    }
    let mut tally: Tally = children.map(|(first, leaves)| node(round, first, leaves)).sum();
    tally.completed += 1;
    tally
}

/// No other thread uses the counter, so there is no lock; and nothing to yield to, so that with and
/// without a yield it is the same.
pub fn mutex(round: &'static Round) -> Tally {
    let mut counter = 0;
    let mut tally = Tally::default();
    for task in 0..round.tasks() {
        round.begin(task);
        for _ in 0..round.times() {
            counter = black_box(counter + 1);
        }
        tally.add(round.finish(task));
    }
    tally.include(counter);
    tally
}

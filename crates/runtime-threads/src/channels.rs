//! The channels through which threads pass messages: crossbeam's, and two of the standard library
//! alone.
//!
//! A hop between two threads is the kernel's work only if the channel leaves it to the kernel.
//! crossbeam's looks again for a while, and calls `sched_yield(2)`, before it sleeps; so does that
//! of `std::sync::mpsc`, which is made of the same code. [`Condvars`] sleeps at once.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, mpsc};

/// A channel with room for a number of messages, many senders and one receiver.
pub trait Channel: 'static {
    /// The end that threads send from.
    type Sender: Clone + Send;
    /// The end that one thread receives at.
    type Receiver: Send;

    /// A channel for so many messages, at least one.
    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver);

    /// Sends a message, and waits as long as there is no room for it. The receiver is still there.
    fn send(sender: &Self::Sender, message: u64);

    /// Waits for a message; none comes any more when all senders are gone.
    fn receive(receiver: &Self::Receiver) -> Option<u64>;
}

const RECEIVER: &str = "the receiver stays until the last message";
const NOT_POISONED: &str = "no task panics with the lock";

/// `crossbeam::channel`.
pub struct Crossbeam;

impl Channel for Crossbeam {
    type Sender = crossbeam::channel::Sender<u64>;
    type Receiver = crossbeam::channel::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        crossbeam::channel::bounded(capacity)
    }

    #[inline]
    fn send(sender: &Self::Sender, message: u64) {
        sender.send(message).expect(RECEIVER);
    }

    #[inline]
    fn receive(receiver: &Self::Receiver) -> Option<u64> {
        receiver.recv().ok()
    }
}

/// `std::sync::mpsc::sync_channel`.
pub struct Std;

impl Channel for Std {
    type Sender = mpsc::SyncSender<u64>;
    type Receiver = mpsc::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Sender, Self::Receiver) {
        mpsc::sync_channel(capacity)
    }

    #[inline]
    fn send(sender: &Self::Sender, message: u64) {
        sender.send(message).expect(RECEIVER);
    }

    #[inline]
    fn receive(receiver: &Self::Receiver) -> Option<u64> {
        receiver.recv().ok()
    }
}

/// A queue under a lock and two condition variables, as in a textbook. The lock is held for no longer
/// than it takes to add or take one message.
pub struct Condvars;

impl Channel for Condvars {
    type Sender = Sender;
    type Receiver = Receiver;

    fn bounded(capacity: usize) -> (Sender, Receiver) {
        let shared = Arc::new(Shared {
            capacity,
            queue: Mutex::new(Queue { messages: VecDeque::new(), senders: 1 }),
            not_empty: Condvar::new(),
            not_full: Condvar::new(),
        });
        (Sender(Arc::clone(&shared)), Receiver(shared))
    }

    fn send(Sender(shared): &Sender, message: u64) {
        let full = |queue: &mut Queue| queue.messages.len() == shared.capacity;
        let mut queue = shared.not_full.wait_while(shared.lock(), full).expect(NOT_POISONED);
        queue.messages.push_back(message);
        drop(queue);
        shared.not_empty.notify_one();
    }

    fn receive(Receiver(shared): &Receiver) -> Option<u64> {
        let nothing_yet = |queue: &mut Queue| queue.messages.is_empty() && queue.senders > 0;
        let mut queue = shared.not_empty.wait_while(shared.lock(), nothing_yet).expect(NOT_POISONED);
        let message = queue.messages.pop_front();
        drop(queue);
        shared.not_full.notify_one();
        message
    }
}

/// A sending end of [`Condvars`].
pub struct Sender(Arc<Shared>);

/// The receiving end of [`Condvars`].
pub struct Receiver(Arc<Shared>);

/// What the ends of a channel share.
pub struct Shared {
    capacity: usize,
    queue: Mutex<Queue>,
    not_empty: Condvar,
    not_full: Condvar,
}

struct Queue {
    messages: VecDeque<u64>,
    senders: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect(NOT_POISONED)
    }
}

impl Clone for Sender {
    fn clone(&self) -> Self {
        self.0.lock().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.senders -= 1;
        if queue.senders == 0 {
            drop(queue);
            self.0.not_empty.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Two senders of a hundred messages each, and what comes out.
    fn pass<C: Channel>(capacity: usize) -> Vec<u64> {
        let (sender, receiver) = C::bounded(capacity);
        thread::scope(|scope| {
            for first in [0, 100] {
                let sender = sender.clone();
                scope.spawn(move || (first..first + 100).for_each(|message| C::send(&sender, message)));
            }
            drop(sender);
            let mut messages: Vec<_> = std::iter::from_fn(|| C::receive(&receiver)).collect();
            messages.sort_unstable();
            messages
        })
    }

    #[test]
    fn every_channel_gives_each_message_once_and_ends_with_its_last_sender() {
        let all: Vec<u64> = (0..200).collect();
        for capacity in [1, 7, 1000] {
            assert_eq!(pass::<Crossbeam>(capacity), all);
            assert_eq!(pass::<Std>(capacity), all);
            assert_eq!(pass::<Condvars>(capacity), all);
        }
    }
}

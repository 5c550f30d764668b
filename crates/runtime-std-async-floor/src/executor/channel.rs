//! A channel of limited capacity from many tasks to one.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// The end that sends; there may be many. The channel is closed when the last one is dropped.
pub struct Sender<T>(Rc<RefCell<Channel<T>>>);

/// The end that receives. It has to outlive the senders, which do not notice when it is dropped.
pub struct Receiver<T>(Rc<RefCell<Channel<T>>>);

struct Channel<T> {
    messages: VecDeque<T>,
    capacity: usize,
    senders: usize,
    /// Who waits for room, the first one first.
    waiting_for_room: VecDeque<Waker>,
    /// Who waits for a message.
    waiting_for_message: Option<Waker>,
}

/// A channel in which so many messages find room, at least one.
pub fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let channel = Rc::new(RefCell::new(Channel {
        messages: VecDeque::with_capacity(capacity),
        capacity: capacity.max(1),
        senders: 1,
        waiting_for_room: VecDeque::new(),
        waiting_for_message: None,
    }));
    (Sender(Rc::clone(&channel)), Receiver(channel))
}

impl<T> Sender<T> {
    /// Sends a message, when there is room for it.
    pub async fn send(&self, message: T) {
        let mut message = Some(message);
        poll_fn(|context| {
            let mut channel = self.0.borrow_mut();
            if channel.messages.len() == channel.capacity {
                channel.waiting_for_room.push_back(context.waker().clone());
                return Poll::Pending;
            }
            channel.messages.extend(message.take());
            channel.wake_receiver();
            Poll::Ready(())
        })
        .await;
    }
}

impl<T> Receiver<T> {
    /// The next message; `None` when all have been received and there are no senders left.
    pub async fn recv(&mut self) -> Option<T> {
        poll_fn(|context| {
            let mut channel = self.0.borrow_mut();
            let message = channel.messages.pop_front();
            if message.is_some() {
                // One message makes room for one. If another sender is quicker, this one waits
                // again.
                if let Some(sender) = channel.waiting_for_room.pop_front() {
                    sender.wake();
                }
            } else if channel.senders > 0 {
                channel.waiting_for_message = Some(context.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(message)
        })
        .await
    }
}

impl<T> Channel<T> {
    fn wake_receiver(&mut self) {
        if let Some(receiver) = self.waiting_for_message.take() {
            receiver.wake();
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.borrow_mut().senders += 1;
        Self(Rc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut channel = self.0.borrow_mut();
        channel.senders -= 1;
        if channel.senders == 0 {
            channel.wake_receiver();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scheduler::{block_on, spawn, yield_now};
    use super::*;

    #[test]
    fn messages_arrive_in_order_and_then_the_end() {
        let (sender, mut receiver) = bounded(2);
        let messages = block_on(async move {
            let producer = spawn(async move {
                for message in 0..5 {
                    sender.send(message).await;
                }
            });
            let mut messages = Vec::new();
            while let Some(message) = receiver.recv().await {
                messages.push(message);
            }
            producer.await;
            messages
        });
        assert_eq!(messages, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn who_finds_no_room_waits_for_it() {
        let (sender, mut receiver) = bounded(1);
        block_on(async move {
            let producer = spawn(async move {
                sender.send('a').await;
                sender.send('b').await;
            });
            yield_now().await;
            assert_eq!(receiver.0.borrow().messages.len(), 1);
            assert_eq!(receiver.recv().await, Some('a'));
            assert_eq!(receiver.recv().await, Some('b'));
            producer.await;
        });
    }
}

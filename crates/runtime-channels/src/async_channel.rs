//! async-channel: smol's channel, a queue without a lock, and lists of those who wait.
//!
//! It has no row on threads: its blocking calls are there "for use in a synchronous context", at the border of an
//! async program.

use runner::About;

use crate::channels::{AsyncChannels, AsyncReceiver, AsyncSender, RECEIVED, on_tokio};

/// The channels of async-channel.
pub struct AsyncChannel;

impl AsyncChannels for AsyncChannel {
    const ON_TOKIO: About = on_tokio(
        "tokio-async-channel",
        runner::locked_version!("async-channel"),
        "tokio's tasks, channels of async-channel",
    );

    fn pair() -> (impl AsyncSender, impl AsyncReceiver) {
        async_channel::bounded(1)
    }

    fn fan_in(capacity: usize) -> (impl AsyncSender + Clone, impl AsyncReceiver) {
        async_channel::bounded(capacity)
    }
}

impl AsyncSender for async_channel::Sender<u64> {
    async fn send(&mut self, message: u64) {
        async_channel::Sender::send(self, message).await.expect(RECEIVED);
    }
}

impl AsyncReceiver for async_channel::Receiver<u64> {
    async fn recv(&mut self) -> Option<u64> {
        async_channel::Receiver::recv(self).await.ok()
    }
}

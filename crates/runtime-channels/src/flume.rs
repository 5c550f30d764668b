//! flume: a queue behind one lock of std, the same for tasks and threads.

use runner::About;

use crate::channels::{
    AsyncChannels, AsyncReceiver, AsyncSender, BlockingChannels, BlockingReceiver, BlockingSender, RECEIVED,
    on_threads, on_tokio,
};
use crate::version::version;

/// flume's channels.
pub struct Flume;

const VERSION: &str = version!("flume");

impl AsyncChannels for Flume {
    const ON_TOKIO: About = on_tokio("tokio-flume", VERSION, "tokio's tasks, flume's channels");

    fn pair() -> (impl AsyncSender, impl AsyncReceiver) {
        flume::bounded(1)
    }

    fn fan_in(capacity: usize) -> (impl AsyncSender + Clone, impl AsyncReceiver) {
        flume::bounded(capacity)
    }
}

impl AsyncSender for flume::Sender<u64> {
    async fn send(&mut self, message: u64) {
        self.send_async(message).await.expect(RECEIVED);
    }
}

impl AsyncReceiver for flume::Receiver<u64> {
    async fn recv(&mut self) -> Option<u64> {
        self.recv_async().await.ok()
    }
}

impl BlockingChannels for Flume {
    const ON_THREADS: About =
        on_threads("threads-flume", VERSION, "one OS thread per task, flume's channels");

    fn pair() -> (impl BlockingSender, impl BlockingReceiver) {
        flume::bounded(1)
    }

    fn fan_in(capacity: usize) -> (impl BlockingSender + Clone, impl BlockingReceiver) {
        flume::bounded(capacity)
    }
}

impl BlockingSender for flume::Sender<u64> {
    fn send(&mut self, message: u64) {
        flume::Sender::send(self, message).expect(RECEIVED);
    }
}

impl BlockingReceiver for flume::Receiver<u64> {
    fn recv(&mut self) -> Option<u64> {
        flume::Receiver::recv(self).ok()
    }
}

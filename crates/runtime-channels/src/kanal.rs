//! kanal: a queue behind a lock of its own. A message of the size of a pointer is handed to a receiver that waits
//! without going through the queue.

use runner::{About, Workload};

use crate::channels::{
    AsyncChannels, AsyncReceiver, AsyncSender, BlockingChannels, BlockingReceiver, BlockingSender, RECEIVED,
    on_threads, on_tokio,
};

/// kanal's channels.
pub struct Kanal;

const VERSION: &str = runner::locked_version!("kanal");

const YIELDS_FIRST: &str = "a waiting thread calls sched_yield up to 256 times before it sleeps";

impl AsyncChannels for Kanal {
    const ON_TOKIO: About = on_tokio("tokio-kanal", VERSION, "tokio's tasks, kanal's channels");

    fn pair() -> (impl AsyncSender, impl AsyncReceiver) {
        kanal::bounded_async(1)
    }

    fn fan_in(capacity: usize) -> (impl AsyncSender + Clone, impl AsyncReceiver) {
        kanal::bounded_async(capacity)
    }
}

impl AsyncSender for kanal::AsyncSender<u64> {
    async fn send(&mut self, message: u64) {
        kanal::AsyncSender::send(self, message).await.expect(RECEIVED);
    }
}

impl AsyncReceiver for kanal::AsyncReceiver<u64> {
    async fn recv(&mut self) -> Option<u64> {
        kanal::AsyncReceiver::recv(self).await.ok()
    }
}

impl BlockingChannels for Kanal {
    const ON_THREADS: About =
        on_threads("threads-kanal", VERSION, "one OS thread per task, kanal's channels");
    const CAVEATS: &'static [(Workload, &'static str)] =
        &[(Workload::PingPong, YIELDS_FIRST), (Workload::FanIn, YIELDS_FIRST)];

    fn pair() -> (impl BlockingSender, impl BlockingReceiver) {
        kanal::bounded(1)
    }

    fn fan_in(capacity: usize) -> (impl BlockingSender + Clone, impl BlockingReceiver) {
        kanal::bounded(capacity)
    }
}

impl BlockingSender for kanal::Sender<u64> {
    fn send(&mut self, message: u64) {
        kanal::Sender::send(self, message).expect(RECEIVED);
    }
}

impl BlockingReceiver for kanal::Receiver<u64> {
    fn recv(&mut self) -> Option<u64> {
        kanal::Receiver::recv(self).ok()
    }
}

//! crossfire: a ring without a lock, one for each pattern. A pair has that of one sender and one receiver, `fan-in`
//! that of many senders and one receiver.

use crossfire::{AsyncRx, AsyncTx, MAsyncTx, MTx, Rx, Tx, detect_backoff_cfg, mpsc, spsc};
use runner::{About, Workload};

use crate::channels::{
    AsyncChannels, AsyncReceiver, AsyncSender, BlockingChannels, BlockingReceiver, BlockingSender, RECEIVED,
    on_threads, on_tokio,
};

/// crossfire's channels.
pub struct Crossfire;

const VERSION: &str = runner::locked_version!("crossfire");

const TASK_SPINS: &str = "a task spins on its worker for a moment before it waits";
const THREAD_SPINS: &str = "a waiting thread spins and calls sched_yield before it sleeps";

impl AsyncChannels for Crossfire {
    const ON_TOKIO: About = on_tokio("tokio-crossfire", VERSION, "tokio's tasks, crossfire's channels");
    const CAVEATS: &'static [(Workload, &'static str)] = &[(Workload::PingPong, TASK_SPINS)];

    /// Turns spinning off where there is one CPU. Its README says to call it.
    fn prepare() {
        detect_backoff_cfg();
    }

    fn pair() -> (impl AsyncSender, impl AsyncReceiver) {
        spsc::bounded_async(1)
    }

    fn fan_in(capacity: usize) -> (impl AsyncSender + Clone, impl AsyncReceiver) {
        mpsc::bounded_async(capacity)
    }
}

impl AsyncSender for AsyncTx<spsc::Array<u64>> {
    async fn send(&mut self, message: u64) {
        AsyncTx::send(self, message).await.expect(RECEIVED);
    }
}

impl AsyncSender for MAsyncTx<mpsc::Array<u64>> {
    async fn send(&mut self, message: u64) {
        AsyncTx::send(self, message).await.expect(RECEIVED);
    }
}

impl AsyncReceiver for AsyncRx<spsc::Array<u64>> {
    async fn recv(&mut self) -> Option<u64> {
        AsyncRx::recv(self).await.ok()
    }
}

impl AsyncReceiver for AsyncRx<mpsc::Array<u64>> {
    async fn recv(&mut self) -> Option<u64> {
        AsyncRx::recv(self).await.ok()
    }
}

impl BlockingChannels for Crossfire {
    const ON_THREADS: About =
        on_threads("threads-crossfire", VERSION, "one OS thread per task, crossfire's channels");
    const CAVEATS: &'static [(Workload, &'static str)] =
        &[(Workload::PingPong, THREAD_SPINS), (Workload::FanIn, THREAD_SPINS)];

    /// As above; the CPUs are those that `workers` leaves to the process.
    fn prepare() {
        detect_backoff_cfg();
    }

    fn pair() -> (impl BlockingSender, impl BlockingReceiver) {
        spsc::bounded_blocking(1)
    }

    fn fan_in(capacity: usize) -> (impl BlockingSender + Clone, impl BlockingReceiver) {
        mpsc::bounded_blocking(capacity)
    }
}

impl BlockingSender for Tx<spsc::Array<u64>> {
    fn send(&mut self, message: u64) {
        Tx::send(self, message).expect(RECEIVED);
    }
}

impl BlockingSender for MTx<mpsc::Array<u64>> {
    fn send(&mut self, message: u64) {
        Tx::send(self, message).expect(RECEIVED);
    }
}

impl BlockingReceiver for Rx<spsc::Array<u64>> {
    fn recv(&mut self) -> Option<u64> {
        Rx::recv(self).ok()
    }
}

impl BlockingReceiver for Rx<mpsc::Array<u64>> {
    fn recv(&mut self) -> Option<u64> {
        Rx::recv(self).ok()
    }
}

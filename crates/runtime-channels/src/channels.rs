//! What a library of channels offers: channels for tasks that await, and for threads that block.
//!
//! Thin on purpose: each function is one call of the library's, and all is known when it is compiled.

use runner::{About, Workload};

/// Channels between tasks that await.
pub trait AsyncChannels: 'static {
    /// The row of this library's channels between tasks of tokio.
    const ON_TOKIO: About;

    /// What to say beside its figures.
    const CAVEATS: &'static [(Workload, &'static str)] = &[];

    /// What the library wants called once, before the first channel.
    fn prepare() {}

    /// A channel for one message between one sender and one receiver.
    fn pair() -> (impl AsyncSender, impl AsyncReceiver);

    /// A channel for `capacity` messages between many senders and one receiver.
    fn fan_in(capacity: usize) -> (impl AsyncSender + Clone, impl AsyncReceiver);
}

/// Where a task puts its messages.
pub trait AsyncSender: Send + 'static {
    /// Sends, and waits while the channel is full.
    fn send(&mut self, message: u64) -> impl Future<Output = ()> + Send;
}

/// Where a task takes its messages.
pub trait AsyncReceiver: Send + 'static {
    /// The next message; `None` when there is none and no sender is left.
    fn recv(&mut self) -> impl Future<Output = Option<u64>> + Send;
}

/// Channels between threads that block.
pub trait BlockingChannels: 'static {
    /// The row of this library's channels between OS threads.
    const ON_THREADS: About;

    /// What to say beside its figures.
    const CAVEATS: &'static [(Workload, &'static str)] = &[];

    /// What the library wants called once, before the first channel.
    fn prepare() {}

    /// A channel for one message between one sender and one receiver.
    fn pair() -> (impl BlockingSender, impl BlockingReceiver);

    /// A channel for `capacity` messages between many senders and one receiver.
    fn fan_in(capacity: usize) -> (impl BlockingSender + Clone, impl BlockingReceiver);
}

/// Where a thread puts its messages.
pub trait BlockingSender: Send + 'static {
    /// Sends, and blocks while the channel is full.
    fn send(&mut self, message: u64);
}

/// Where a thread takes its messages.
pub trait BlockingReceiver: Send + 'static {
    /// The next message; `None` when there is none and no sender is left.
    fn recv(&mut self) -> Option<u64>;
}

/// Why a message always arrives.
pub const RECEIVED: &str = "a receiver outlives its senders, or receives as often as they send";

/// The row of a library on tokio.
pub const fn on_tokio(name: &'static str, version: &'static str, model: &'static str) -> About {
    About::new(name, version, model).variant_of("tokio")
}

/// The row of a library on OS threads.
pub const fn on_threads(name: &'static str, version: &'static str, model: &'static str) -> About {
    About::new(name, version, model).family("threads").variant_of("threads")
}

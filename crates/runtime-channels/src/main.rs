//! The runner of the channels.

use runtime_channels::{AsyncChannel, Crossfire, Flume, Kanal, OnThreads, OnTokio};

runner::main!(
    OnTokio<Flume>,
    OnTokio<Kanal>,
    OnTokio<Crossfire>,
    OnTokio<AsyncChannel>,
    OnThreads<Flume>,
    OnThreads<Kanal>,
    OnThreads<Crossfire>,
);

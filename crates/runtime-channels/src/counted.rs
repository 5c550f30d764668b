//! The counted build of the runner of the channels.

use runtime_channels::{AsyncChannel, Crossfire, Flume, Kanal, OnThreads, OnTokio};

runner::counted_main!(
    OnTokio<Flume>,
    OnTokio<Kanal>,
    OnTokio<Crossfire>,
    OnTokio<AsyncChannel>,
    OnThreads<Flume>,
    OnThreads<Kanal>,
    OnThreads<Crossfire>,
);

//! Why a load fails.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How long after the end of the load an answer may still come.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// The most messages of one load: their latencies are kept one by one, eight bytes each.
pub(super) const MOST_MESSAGES: u64 = 50_000_000;

/// Why a load failed.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The load makes no sense.
    #[error("{0}")]
    Senseless(String),
    /// The server does not let a client in.
    #[error("connecting to {address} as connection {connection}: {source}")]
    Connect {
        /// Which connection, from 0.
        connection: u64,
        /// Where to.
        address: SocketAddr,
        /// What went wrong.
        source: io::Error,
    },
    /// A connection broke.
    #[error("{doing} connection {connection}: {source}")]
    Io {
        /// Which connection, from 0.
        connection: u64,
        /// What was being done with it.
        doing: &'static str,
        /// What went wrong.
        source: io::Error,
    },
    /// The server closed a connection with messages unanswered.
    #[error("the server closed connection {connection} with {messages} messages unanswered")]
    Closed {
        /// Which connection, from 0.
        connection: u64,
        /// How many messages were outstanding.
        messages: u64,
    },
    /// What came back is not what was sent.
    #[error("connection {connection} is no echo: {words}")]
    Corrupted {
        /// Which connection, from 0.
        connection: u64,
        /// What differs, and where.
        words: String,
    },
    /// Answers did not come in time.
    #[error("{messages} messages unanswered {} s after the load, {of_connection} of them on connection {connection}", GRACE.as_secs())]
    Unanswered {
        /// How many messages, on all connections.
        messages: u64,
        /// The first connection that has such.
        connection: u64,
        /// How many it has.
        of_connection: u64,
    },
    /// There are more messages than latencies can be kept.
    #[error("a load of more than {MOST_MESSAGES} messages: lower its rate or its duration")]
    TooMany,
    /// The operating system would not.
    #[error("running the load: {0}")]
    System(#[from] io::Error),
}

//! Why a load fails.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How long after the end of the load an answer may still come.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// The most messages of one load: their latencies are kept one by one, eight bytes each.
pub(super) const MOST_MESSAGES: u64 = 50_000_000;

/// Why a load failed; its connections are numbered from 0.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // The text of each says what it is.
pub enum LoadError {
    #[error("{0}")]
    Senseless(String),
    #[error("connecting to {address} as connection {connection}: {source}")]
    Connect { connection: u64, address: SocketAddr, source: io::Error },
    #[error("{doing} connection {connection}: {source}")]
    Io { connection: u64, doing: &'static str, source: io::Error },
    #[error("the server closed connection {connection} with {messages} messages unanswered")]
    Closed { connection: u64, messages: u64 },
    #[error("connection {connection} is no echo: {words}")]
    Corrupted { connection: u64, words: String },
    /// The messages of all connections, and the first connection that has such.
    #[error("{messages} messages unanswered {} s after the load, {of_connection} of them on connection {connection}", GRACE.as_secs())]
    Unanswered { messages: u64, connection: u64, of_connection: u64 },
    #[error("a load of more than {MOST_MESSAGES} messages: lower its rate or its duration")]
    TooMany,
    #[error("running the load: {0}")]
    System(#[from] io::Error),
}

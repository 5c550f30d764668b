//! Why a load fails.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustix::io::Errno;

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

impl LoadError {
    /// The error of the operating system that kept us from running the load at all; `None` where the server is to blame.
    pub fn own(&self) -> Option<&io::Error> {
        let (Self::Connect { source, .. } | Self::System(source)) = self else { return None };
        let is_own = matches!(
            Errno::from_io_error(source),
            Some(
                Errno::MFILE
                    | Errno::NFILE
                    | Errno::NOMEM
                    | Errno::NOBUFS
                    | Errno::ADDRNOTAVAIL
                    | Errno::NETUNREACH
                    | Errno::NETDOWN
            )
        );
        is_own.then_some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_our_machine_lacks_is_no_fault_of_the_server() {
        let connecting = |errno: Errno| LoadError::Connect {
            connection: 7,
            address: ([127, 0, 0, 1], 80).into(),
            source: errno.into(),
        };
        assert!(connecting(Errno::MFILE).own().is_some());
        assert!(connecting(Errno::NETUNREACH).own().is_some());
        assert!(connecting(Errno::CONNREFUSED).own().is_none());
        assert!(LoadError::Closed { connection: 7, messages: 1 }.own().is_none());
    }
}

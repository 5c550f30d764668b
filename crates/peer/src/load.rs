//! The load generator of workload `echo`: clients that send messages and compare what comes back.
//!
//! Two loops, which answer different questions. A *closed* loop sends a connection's next message when
//! the one before has come back: it finds out how much a server can do, but waits with a server that
//! stalls, so that its latencies know of one slow message where users would have met a thousand. An
//! *open* loop sends at times fixed beforehand and counts latency from when a message was *due*, so
//! that a stall shows in every message that fell into it (G. Tene, "How NOT to Measure Latency", 2013:
//! coordinated omission).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use protocol::workload::{DURATION_NS, MESSAGE_BYTES, RATE_PER_SECOND};
use protocol::{Job, Quantiles, Workload};
use serde::{Deserialize, Serialize};

use connection::Connection;
use pace::{MOST_MESSAGES, Pace};
use pattern::Pattern;
use run::Run;

mod connection;
mod pace;
mod pattern;
mod run;

/// How long after the duration an answer may still come.
const GRACE: Duration = Duration::from_secs(10);

/// The least bytes of a message: its stamp, by which it is told from all others.
const STAMP_BYTES: u64 = 8;

/// The most bytes of a message, far from where sums of them overflow: 1 GiB.
const MOST_MESSAGE_BYTES: u64 = 1 << 30;

/// A load on an echo server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Where the server listens.
    pub address: SocketAddr,
    /// How many connections; at least 1, below 2^32.
    pub connections: u64,
    /// Length of a message, bytes; at least 8, at most 1 GiB.
    pub message_bytes: u64,
    /// Messages a second, all connections together; 0 for a closed loop.
    pub rate_per_second: u64,
    /// How long messages are sent, nanoseconds; at least 1. Answers are awaited for 10 s more.
    pub duration_ns: u64,
    /// Seeds the messages, so that no server can know them beforehand.
    pub seed: u64,
}

impl Load {
    /// The load that a job of `echo` asks for, on the server at an address.
    pub fn of(job: &Job, address: SocketAddr, seed: u64) -> Self {
        let param = |name| Workload::Echo.param(&job.params, name);
        Self {
            address,
            connections: job.tasks,
            message_bytes: param(MESSAGE_BYTES),
            rate_per_second: param(RATE_PER_SECOND),
            duration_ns: param(DURATION_NS),
            seed,
        }
    }
}

/// What came of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadReport {
    /// Messages sent, all of which came back.
    pub requests: u64,
    /// Bytes that came back.
    pub bytes: u64,
    /// From the first send to the last answer, nanoseconds; connecting is left out.
    pub load_ns: u64,
    /// From when a message was sent (closed loop) or due (open loop) until the last byte of it was back.
    pub latency: Quantiles,
    /// The most messages sent or due, and not yet back, at one instant.
    pub most_outstanding: u64,
}

/// Why a load came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It makes no sense.
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

impl Load {
    /// Connects, sends and compares until the duration is over and every answer has come, then closes.
    ///
    /// # Errors
    /// When any message does not come back as it was sent: a load that went wrong in part has no figure.
    pub fn run(&self) -> Result<LoadReport, LoadError> {
        self.check()?;
        let pace = Pace::of(self)?;
        let pattern = Pattern { seed: self.seed, message_bytes: self.message_bytes };
        let connections: Result<Vec<_>, _> =
            (0..self.connections).map(|number| Connection::open(number, self.address, pattern)).collect();
        Run::new(connections?, pace, self.duration_ns)?.run()
    }

    fn check(&self) -> Result<(), LoadError> {
        let senseless = |words: &str| Err(LoadError::Senseless(words.into()));
        if self.connections == 0 || self.connections > u64::from(u32::MAX) {
            return senseless("a load has at least one connection, and fewer than 2^32");
        }
        if !(STAMP_BYTES..=MOST_MESSAGE_BYTES).contains(&self.message_bytes) {
            return senseless("a message has at least eight bytes, and at most 1 GiB");
        }
        if self.duration_ns == 0 {
            return senseless("a load lasts at least a nanosecond");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    use std::thread;

    use super::*;

    /// Serves each connection with `serve`, in a thread of its own.
    fn server(serve: fn(TcpStream)) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            listener.incoming().for_each(|socket| drop(thread::spawn(move || serve(socket.unwrap()))));
        });
        address
    }

    /// Echoes what each read brings, as `change` makes it, until it has no more to give.
    fn echo_changed(mut socket: TcpStream, mut change: impl FnMut(&mut Vec<u8>) -> bool) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(read) = socket.read(&mut bytes)
            && read > 0
        {
            let mut echo = bytes[..read].to_vec();
            let goes_on = change(&mut echo);
            if socket.write_all(&echo).is_err() || !goes_on {
                return;
            }
        }
    }

    fn echo(socket: TcpStream) {
        echo_changed(socket, |_| true);
    }

    /// A closed loop of 50 ms.
    fn load(address: SocketAddr) -> Load {
        Load {
            address,
            connections: 2,
            message_bytes: 64,
            rate_per_second: 0,
            duration_ns: 50_000_000,
            seed: 7,
        }
    }

    fn corruption(serve: fn(TcpStream)) -> String {
        match load(server(serve)).run() {
            Err(error @ LoadError::Corrupted { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_closed_loop_has_one_message_a_connection_in_flight_and_all_come_back() {
        for connections in [1, 8] {
            let load = Load { connections, ..load(server(echo)) };
            let report = load.run().unwrap();
            assert!(report.requests >= connections);
            assert_eq!(report.bytes, report.requests * 64);
            assert_eq!(report.most_outstanding, connections);
            assert!(report.latency.max <= report.load_ns);
        }
    }

    #[test]
    fn an_open_loop_sends_what_its_rate_says_whatever_the_server_does() {
        let load = Load { connections: 3, rate_per_second: 2001, ..load(server(echo)) };
        let report = load.run().unwrap();
        // 50 ms of 2001 messages a second, the one at the start included.
        assert_eq!(report.requests, 101);
        assert_eq!(report.bytes, 101 * 64);
        assert!(report.load_ns >= 49_900_000, "the last is due after 49.98 ms: {report:?}");
    }

    #[test]
    fn messages_longer_than_any_socket_holds_come_back_too() {
        let closed = Load { message_bytes: 8_000_001, ..load(server(echo)) };
        let open = Load { rate_per_second: 40, ..closed };
        for load in [closed, open] {
            let report = load.run().unwrap();
            assert_eq!(report.bytes, report.requests * 8_000_001);
        }
    }

    #[test]
    fn a_stall_shows_in_every_message_that_was_due_in_it() {
        const STALL: Duration = Duration::from_millis(50);
        fn stall_once(socket: TcpStream) {
            let mut first = true;
            echo_changed(socket, |_| {
                if std::mem::take(&mut first) {
                    thread::sleep(STALL);
                }
                true
            });
        }
        let rate = Load { connections: 1, rate_per_second: 1000, ..load(server(stall_once)) };
        let report = rate.run().unwrap();
        // Fifty were due while it slept, evenly: half of them had to wait for half of it and more.
        assert_eq!(report.requests, 50);
        assert!(report.latency.max >= 50_000_000, "{report:?}");
        assert!(report.latency.p50 >= 24_000_000, "{report:?}");
        assert!(report.most_outstanding > 1, "{report:?}");
    }

    #[test]
    fn a_changed_byte_is_found_and_named() {
        let words = corruption(|socket| {
            let mut echoes = 0;
            echo_changed(socket, |echo| {
                echoes += 1;
                if echoes == 3 {
                    echo[20] ^= 1;
                }
                true
            });
        });
        assert!(words.contains("byte 20 of message 2 was sent as"), "{words}");
    }

    #[test]
    fn the_answer_to_another_message_is_no_echo() {
        corruption(|socket| {
            let mut first = Vec::new();
            echo_changed(socket, |echo| {
                if first.is_empty() {
                    first.clone_from(echo);
                }
                echo.clone_from(&first);
                true
            });
        });
    }

    #[test]
    fn more_than_was_sent_is_found_at_once_or_in_the_end() {
        let words = corruption(|socket| {
            echo_changed(socket, |echo| {
                echo.push(0);
                true
            });
        });
        assert!(words.contains("65 bytes came back of 64"), "{words}");
        let late = |mut socket: TcpStream| {
            echo(socket.try_clone().unwrap());
            let _ = socket.write_all(b"and another thing");
        };
        assert!(corruption(late).contains("bytes came back of"));
    }

    #[test]
    fn a_server_that_hangs_up_is_named_with_what_it_owes() {
        fn hang_up(socket: TcpStream) {
            echo_changed(socket, |echo| {
                echo.pop();
                false
            });
        }
        let error = load(server(hang_up)).run().unwrap_err();
        assert!(matches!(error, LoadError::Closed { messages: 1, .. }), "{error}");
    }

    #[test]
    fn where_nobody_listens_the_error_says_where() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = load(address).run().unwrap_err().to_string();
        assert!(error.contains(&address.to_string()), "{error}");
    }

    #[test]
    fn a_load_without_sense_is_refused() {
        let sound = load(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
        for load in [
            Load { connections: 0, ..sound },
            Load { message_bytes: 7, ..sound },
            Load { duration_ns: 0, ..sound },
        ] {
            assert!(matches!(load.run(), Err(LoadError::Senseless(_))), "{load:?}");
        }
    }
}

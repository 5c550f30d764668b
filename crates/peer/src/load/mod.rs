//! The load generator of workload `echo`: clients that send messages and compare what comes back.
//!
//! There are two kinds of load, for two questions. A *closed* loop sends a connection's next
//! message when the one before has come back. It finds out how much a server can do. But when a
//! server stalls, it waits with it, so that one slow message is recorded where users would have met
//! a thousand. An *open* loop sends at times fixed beforehand and counts latency from when a
//! message was *due*. A stall then shows in every message that was due during it (G. Tene, "How NOT
//! to Measure Latency", 2013: coordinated omission).

mod connection;
mod error;
mod pace;
mod pattern;
mod run;
mod spec;

use connection::Connection;
pub use error::LoadError;
use pace::Pace;
use pattern::Pattern;
use run::Run;
pub use spec::{Load, LoadReport};

impl Load {
    /// Connects, sends and compares until the duration is over and every answer has come, then
    /// closes.
    ///
    /// # Errors
    /// When any message does not come back as it was sent: a load that failed in part has no
    /// figure.
    pub fn run(&self) -> Result<LoadReport, LoadError> {
        self.check()?;
        let pace = Pace::of(self)?;
        let pattern = Pattern { secret: self.secret, message_bytes: self.message_bytes };
        let connections: Result<Vec<_>, _> =
            (0..self.connections).map(|number| Connection::open(number, self.address, pattern)).collect();
        Run::new(connections?, pace, self.duration_ns)?.run()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
    use std::thread;
    use std::time::Duration;

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

    /// Echoes what each read brings, as `change` makes it.
    fn echo_changed(mut socket: TcpStream, mut change: impl FnMut(&mut Vec<u8>)) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(read) = socket.read(&mut bytes)
            && read > 0
        {
            let mut echo = bytes[..read].to_vec();
            change(&mut echo);
            if socket.write_all(&echo).is_err() {
                return;
            }
        }
    }

    fn echo(socket: TcpStream) {
        echo_changed(socket, |_| ());
    }

    fn corruption(serve: fn(TcpStream)) -> String {
        match Load::closed(server(serve)).run() {
            Err(error @ LoadError::Corrupted { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_closed_loop_has_one_message_a_connection_in_flight_and_all_come_back() {
        for connections in [1, 8] {
            let load = Load { connections, ..Load::closed(server(echo)) };
            let report = load.run().unwrap();
            assert!(report.requests >= connections);
            assert_eq!(report.bytes, report.requests * 64);
            assert_eq!(report.most_outstanding, connections);
            assert!(report.latency.max <= report.load_ns);
        }
    }

    #[test]
    fn an_open_loop_sends_what_its_rate_says_whatever_the_server_does() {
        let load = Load { connections: 3, rate_per_second: 2001, ..Load::closed(server(echo)) };
        let report = load.run().unwrap();
        // 50 ms of 2001 messages a second, the one at the start included.
        assert_eq!(report.requests, 101);
        assert_eq!(report.bytes, 101 * 64);
        assert!(report.load_ns >= 49_900_000, "the last is due after 49.98 ms: {report:?}");
    }

    #[test]
    fn messages_longer_than_any_socket_holds_come_back_too() {
        let closed = Load { message_bytes: 8_000_001, ..Load::closed(server(echo)) };
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
            });
        }
        let rate = Load { connections: 1, rate_per_second: 1000, ..Load::closed(server(stall_once)) };
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
            });
        });
    }

    #[test]
    fn more_than_was_sent_is_found_at_once_or_in_the_end() {
        let words = corruption(|socket| echo_changed(socket, |echo| echo.push(0)));
        assert!(words.contains("65 bytes came back of 64"), "{words}");
        let late = |mut socket: TcpStream| {
            echo(socket.try_clone().unwrap());
            let _ = socket.write_all(b"and another thing");
        };
        assert!(corruption(late).contains("bytes came back of"));
    }

    #[test]
    fn a_server_that_hangs_up_is_named_with_what_it_owes() {
        fn hang_up(mut socket: TcpStream) {
            let mut message = [0; 64];
            socket.read_exact(&mut message).unwrap();
            socket.write_all(&message[..63]).unwrap();
        }
        let error = Load::closed(server(hang_up)).run().unwrap_err();
        assert!(matches!(error, LoadError::Closed { messages: 1, .. }), "{error}");
    }

    #[test]
    fn where_nobody_listens_the_error_says_where() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = Load::closed(address).run().unwrap_err().to_string();
        assert!(error.contains(&address.to_string()), "{error}");
    }

    #[test]
    fn a_load_without_sense_is_refused() {
        let sound = Load::closed(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
        for load in [
            Load { connections: 0, ..sound },
            Load { message_bytes: 7, ..sound },
            Load { duration_ns: 0, ..sound },
        ] {
            assert!(matches!(load.run(), Err(LoadError::Senseless(_))), "{load:?}");
        }
    }
}

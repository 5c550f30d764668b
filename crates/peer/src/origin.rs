//! The origin server of workload `request`: answers every number after the same delay.
//!
//! The wire: a client sends a number, eight bytes little-endian; [`delay`](Origin::start) after the
//! eighth has come the server answers with eight bytes, the [`reply`] to it. The connection stays open
//! until the client closes it, and may carry further numbers, answered in their order.
//!
//! The delay is what a runtime is measured against, so an answer is never early, and late by no more
//! than it takes a thread to wake: delays being equal, answers fall due in the order in which numbers
//! come, so that no timer wheel with a tick of its own stands between.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use protocol::proof::reply;
use rustix::event::epoll::{Event, EventFlags};
use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with, sockopt};
use serde::{Deserialize, Serialize};

use crate::poller::{ENDING, Poller, SharpTimers};
use connections::{Connection, Connections};

mod connections;

/// Connections that may wait to be accepted. Ten thousand tasks connect at once, and one that finds no
/// room tries again only a second later.
const BACKLOG: i32 = 4096;

/// Connections accepted before answers that are due meanwhile get their turn.
const ACCEPT_BATCH: usize = 64;

/// How long to leave it be when no more files can be opened: until a client closes one, there is no
/// event to wait for.
const STARVED_WAIT: Duration = Duration::from_millis(10);

/// Numbers of one connection that may be unanswered before no more are read from it: a client that
/// only ever sends must not fill our memory.
const MOST_PENDING: usize = 64;

const LISTENER: u64 = u64::MAX;
const STOP: u64 = u64::MAX - 1;

/// A running origin server. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Origin {
    address: SocketAddr,
    stop: Arc<OwnedFd>,
    thread: Option<JoinHandle<io::Result<Answered>>>,
}

/// What an origin did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Numbers answered.
    pub answered: u64,
    /// The most numbers received and not yet answered at one instant: how many requests were really in
    /// flight.
    pub most_open: u64,
}

impl Origin {
    /// Starts a server on a free port of 127.0.0.1, in a thread of its own. It answers after `delay`
    /// with what the `secret` makes of the number.
    ///
    /// # Errors
    /// When the system gives no socket or no thread.
    pub fn start(secret: u64, delay: Duration) -> io::Result<Self> {
        let listener = listen()?;
        let address = listener.local_addr()?;
        let stop = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let poller = Poller::new()?;
        poller.watch(&listener, LISTENER, EventFlags::IN)?;
        poller.watch(&stop, STOP, EventFlags::IN)?;
        let server = Server {
            secret,
            delay,
            listener,
            poller,
            backlog: Backlog::Empty,
            connections: Connections::default(),
            due: VecDeque::new(),
            open: 0,
            done: Answered::default(),
        };
        let thread = thread::Builder::new().name("origin".into()).spawn(|| server.run())?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the server, and with it every connection that is still open.
    ///
    /// # Errors
    /// When it had ended before, because the system would not let it go on.
    pub fn stop(mut self) -> io::Result<Answered> {
        self.end().expect("only stop and drop end it")
    }

    fn end(&mut self) -> Option<io::Result<Answered>> {
        let thread = self.thread.take()?;
        let told = rustix::io::write(&self.stop, &1u64.to_ne_bytes());
        told.expect("an eventfd has room for a one");
        Some(thread.join().unwrap_or_else(|_| Err(io::Error::other("the origin server panicked"))))
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.end();
    }
}

fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    // The standard library listens with a backlog of its own choice; to listen again changes it.
    rustix::net::listen(&listener, BACKLOG)?;
    listener.set_nonblocking(true)?;
    // Accepted sockets inherit it, which saves a system call each.
    sockopt::set_tcp_nodelay(&listener, true)?;
    Ok(listener)
}

/// Whether connections wait to be accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Backlog {
    Empty,
    Waiting,
    /// They do, but there is no file to be had for them.
    Starved,
}

/// An answer to be given.
#[derive(Clone, Copy)]
struct Due {
    at: Instant,
    connection: u64,
    number: u64,
}

struct Server {
    secret: u64,
    delay: Duration,
    listener: TcpListener,
    poller: Poller,
    backlog: Backlog,
    connections: Connections,
    due: VecDeque<Due>,
    /// Numbers received and not yet answered.
    open: u64,
    done: Answered,
}

impl Server {
    fn run(mut self) -> io::Result<Answered> {
        let _sharp = SharpTimers::set()?;
        let mut events = Poller::events();
        loop {
            self.poller.wait(&mut events, self.patience())?;
            for event in &events {
                if event.data.u64() == STOP {
                    return Ok(self.done);
                }
                self.attend(event);
                self.answer_due();
            }
            if self.backlog != Backlog::Empty {
                self.accept()?;
            }
            self.answer_due();
        }
    }

    /// How long nothing is to be done unless something happens.
    fn patience(&self) -> Option<Duration> {
        let next = self.due.front().map(|due| due.at.saturating_duration_since(Instant::now()));
        match self.backlog {
            Backlog::Empty => next,
            Backlog::Waiting => Some(Duration::ZERO),
            Backlog::Starved => Some(next.map_or(STARVED_WAIT, |next| next.min(STARVED_WAIT))),
        }
    }

    fn attend(&mut self, event: &Event) {
        let flags = event.flags;
        match event.data.u64() {
            LISTENER => self.backlog = Backlog::Waiting,
            connection => self.hear(connection, flags.intersects(ENDING)),
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        self.backlog = Backlog::Waiting;
        for _ in 0..ACCEPT_BATCH {
            match accept_with(&self.listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
                Ok(socket) => self.welcome(socket.into()),
                // A client that has thought better of it.
                Err(Errno::INTR | Errno::CONNABORTED | Errno::PROTO) => {}
                Err(Errno::AGAIN) => {
                    self.backlog = Backlog::Empty;
                    return Ok(());
                }
                Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => {
                    self.backlog = Backlog::Starved;
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
            self.answer_due();
        }
        Ok(())
    }

    /// The number is mostly there already: a client sends it as soon as it is connected.
    fn welcome(&mut self, socket: TcpStream) {
        let key = self.connections.insert(socket);
        self.hear(key, false);
        let Some(connection) = self.connections.find(key) else { return };
        // What came since is reported at once.
        if self.poller.watch(&connection.socket, key, EventFlags::IN | EventFlags::RDHUP).is_err() {
            self.close(key);
        }
    }

    /// Reads what a client has sent. Where the end is known to follow, it is read too: no further event
    /// would tell.
    fn hear(&mut self, key: u64, ending: bool) {
        let mut bytes = [0; 8 * MOST_PENDING];
        while let Some(connection) = self.connections.find(key) {
            if connection.pending >= MOST_PENDING {
                connection.unread = true;
                return;
            }
            match connection.socket.read(&mut bytes) {
                Ok(0) => {
                    connection.ended = true;
                    return self.close_if_through(key);
                }
                Ok(read) => {
                    // Taken after the bytes, so that no answer is early.
                    let at = Instant::now() + self.delay;
                    let due = &mut self.due;
                    let found = |number| due.push_back(Due { at, connection: key, number });
                    self.open += connection.take(&bytes[..read], found) as u64;
                    self.done.most_open = self.done.most_open.max(self.open);
                    if read < bytes.len() && !ending {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.close(key),
            }
        }
    }

    fn answer_due(&mut self) {
        if self.due.is_empty() {
            return;
        }
        let now = Instant::now();
        while let Some(&due) = self.due.front()
            && due.at <= now
        {
            self.due.pop_front();
            self.answer(due);
        }
    }

    fn answer(&mut self, due: Due) {
        let key = due.connection;
        let Some(connection) = self.connections.find(key) else { return };
        let answer = reply(self.secret, due.number).to_le_bytes();
        // Eight bytes find room, unless the client leaves thousands of answers unread.
        if !matches!(connection.socket.write(&answer), Ok(8)) {
            return self.close(key);
        }
        self.done.answered += 1;
        self.open -= 1;
        connection.pending -= 1;
        if std::mem::take(&mut connection.unread) {
            self.hear(key, true);
        }
        self.close_if_through(key);
    }

    fn close_if_through(&mut self, key: u64) {
        let through = |connection: &mut Connection| connection.ended && connection.pending == 0;
        if self.connections.find(key).is_some_and(through) {
            self.close(key);
        }
    }

    /// Closes a connection; what it is still owed will not find it.
    fn close(&mut self, key: u64) {
        if let Some(connection) = self.connections.remove(key) {
            self.open -= connection.pending as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Shutdown;

    use super::*;

    const SECRET: u64 = 0x5eed;

    fn start(delay_ms: u64) -> Origin {
        Origin::start(SECRET, Duration::from_millis(delay_ms)).unwrap()
    }

    fn connect(origin: &Origin) -> TcpStream {
        let socket = TcpStream::connect(origin.address()).unwrap();
        socket.set_nodelay(true).unwrap();
        socket
    }

    fn ask(socket: &mut TcpStream, number: u64) {
        socket.write_all(&number.to_le_bytes()).unwrap();
    }

    fn hear(socket: &mut TcpStream) -> u64 {
        let mut bytes = [0; 8];
        socket.read_exact(&mut bytes).unwrap();
        u64::from_le_bytes(bytes)
    }

    fn is_alive(origin: &Origin) -> bool {
        let mut socket = connect(origin);
        ask(&mut socket, 99);
        hear(&mut socket) == reply(SECRET, 99)
    }

    /// Closes with a reset: something is left unread.
    fn reset(socket: &TcpStream) {
        sockopt::set_socket_linger(socket, Some(Duration::ZERO)).unwrap();
    }

    #[test]
    fn answers_are_right_and_never_early() {
        let delay = Duration::from_millis(5);
        let origin = start(5);
        let mut socket = connect(&origin);
        for number in [0, 1, u64::MAX] {
            let asked = Instant::now();
            ask(&mut socket, number);
            assert_eq!(hear(&mut socket), reply(SECRET, number));
            assert!(asked.elapsed() >= delay);
        }
        assert_eq!(origin.stop().unwrap(), Answered { answered: 3, most_open: 1 });
    }

    #[test]
    fn a_thousand_requests_at_once_are_in_flight_together() {
        let origin = start(300);
        let mut sockets: Vec<_> = (0..1000).map(|_| connect(&origin)).collect();
        (0..).zip(&mut sockets).for_each(|(number, socket)| ask(socket, number));
        (0..).zip(&mut sockets).for_each(|(number, socket)| assert_eq!(hear(socket), reply(SECRET, number)));
        let done = origin.stop().unwrap();
        assert_eq!(done.answered, 1000);
        // All of them, had the machine nothing else to do.
        assert!(done.most_open > 1 && done.most_open <= 1000, "{done:?}");
    }

    #[test]
    fn without_a_delay_it_answers_as_well() {
        let origin = start(0);
        let mut socket = connect(&origin);
        for number in 0..1000 {
            ask(&mut socket, number);
            assert_eq!(hear(&mut socket), reply(SECRET, number));
        }
        assert_eq!(origin.stop().unwrap(), Answered { answered: 1000, most_open: 1 });
    }

    #[test]
    fn a_number_in_two_halves_is_answered_after_the_second() {
        let origin = start(2);
        let mut socket = connect(&origin);
        let bytes = 77u64.to_le_bytes();
        socket.write_all(&bytes[..3]).unwrap();
        thread::sleep(Duration::from_millis(10));
        let asked = Instant::now();
        socket.write_all(&bytes[3..]).unwrap();
        assert_eq!(hear(&mut socket), reply(SECRET, 77));
        assert!(asked.elapsed() >= Duration::from_millis(2));
    }

    #[test]
    fn numbers_sent_ahead_are_answered_in_their_order_more_than_it_reads_at_once_too() {
        let origin = start(1);
        let mut socket = connect(&origin);
        let count = 10 * MOST_PENDING as u64;
        (0..count).for_each(|number| ask(&mut socket, number));
        (0..count).for_each(|number| assert_eq!(hear(&mut socket), reply(SECRET, number)));
        let done = origin.stop().unwrap();
        assert_eq!(done.answered, count);
        assert!(done.most_open < 2 * MOST_PENDING as u64, "{done:?}");
    }

    #[test]
    fn a_client_that_says_it_will_send_no_more_still_has_its_answer_and_then_the_end() {
        let origin = start(5);
        let mut socket = connect(&origin);
        ask(&mut socket, 3);
        socket.shutdown(Shutdown::Write).unwrap();
        assert_eq!(hear(&mut socket), reply(SECRET, 3));
        assert_eq!(socket.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn it_survives_clients_that_leave_early_send_half_a_number_or_reset() {
        let origin = start(2);
        for _ in 0..50 {
            drop(connect(&origin));
            let mut half = connect(&origin);
            half.write_all(&[1, 2, 3]).unwrap();
            let mut gone = connect(&origin);
            ask(&mut gone, 1);
            let mut torn = connect(&origin);
            ask(&mut torn, 1);
            reset(&torn);
        }
        assert!(is_alive(&origin));
        assert!(is_alive(&origin));
        origin.stop().unwrap();
    }

    #[test]
    fn a_client_that_never_reads_is_left_behind_and_takes_nobody_along() {
        let origin = start(0);
        let mut deaf = connect(&origin);
        deaf.set_nonblocking(true).unwrap();
        let chunk = [0; 1 << 12];
        let mut refused = 0;
        while refused < 20 {
            match deaf.write(&chunk) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    refused += 1;
                    thread::sleep(Duration::from_millis(2));
                }
                Err(_) => break,
            }
        }
        assert!(is_alive(&origin));
    }

    #[test]
    fn accepted_sockets_inherit_that_nothing_is_held_back() {
        let listener = listen().unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.set_nonblocking(false).unwrap();
        assert!(listener.accept().unwrap().0.nodelay().unwrap());
    }

    #[test]
    fn a_dropped_origin_listens_no_more() {
        let origin = start(0);
        let address = origin.address();
        drop(origin);
        assert!(TcpStream::connect(address).is_err());
    }
}

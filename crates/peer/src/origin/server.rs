//! The one thread of an origin: accepts, reads numbers, and answers each when it is due.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::epoll::{Event, EventFlags};
use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with, sockopt};
use serde::{Deserialize, Serialize};

use super::connections::{Connection, Connections};
use super::tokens::{Tally, Tokens};
use crate::poller::{ENDING, Poller, SharpTimers};
use crate::secret::Secret;

/// Connections that may wait to be accepted. Ten thousand tasks connect at once, and one that finds
/// no room tries again only a second later.
const BACKLOG: i32 = 4096;

/// Connections accepted before answers that are due meanwhile get their turn.
const ACCEPT_BATCH: usize = 64;

/// How long to wait when no more files can be opened: no event says when a client has closed one.
const STARVED_WAIT: Duration = Duration::from_millis(10);

/// Numbers of one connection that may be unanswered before no more are read from it: a client that
/// only ever sends must not fill our memory.
pub(super) const MOST_PENDING: usize = 64;

const LISTENER: u64 = u64::MAX;
const STOP: u64 = u64::MAX - 1;

/// What an origin did. Numbers that are none of its [`Tokens`] are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Tokens answered.
    pub answered: u64,
    /// The most tokens received and not yet answered at one instant: how many requests were really
    /// in flight.
    pub most_open: u64,
    /// How many tokens were asked more or less often than they were to be.
    pub uneven: u64,
    /// How many tokens came on a connection that had carried one before.
    pub shared: u64,
}

pub(super) fn listen() -> io::Result<TcpListener> {
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
    /// They do, but no more files can be opened.
    Starved,
}

/// An answer to be given.
#[derive(Clone, Copy)]
struct Due {
    at: Instant,
    connection: u64,
    number: u64,
    is_token: bool,
}

pub(super) struct Server {
    secret: Secret,
    delay: Duration,
    listener: TcpListener,
    poller: Poller,
    backlog: Backlog,
    connections: Connections,
    due: VecDeque<Due>,
    tally: Tally,
    /// Tokens received and not yet answered.
    open: u64,
    done: Answered,
}

impl Server {
    /// Listens on a free port of 127.0.0.1; ends when `stop` can be read.
    pub fn start(secret: Secret, delay: Duration, tokens: Tokens, stop: impl AsFd) -> io::Result<Self> {
        let listener = listen()?;
        let poller = Poller::new()?;
        poller.watch(&listener, LISTENER, EventFlags::IN)?;
        poller.watch(stop, STOP, EventFlags::IN)?;
        Ok(Self {
            secret,
            delay,
            listener,
            poller,
            backlog: Backlog::Empty,
            connections: Connections::default(),
            due: VecDeque::new(),
            tally: Tally::of(tokens),
            open: 0,
            done: Answered::default(),
        })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until it is stopped.
    pub fn run(mut self) -> io::Result<Answered> {
        let _sharp = SharpTimers::set()?;
        let mut events = Poller::events();
        loop {
            self.poller.wait(&mut events, self.patience())?;
            for event in &events {
                if event.data.u64() == STOP {
                    return Ok(Answered { uneven: self.tally.uneven(), ..self.done });
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

    /// How long to wait for events: until the next answer is due.
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
                // A client that has gone already.
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

    /// Mostly the number has arrived already: a client sends it as soon as it is connected.
    fn welcome(&mut self, socket: TcpStream) {
        let key = self.connections.insert(socket);
        self.hear(key, false);
        let Some(connection) = self.connections.find(key) else { return };
        // What arrived since is reported at once.
        if self.poller.watch(&connection.socket, key, EventFlags::IN | EventFlags::RDHUP).is_err() {
            self.close(key);
        }
    }

    /// Reads what a client has sent. Where the end is known to follow, it is read too: no further
    /// event would report it.
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
                    return self.close_if_finished(key);
                }
                Ok(read) => {
                    // Taken after the bytes, so that no answer is early.
                    let at = Instant::now() + self.delay;
                    let (due, tally, mut tokens) = (&mut self.due, &mut self.tally, 0);
                    connection.take(&bytes[..read], |number| {
                        let is_token = tally.ask(number);
                        tokens += u64::from(is_token);
                        due.push_back(Due { at, connection: key, number, is_token });
                    });
                    self.done.shared += connection.carry(tokens);
                    self.open += tokens;
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
        let answer = self.secret.number(due.number).to_le_bytes();
        // Eight bytes find room, unless the client leaves thousands of answers unread.
        if !matches!(connection.socket.write(&answer), Ok(8)) {
            return self.close(key);
        }
        connection.pending -= 1;
        if due.is_token {
            self.done.answered += 1;
            self.open -= 1;
            connection.tokens_pending -= 1;
        }
        if std::mem::take(&mut connection.unread) {
            self.hear(key, true);
        }
        self.close_if_finished(key);
    }

    fn close_if_finished(&mut self, key: u64) {
        let finished = |connection: &mut Connection| connection.ended && connection.pending == 0;
        if self.connections.find(key).is_some_and(finished) {
            self.close(key);
        }
    }

    /// Closes a connection; answers that are due later do not find it.
    fn close(&mut self, key: u64) {
        if let Some(connection) = self.connections.remove(key) {
            self.open -= connection.tokens_pending;
        }
    }
}

//! A server that sends back whatever comes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use runner::{BACKLOG, Round, Tally};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{RecvFlags, SendFlags, SocketFlags, accept_with, recv, send, sockopt};

/// Events taken from the kernel at once, at most.
const EVENTS: usize = 1024;
/// Bytes read at once, at most. One buffer serves all connections, since what was read is sent back
/// before the next read.
const BUFFER_BYTES: usize = 64 << 10;
/// What the listener's events carry; those of connections carry their place among the connections.
const LISTENER: u64 = u64::MAX;

/// One epoll instance reports which connections have bytes to be read; each is then read once and
/// written once.
pub fn echo(round: &'static Round) -> Tally {
    Server::start(round).and_then(Server::run).expect("clients that stay until they have all they sent")
}

struct Server {
    round: &'static Round,
    epoll: OwnedFd,
    /// Until all clients have come.
    listener: Option<TcpListener>,
    /// In the order in which they were accepted; `None` when it has ended.
    connections: Vec<Option<Connection>>,
    buffer: Vec<u8>,
    tally: Tally,
}

struct Connection {
    socket: OwnedFd,
    /// Bytes sent back.
    sent: u64,
    /// What was read and the socket did not take. While there is any, nothing more is read.
    unsent: Vec<u8>,
}

impl Server {
    fn start(round: &'static Round) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        // To listen again changes the backlog, which is too short in the standard library.
        rustix::net::listen(&listener, BACKLOG)?;
        listener.set_nonblocking(true)?;
        // Accepted sockets inherit it.
        sockopt::set_tcp_nodelay(&listener, true)?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        round.serving(listener.local_addr()?);
        Ok(Self {
            round,
            epoll,
            listener: Some(listener),
            connections: Vec::with_capacity(round.task_count()),
            buffer: vec![0; BUFFER_BYTES],
            tally: Tally::default(),
        })
    }

    fn run(mut self) -> io::Result<Tally> {
        let mut events: Vec<Event> = Vec::with_capacity(EVENTS);
        while self.tally.completed < self.round.tasks() {
            retry_on_intr(|| epoll::wait(&self.epoll, spare_capacity(&mut events), None))?;
            for event in events.drain(..) {
                match event.data.u64() {
                    LISTENER => self.accept()?,
                    task => self.serve(task, event.flags)?,
                }
            }
        }
        Ok(self.tally)
    }

    /// Accepts all clients that have connected.
    fn accept(&mut self) -> io::Result<()> {
        while let Some(listener) = &self.listener {
            let socket = match accept_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
                Ok(socket) => socket,
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let task = self.connections.len() as u64;
            // PERF: an edge is reported once, where a level would be checked again after each of
            // its events; and no request is needed to learn of room in the socket.
            let interest = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
            epoll::add(&self.epoll, &socket, EventData::new_u64(task), interest)?;
            self.connections.push(Some(Connection { socket, sent: 0, unsent: Vec::new() }));
            if task + 1 == self.round.tasks() {
                self.listener = None;
            }
        }
        Ok(())
    }

    fn serve(&mut self, task: u64, event: EventFlags) -> io::Result<()> {
        let slot = &mut self.connections[usize::try_from(task).expect("a place in the list")];
        let Some(connection) = slot else { return Ok(()) };
        let ended = connection.serve(&mut self.buffer, event)?;
        if ended {
            self.tally.add(self.round.token(task).wrapping_add(connection.sent));
            *slot = None;
        }
        Ok(())
    }
}

impl Connection {
    /// Sends back what can be read; returns whether it was the last.
    fn serve(&mut self, buffer: &mut [u8], event: EventFlags) -> io::Result<bool> {
        loop {
            let unsent = std::mem::take(&mut self.unsent);
            if !self.send(&unsent)? {
                return Ok(false);
            }
            let length = match recv(&self.socket, &mut *buffer, RecvFlags::empty()) {
                Ok((0, _)) => return Ok(true),
                Ok((length, _)) => length,
                Err(Errno::AGAIN) => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            if !self.send(&buffer[..length])? {
                return Ok(false);
            }
            // Less than was asked for is all there was. But where the end has come as well, no
            // further event will report it.
            if length < buffer.len() && !event.contains(EventFlags::RDHUP) {
                return Ok(false);
            }
        }
    }

    /// Sends back bytes, and keeps those that the socket does not take; returns whether it took
    /// all.
    fn send(&mut self, mut bytes: &[u8]) -> io::Result<bool> {
        while !bytes.is_empty() {
            match send(&self.socket, bytes, SendFlags::NOSIGNAL) {
                Ok(length) => {
                    self.sent += length as u64;
                    bytes = &bytes[length..];
                }
                Err(Errno::AGAIN) => {
                    self.unsent = bytes.to_vec();
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }
}

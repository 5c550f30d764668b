//! Requests to the origin.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;

use runner::{Round, Tally};
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, connect, recv, send, socket_with,
};

/// Events taken from the kernel at once, at most.
const EVENTS: usize = 1024;
/// Clients that connect between two polls for replies, so that a reply does not wait until the last
/// client has connected.
const CLIENTS_A_POLL: u64 = 16;
/// A poll that does not wait.
const AT_ONCE: Option<&Timespec> = Some(&Timespec { tv_sec: 0, tv_nsec: 0 });
/// A poll that waits for the next event.
const WHEN_IT_COMES: Option<&Timespec> = None;

/// One thread connects all clients, sends the request of each, and takes the replies as epoll
/// reports them.
pub fn request(round: &'static Round) -> Tally {
    let ask_all = || {
        let mut clients = Clients::none(round)?;
        for task in 0..round.tasks() {
            clients.connect(task)?;
            if task % CLIENTS_A_POLL == 0 {
                clients.poll(AT_ONCE)?;
            }
        }
        while clients.tally.completed < round.tasks() {
            clients.poll(WHEN_IT_COMES)?;
        }
        Ok::<_, io::Error>(clients.tally)
    };
    ask_all().expect("an origin that takes and answers every request")
}

struct Clients {
    round: &'static Round,
    epoll: OwnedFd,
    events: Vec<Event>,
    /// By task; `None` when it has its reply.
    open: Vec<Option<Client>>,
    tally: Tally,
}

struct Client {
    socket: OwnedFd,
    asked: bool,
    reply: [u8; 8],
    /// Bytes of the reply that have arrived.
    come: usize,
}

impl Clients {
    fn none(round: &'static Round) -> io::Result<Self> {
        Ok(Self {
            round,
            epoll: epoll::create(CreateFlags::CLOEXEC)?,
            events: Vec::with_capacity(EVENTS),
            open: Vec::with_capacity(round.task_count()),
            tally: Tally::default(),
        })
    }

    fn connect(&mut self, task: u64) -> io::Result<()> {
        self.round.begin(task);
        let client = Client::connect(self.round, task)?;
        let awaited = if client.asked { EventFlags::IN } else { EventFlags::OUT };
        epoll::add(&self.epoll, &client.socket, EventData::new_u64(task), awaited)?;
        self.open.push(Some(client));
        Ok(())
    }

    fn poll(&mut self, patience: Option<&Timespec>) -> io::Result<()> {
        let mut events = std::mem::take(&mut self.events);
        retry_on_intr(|| epoll::wait(&self.epoll, spare_capacity(&mut events), patience))?;
        for event in events.drain(..) {
            self.attend(event.data.u64())?;
        }
        self.events = events;
        Ok(())
    }

    fn attend(&mut self, task: u64) -> io::Result<()> {
        let slot = &mut self.open[usize::try_from(task).expect("a place in the list")];
        let Some(client) = slot else { return Ok(()) };
        if client.asked {
            if let Some(reply) = client.hear()? {
                *slot = None;
                self.round.finish(task);
                self.tally.add(reply);
            }
        } else if client.ask(self.round.token(task))? {
            epoll::modify(&self.epoll, &client.socket, EventData::new_u64(task), EventFlags::IN)?;
        }
        Ok(())
    }
}

impl Client {
    /// Without `TCP_NODELAY`: a first and only write finds nothing under way that it might wait
    /// for.
    fn connect(round: &Round, task: u64) -> io::Result<Self> {
        let origin = round.origin();
        let family = if origin.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        match connect(&socket, &origin) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let mut client = Self { socket, asked: false, reply: [0; 8], come: 0 };
        // PERF: within one machine the connection is established by now, and no event is needed.
        client.ask(round.token(task))?;
        Ok(client)
    }

    /// Sends the number, all of it or nothing; returns whether the connection was established.
    fn ask(&mut self, number: u64) -> io::Result<bool> {
        self.asked = match send(&self.socket, &number.to_le_bytes(), SendFlags::NOSIGNAL) {
            Ok(_) => true,
            Err(Errno::AGAIN) => false,
            Err(error) => return Err(error.into()),
        };
        Ok(self.asked)
    }

    /// Takes what has arrived of the reply; returns it when it is complete.
    fn hear(&mut self) -> io::Result<Option<u64>> {
        match recv(&self.socket, &mut self.reply[self.come..], RecvFlags::empty()) {
            Ok((0, _)) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok((length, _)) => self.come += length,
            Err(Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
        Ok((self.come == self.reply.len()).then(|| u64::from_le_bytes(self.reply)))
    }
}

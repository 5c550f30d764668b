//! A load under way.

use std::time::{Duration, Instant};

use protocol::Quantiles;
use rustix::event::epoll::{Event, EventFlags};

use super::connection::{Buffers, CHUNK_BYTES, Connection, Heard};
use super::error::{GRACE, LoadError, MOST_MESSAGES};
use super::pace::Pace;
use super::spec::LoadReport;
use crate::poller::{ENDING, Poller, SharpTimers};

/// Scheduled messages begun before answers that have come meanwhile get their turn.
const SEND_BATCH: u64 = 64;

/// How long a server may take to close its side; after that nobody waits for it.
const PARTING: Duration = Duration::from_secs(1);

/// A load under way. Times are nanoseconds from its start.
pub(super) struct Run {
    connections: Vec<Connection>,
    /// When the message that is outstanding on each connection was sent; of a closed loop.
    sent_ns: Vec<u64>,
    pace: Pace,
    duration_ns: u64,
    poller: Poller,
    buffers: Buffers,
    start: Instant,
    /// The next message of the schedule, and when it is due.
    next: u64,
    next_due_ns: Option<u64>,
    outstanding: u64,
    most_outstanding: u64,
    last_answer_ns: u64,
    latencies_ns: Vec<u64>,
}

impl Run {
    /// # Errors
    /// When the connections cannot be watched.
    pub fn new(connections: Vec<Connection>, pace: Pace, duration_ns: u64) -> Result<Self, LoadError> {
        let poller = Poller::new()?;
        for (key, connection) in (0..).zip(&connections) {
            let what = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP;
            poller.watch(connection.socket(), key, what)?;
        }
        Ok(Self {
            sent_ns: vec![0; connections.len()],
            connections,
            pace,
            duration_ns,
            poller,
            buffers: Buffers::new(),
            start: Instant::now(),
            next: 0,
            next_due_ns: pace.due_ns(0),
            outstanding: 0,
            most_outstanding: 0,
            last_answer_ns: 0,
            latencies_ns: Vec::new(),
        })
    }

    pub fn run(mut self) -> Result<LoadReport, LoadError> {
        let _sharp = SharpTimers::set()?;
        let mut events = Poller::events();
        self.start = Instant::now();
        self.send_due()?;
        while self.outstanding > 0 || self.next_due_ns.is_some() {
            let patience = self.patience()?;
            self.poller.wait(&mut events, Some(patience))?;
            for event in &events {
                self.attend(event)?;
                self.send_due()?;
            }
            self.send_due()?;
        }
        self.part(&mut events)?;
        Ok(self.report())
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// How long to wait for events: until the next message is due, or the time for answers is over.
    fn patience(&self) -> Result<Duration, LoadError> {
        let now = self.now_ns();
        let over = self.duration_ns.saturating_add(u64::try_from(GRACE.as_nanos()).unwrap_or(u64::MAX));
        if now >= over {
            return Err(self.unanswered());
        }
        let next = self.next_due_ns.map_or(over, |due| due.min(over));
        Ok(Duration::from_nanos(next.saturating_sub(now)))
    }

    /// Begins the messages that are due, a batch of them at most, and sends them. One write takes
    /// all that one connection has to send.
    fn send_due(&mut self) -> Result<(), LoadError> {
        let Some(due) = self.next_due_ns else { return Ok(()) };
        let now = self.now_ns();
        if due > now {
            return Ok(());
        }
        let first = self.next;
        while self.next < first + SEND_BATCH && self.next_due_ns.is_some_and(|due| due <= now) {
            let index = self.connection_of(self.next);
            self.begin(index);
            self.next += 1;
            self.next_due_ns = self.pace.due_ns(self.next);
        }
        let connections = self.connections.len() as u64;
        for message in first..self.next.min(first + connections) {
            let index = self.connection_of(message);
            self.send(index)?;
        }
        Ok(())
    }

    /// The place of the connection to which a message of the schedule goes.
    fn connection_of(&self, message: u64) -> usize {
        usize::try_from(message % self.connections.len() as u64).expect("a place in memory")
    }

    fn begin(&mut self, index: usize) {
        self.connections[index].begin();
        self.outstanding += 1;
        self.most_outstanding = self.most_outstanding.max(self.outstanding);
    }

    fn send(&mut self, index: usize) -> Result<(), LoadError> {
        self.sent_ns[index] = self.now_ns();
        self.connections[index].flush(&mut self.buffers)
    }

    fn attend(&mut self, event: &Event) -> Result<(), LoadError> {
        let index = usize::try_from(event.data.u64()).expect("keys are places in memory");
        let flags = event.flags;
        if flags.contains(EventFlags::OUT) && self.connections[index].full {
            self.connections[index].full = false;
            self.connections[index].flush(&mut self.buffers)?;
        }
        if flags.intersects(EventFlags::IN | ENDING) {
            self.hear(index, flags.intersects(ENDING))?;
        }
        Ok(())
    }

    /// Reads what has come back. Where the end is known to follow, it is read too: no further event
    /// would report it.
    fn hear(&mut self, index: usize, ending: bool) -> Result<(), LoadError> {
        loop {
            let connection = &mut self.connections[index];
            match connection.hear(&mut self.buffers)? {
                Heard::Bytes(read) => {
                    self.take(index, read)?;
                    if read < CHUNK_BYTES && !ending {
                        return Ok(());
                    }
                }
                Heard::Nothing => return Ok(()),
                Heard::End => {
                    connection.ended = true;
                    let (connection, messages) = (index as u64, connection.outstanding());
                    return if messages == 0 {
                        Ok(())
                    } else {
                        Err(LoadError::Closed { connection, messages })
                    };
                }
            }
        }
    }

    /// Compares the bytes that were read on a connection and records the answers that they
    /// complete; in a closed loop the next message follows.
    fn take(&mut self, index: usize, read: usize) -> Result<(), LoadError> {
        // Taken before comparing, which is not the server's time.
        let now = self.now_ns();
        let from = self.connections[index].answered();
        self.connections[index].compare(&mut self.buffers, read)?;
        let to = self.connections[index].answered();
        if from == to {
            return Ok(());
        }
        for sequence in from..to {
            let began = self.began_ns(index, sequence);
            self.latencies_ns.push(now.saturating_sub(began));
        }
        self.outstanding -= to - from;
        self.last_answer_ns = now;
        if matches!(self.pace, Pace::Closed { .. }) && now < self.duration_ns {
            if self.latencies_ns.len() as u64 + self.outstanding >= MOST_MESSAGES {
                return Err(LoadError::TooMany);
            }
            self.begin(index);
            self.send(index)?;
        }
        Ok(())
    }

    /// From when on the latency of a message counts: when it was sent, or in an open loop when it
    /// was due, however late it was sent.
    fn began_ns(&self, index: usize, sequence: u64) -> u64 {
        match self.pace {
            Pace::Closed { .. } => self.sent_ns[index],
            Pace::Open { .. } => {
                let message = sequence * self.connections.len() as u64 + index as u64;
                self.pace.due_ns(message).expect("what was answered was scheduled")
            }
        }
    }

    /// Closes every connection in order and waits a little for the server to do so too: what it
    /// sends beyond the echo is found, and no reset cuts it short.
    fn part(&mut self, events: &mut Vec<Event>) -> Result<(), LoadError> {
        self.connections.iter().for_each(Connection::part);
        let until = Instant::now() + PARTING;
        while self.connections.iter().any(|connection| !connection.ended) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.poller.wait(events, Some(left))?;
            for event in &*events {
                self.attend(event)?;
            }
        }
        Ok(())
    }

    fn unanswered(&self) -> LoadError {
        let waits = |(_, connection): &(usize, &Connection)| connection.outstanding() > 0;
        let first = self.connections.iter().enumerate().find(waits);
        let (connection, of_connection) =
            first.map_or((0, 0), |(at, first)| (at as u64, first.outstanding()));
        LoadError::Unanswered { messages: self.outstanding, connection, of_connection }
    }

    fn report(self) -> LoadReport {
        let latencies = self.latencies_ns;
        LoadReport {
            requests: latencies.len() as u64,
            bytes: self.connections.iter().map(Connection::echoed).sum(),
            load_ns: self.last_answer_ns,
            latency: Quantiles::of(latencies).expect("a load has at least one message"),
            most_outstanding: self.most_outstanding,
        }
    }
}

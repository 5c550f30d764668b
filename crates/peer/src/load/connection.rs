//! One connection of a load: how far it has been written and how far the echo has been compared.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::error::LoadError;
use super::pattern::Pattern;

/// How long a server may take to let a client in.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes written or read at a time, at most.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

/// Room for what comes in and for what it is to be compared with; also for what goes out. All
/// connections share it.
pub(super) struct Buffers {
    echoed: Vec<u8>,
    sent: Vec<u8>,
}

impl Buffers {
    pub fn new() -> Self {
        Self { echoed: vec![0; CHUNK_BYTES], sent: vec![0; CHUNK_BYTES] }
    }
}

/// The result of a read.
pub(super) enum Heard {
    /// So many bytes, still to be compared.
    Bytes(usize),
    /// Nothing is there now.
    Nothing,
    /// The server will send no more.
    End,
}

/// One client of the server.
pub(super) struct Connection {
    number: u64,
    pattern: Pattern,
    socket: TcpStream,
    /// Messages that are to be sent, those that have been included.
    begun: u64,
    /// Bytes sent.
    written: u64,
    /// Bytes that came back and were right.
    echoed: u64,
    /// The socket takes no more until epoll says so.
    pub full: bool,
    /// The server will send no more.
    pub ended: bool,
}

impl Connection {
    /// Connects and waits for it: one after another, so that a server's backlog need not hold them
    /// all.
    pub fn open(number: u64, address: SocketAddr, pattern: Pattern) -> Result<Self, LoadError> {
        let connect = || {
            let socket = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)?;
            socket.set_nodelay(true)?;
            socket.set_nonblocking(true)?;
            Ok(socket)
        };
        let socket =
            connect().map_err(|source| LoadError::Connect { connection: number, address, source })?;
        let (begun, written, echoed) = (0, 0, 0);
        Ok(Self { number, pattern, socket, begun, written, echoed, full: false, ended: false })
    }

    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Messages that have come back whole.
    pub fn answered(&self) -> u64 {
        self.echoed / self.pattern.message_bytes
    }

    /// Bytes that came back.
    pub fn echoed(&self) -> u64 {
        self.echoed
    }

    /// Messages begun that have not come back whole.
    pub fn outstanding(&self) -> u64 {
        self.begun - self.answered()
    }

    /// One message more is to be sent.
    pub fn begin(&mut self) {
        self.begun += 1;
    }

    /// Sends what has been begun, as far as the socket takes it. The rest needs no memory: it can
    /// be computed from its position.
    pub fn flush(&mut self, buffers: &mut Buffers) -> Result<(), LoadError> {
        let goal = self.begun * self.pattern.message_bytes;
        while self.written < goal && !self.full {
            let bytes = usize::try_from(goal - self.written).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
            let chunk = &mut buffers.sent[..bytes];
            self.pattern.fill(self.number, self.written, chunk);
            match self.socket.write(chunk) {
                Ok(written) => self.written += written as u64,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.full = true,
                Err(error) => return Err(self.broken("writing to", error)),
            }
        }
        Ok(())
    }

    /// Reads once, into the buffers.
    pub fn hear(&mut self, buffers: &mut Buffers) -> Result<Heard, LoadError> {
        loop {
            return match self.socket.read(&mut buffers.echoed) {
                Ok(0) => Ok(Heard::End),
                Ok(read) => Ok(Heard::Bytes(read)),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => continue,
                    ErrorKind::WouldBlock => Ok(Heard::Nothing),
                    // Not polite, but all its answers have come.
                    ErrorKind::ConnectionReset if self.outstanding() == 0 => Ok(Heard::End),
                    _ => Err(self.broken("reading from", error)),
                },
            };
        }
    }

    /// Compares the bytes that were read last.
    pub fn compare(&mut self, buffers: &mut Buffers, read: usize) -> Result<(), LoadError> {
        let (echoed, sent) = (&buffers.echoed[..read], &mut buffers.sent[..read]);
        if self.echoed + echoed.len() as u64 > self.written {
            let back = self.echoed + echoed.len() as u64;
            return Err(self.corrupted(format!("{back} bytes came back of {} that were sent", self.written)));
        }
        self.pattern.fill(self.number, self.echoed, sent);
        if echoed != sent {
            let at = echoed.iter().zip(&*sent).take_while(|(came, went)| came == went).count();
            let place = self.echoed + at as u64;
            let (message, byte) = (place / self.pattern.message_bytes, place % self.pattern.message_bytes);
            let (went, came) = (sent[at], echoed[at]);
            return Err(self.corrupted(format!(
                "byte {byte} of message {message} was sent as {went:#04x} and came back as {came:#04x}"
            )));
        }
        self.echoed += echoed.len() as u64;
        Ok(())
    }

    /// Ends the sending side. An error means that the server has gone already.
    pub fn part(&self) {
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    fn corrupted(&self, words: String) -> LoadError {
        LoadError::Corrupted { connection: self.number, words }
    }

    fn broken(&self, doing: &'static str, source: io::Error) -> LoadError {
        LoadError::Io { connection: self.number, doing, source }
    }
}

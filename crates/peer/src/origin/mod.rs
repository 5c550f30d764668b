//! The origin server of workload `request`: answers every number after the same delay.
//!
//! A client sends a number, eight bytes little-endian. After the eighth byte has arrived, the
//! server waits for the [`delay`](Origin::start) and answers with eight bytes, the
//! reply that follows from the number and a [`Secret`]. The connection stays open until the client
//! closes it, and may carry further numbers, which are answered in their order.
//!
//! The runtime is measured against the delay. So an answer is never early, and late by no more than
//! a thread needs to wake up: all delays are equal, answers become due in the order in which
//! numbers arrive, and no timer wheel rounds them to its ticks.

mod connections;
mod server;
#[cfg(test)]
mod tests;
mod tokens;

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{EventfdFlags, eventfd};

pub use server::Answered;
use server::Server;
pub use tokens::Tokens;

use crate::secret::Secret;

/// A running origin server. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct Origin {
    address: SocketAddr,
    stop: Arc<OwnedFd>,
    thread: Option<JoinHandle<io::Result<Answered>>>,
}

impl Origin {
    /// Starts a server on a free port of 127.0.0.1, in a thread of its own. It answers after
    /// `delay` with the reply that follows from the number and the `secret`. `tokens` are what it
    /// expects to be asked; other numbers are answered, and not counted.
    pub fn start(secret: Secret, delay: Duration, tokens: Tokens) -> io::Result<Self> {
        let stop = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let server = Server::start(secret, delay, tokens, &stop)?;
        let address = server.address()?;
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
    /// When it had ended before, because of an error of the system.
    pub fn stop(mut self) -> io::Result<Answered> {
        self.end().expect("only stop and drop end it")
    }

    fn end(&mut self) -> Option<io::Result<Answered>> {
        let thread = self.thread.take()?;
        let written = rustix::io::write(&self.stop, &1u64.to_ne_bytes());
        written.expect("an eventfd has room for a one");
        Some(thread.join().unwrap_or_else(|_| Err(io::Error::other("the origin server panicked"))))
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.end();
    }
}

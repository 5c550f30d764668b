//! A server on one address with a socket for each executor, among which the kernel distributes the
//! clients.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};

use rustix::net::{Shutdown, shutdown};

use crate::executors::Share;

/// What the executors share while they accept connections.
#[derive(Default)]
pub struct Listening {
    address: OnceLock<SocketAddr>,
    accepted: AtomicU64,
    /// A duplicate of each socket that listens, with which its waiting is ended.
    sockets: Mutex<Vec<TcpListener>>,
}

impl Listening {
    /// Listens with a socket for each executor, and tells the harness when all of them listen.
    /// `bind` opens a socket that listens, on a port that others may share, and returns it with a
    /// duplicate.
    pub async fn listen<L>(
        &self,
        share: &Share,
        bind: impl AsyncFn(SocketAddr) -> io::Result<(L, OwnedFd)>,
    ) -> io::Result<L> {
        let listener = if share.executor == 0 {
            let (listener, socket) = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
            let address = self.keep(socket)?;
            self.address.get_or_init(|| address);
            share.meet();
            listener
        } else {
            share.meet();
            let (listener, socket) = bind(self.address()).await?;
            self.keep(socket)?;
            listener
        };
        if share.meet() {
            share.round.serving(self.address());
        }
        Ok(listener)
    }

    /// Takes the result of waiting for a connection. Gives the connection with its number among all
    /// that the executors have accepted, from 0 on; `None` when all `clients` have connected, to
    /// this executor or another.
    ///
    /// # Panics
    /// When waiting failed before all had connected.
    pub fn accepted<S>(&self, accepted: io::Result<S>, clients: u64) -> Option<(u64, S)> {
        match accepted {
            Ok(stream) => {
                let number = self.accepted.fetch_add(1, Relaxed);
                if number + 1 == clients {
                    self.stop();
                }
                Some((number, stream))
            }
            Err(error) => {
                assert_eq!(self.accepted.load(Relaxed), clients, "accepting: {error}");
                None
            }
        }
    }

    fn address(&self) -> SocketAddr {
        *self.address.get().expect("the first executor has listened")
    }

    /// Keeps the duplicate of a socket; gives its address.
    fn keep(&self, socket: OwnedFd) -> io::Result<SocketAddr> {
        let listener = TcpListener::from(socket);
        let address = listener.local_addr()?;
        self.sockets.lock().expect("no one panics with it").push(listener);
        Ok(address)
    }

    /// Ends the waiting of all executors: accepting on a socket that is shut down is an error.
    fn stop(&self) {
        for socket in self.sockets.lock().expect("no one panics with it").drain(..) {
            shutdown(socket, Shutdown::Read).expect("it listens");
        }
    }
}

//! A server on one address with a socket for each executor, between which the kernel spreads the clients.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};

use rustix::net::{Shutdown, shutdown};

use crate::executors::Share;

/// What the executors know of one another while they accept.
#[derive(Default)]
pub struct Listening {
    address: OnceLock<SocketAddr>,
    accepted: AtomicU64,
    /// Another hold on each socket that listens, to end its waiting with.
    sockets: Mutex<Vec<TcpListener>>,
}

impl Listening {
    /// Listens with a socket for each executor, and tells the harness when all of them stand. `bind` makes one that
    /// listens, whose port others may share, and gives another hold on it.
    ///
    /// # Errors
    /// What stands in the way of a socket.
    pub async fn listen<L>(
        &self,
        share: &Share,
        bind: impl AsyncFn(SocketAddr) -> io::Result<(L, OwnedFd)>,
    ) -> io::Result<L> {
        let listener = if share.executor == 0 {
            let (listener, socket) = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
            let address = self.hold(socket)?;
            self.address.get_or_init(|| address);
            share.meet();
            listener
        } else {
            share.meet();
            let (listener, socket) = bind(self.address()).await?;
            self.hold(socket)?;
            listener
        };
        if share.meet() {
            share.round.serving(self.address());
        }
        Ok(listener)
    }

    /// What has come of waiting for a connection: it, and the how-manieth of all it is; `None` when all have come,
    /// here and elsewhere.
    ///
    /// # Panics
    /// When the waiting failed before.
    pub fn accepted<S>(&self, accepted: io::Result<S>, clients: u64) -> Option<(u64, S)> {
        match accepted {
            Ok(stream) => {
                let nth = self.accepted.fetch_add(1, Relaxed);
                if nth + 1 == clients {
                    self.stop();
                }
                Some((nth, stream))
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

    /// Keeps a hold on a socket; gives its address.
    fn hold(&self, socket: OwnedFd) -> io::Result<SocketAddr> {
        let listener = TcpListener::from(socket);
        let address = listener.local_addr()?;
        self.sockets.lock().expect("no one panics with it").push(listener);
        Ok(address)
    }

    /// Who waits for a connection on a socket that is shut down gets an error.
    fn stop(&self) {
        for socket in self.sockets.lock().expect("no one panics with it").drain(..) {
            shutdown(socket, Shutdown::Read).expect("it listens");
        }
    }
}

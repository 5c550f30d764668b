//! Whether the server of `echo` is the runner's own: a socket among its open files that listens where it says.
//!
//! Each socket is duplicated for a moment and asked itself. That takes some microseconds; the tables below `/proc/net`
//! take milliseconds to read.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use procfs::process::{FDTarget, Process};
use rustix::io::Errno;
use rustix::net::{getsockname, sockopt};
use rustix::process::{ForeignRawFd, Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

use crate::fault::Fault;
use crate::memory::descendants;

/// Checks that a runner, or a process that it has started, listens at this address. Where the system does not let us
/// look, it is believed.
pub fn check(runner: u32, address: SocketAddr) -> Result<(), Fault> {
    let Ok(runner) = i32::try_from(runner) else { return Ok(()) };
    if !address.ip().is_loopback() {
        return Err(Fault::NotHere(address));
    }
    // Most runners are one process, and to look for others takes longer.
    if listens(runner, address) != Some(false) {
        return Ok(());
    }
    let started = descendants(&[runner]);
    // One that cannot be looked at because it has ended meanwhile listens nowhere.
    let may_listen = |process| listens(process, address).unwrap_or_else(|| Process::new(process).is_ok());
    if started.into_iter().any(|process| process != runner && may_listen(process)) {
        return Ok(());
    }
    Err(Fault::NotItsOwn(address))
}

/// Whether a process has a socket that listens there; `None` where it cannot be looked at.
fn listens(process: i32, address: SocketAddr) -> Option<bool> {
    let pidfd = pidfd_open(Pid::from_raw(process)?, PidfdFlags::empty()).ok()?;
    for file in Process::new(process).and_then(|process| process.fd()).ok()?.flatten() {
        if !matches!(file.target, FDTarget::Socket(_)) {
            continue;
        }
        match duplicate(&pidfd, file.fd) {
            Ok(socket) if is_listening(&socket, address) => return Some(true),
            // It was closed meanwhile.
            Ok(_) | Err(Errno::BADF) => {}
            Err(_) => return None,
        }
    }
    Some(false)
}

fn duplicate(pidfd: &OwnedFd, file: i32) -> Result<OwnedFd, Errno> {
    pidfd_getfd(pidfd, file as ForeignRawFd, PidfdGetfdFlags::empty())
}

/// Whether a socket listens there: at this very address, written for IPv4 or for IPv6, or at all addresses.
fn is_listening(socket: &OwnedFd, address: SocketAddr) -> bool {
    let bound = getsockname(socket).ok().and_then(|bound| SocketAddr::try_from(bound).ok());
    let is_there = bound.is_some_and(|bound| {
        let is_same = bound.ip().to_canonical() == address.ip().to_canonical();
        bound.port() == address.port() && (is_same || bound.ip().is_unspecified())
    });
    is_there && sockopt::socket_acceptconn(socket).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_socket_is_its_owner_s_alone() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let own = std::process::id();
        assert_eq!(check(own, address), Ok(()));
        let mut other = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        assert_eq!(check(other.id(), address), Err(Fault::NotItsOwn(address)));
        other.kill().unwrap();
        other.wait().unwrap();
    }

    #[test]
    fn a_server_for_all_addresses_or_for_both_families_listens_there_as_well() {
        for wide in ["0.0.0.0:0", "[::]:0", "[::ffff:127.0.0.1]:0"] {
            // Not every machine has IPv6.
            let Ok(server) = TcpListener::bind(wide) else { continue };
            let address = SocketAddr::from(([127, 0, 0, 1], server.local_addr().unwrap().port()));
            assert_eq!(check(std::process::id(), address), Ok(()), "{wide}");
        }
    }

    #[test]
    fn a_connection_is_no_server() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
        let address = client.local_addr().unwrap();
        assert_eq!(check(std::process::id(), address), Err(Fault::NotItsOwn(address)));
        let elsewhere = SocketAddr::from(([10, 0, 0, 1], 80));
        assert_eq!(check(std::process::id(), elsewhere), Err(Fault::NotHere(elsewhere)));
    }
}

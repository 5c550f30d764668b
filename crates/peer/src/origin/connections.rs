//! The connections of an origin, found by a key that no later connection has.

use std::net::TcpStream;
use std::os::fd::AsRawFd;

/// A client of the origin.
pub(super) struct Connection {
    key: u64,
    pub socket: TcpStream,
    /// The beginning of a number whose rest is still to come.
    part: [u8; 8],
    part_bytes: usize,
    /// Numbers received and not yet answered.
    pub pending: usize,
    /// Those of them that are tokens, and whether there ever was one.
    pub tokens_pending: u64,
    pub has_carried_a_token: bool,
    /// The client will send no more.
    pub ended: bool,
    /// Something was left unread because too much was pending.
    pub unread: bool,
}

impl Connection {
    /// Takes so many tokens in; gives how many of them share the connection with one before.
    pub fn carry(&mut self, tokens: u64) -> u64 {
        self.tokens_pending += tokens;
        let is_first = tokens > 0 && !std::mem::replace(&mut self.has_carried_a_token, true);
        tokens - u64::from(is_first)
    }

    /// Hands every number that these bytes complete to `found`.
    pub fn take(&mut self, mut bytes: &[u8], mut found: impl FnMut(u64)) {
        while !bytes.is_empty() {
            let (head, rest) = bytes.split_at(bytes.len().min(8 - self.part_bytes));
            self.part[self.part_bytes..self.part_bytes + head.len()].copy_from_slice(head);
            self.part_bytes += head.len();
            bytes = rest;
            if self.part_bytes == 8 {
                self.part_bytes = 0;
                self.pending += 1;
                found(u64::from_le_bytes(self.part));
            }
        }
    }
}

/// All that are open. The kernel gives the lowest file number that is free, so a number is a good
/// index; since it gives it again, a key also counts the connections before.
#[derive(Default)]
pub(super) struct Connections {
    by_file: Vec<Option<Connection>>,
    inserted: u32,
}

impl Connections {
    /// Takes in a connection and gives its key, which is below `u64::MAX - 1`.
    pub fn insert(&mut self, socket: TcpStream) -> u64 {
        let file = u32::try_from(socket.as_raw_fd()).expect("an open file has a number");
        self.inserted = self.inserted.wrapping_add(1);
        let key = u64::from(self.inserted) << 32 | u64::from(file);
        let index = index(key);
        if self.by_file.len() <= index {
            self.by_file.resize_with(index + 1, || None);
        }
        self.by_file[index] = Some(Connection {
            key,
            socket,
            part: [0; 8],
            part_bytes: 0,
            pending: 0,
            tokens_pending: 0,
            has_carried_a_token: false,
            ended: false,
            unread: false,
        });
        key
    }

    /// The connection of a key, unless it has been closed.
    pub fn find(&mut self, key: u64) -> Option<&mut Connection> {
        self.by_file.get_mut(index(key))?.as_mut().filter(|connection| connection.key == key)
    }

    /// Takes out a connection that was found.
    pub fn remove(&mut self, key: u64) -> Option<Connection> {
        self.find(key)?;
        self.by_file[index(key)].take()
    }
}

/// Which file number a key holds.
fn index(key: u64) -> usize {
    usize::try_from(key & u64::from(u32::MAX)).expect("a file number fits in memory")
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    fn socket() -> TcpStream {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        TcpStream::connect(listener.local_addr().unwrap()).unwrap()
    }

    #[test]
    fn the_key_of_a_closed_connection_finds_no_later_one() {
        let mut connections = Connections::default();
        let first = connections.insert(socket());
        assert!(connections.remove(first).is_some());
        for _ in 0..8 {
            connections.insert(socket());
        }
        assert!(connections.find(first).is_none());
        assert!(connections.remove(first).is_none());
    }

    #[test]
    fn numbers_are_whole_however_they_are_cut() {
        let numbers: [u64; 3] = [7, u64::MAX, 1 << 40];
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        for size in 1..=bytes.len() {
            let mut connections = Connections::default();
            let key = connections.insert(socket());
            let connection = connections.find(key).unwrap();
            let mut found = Vec::new();
            for part in bytes.chunks(size) {
                connection.take(part, |number| found.push(number));
            }
            assert_eq!(found, numbers, "in parts of {size}");
            assert_eq!(connection.pending, 3);
        }
    }
}

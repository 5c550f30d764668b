//! `request` and `echo`: blocking sockets of `std::net`, one thread a connection.
//!
//! What could mislead:
//! - In `request` the threads start one after the other while the first ones wait already: with a
//!   delay of 1 ms few are in flight at once. The pool asks in waves of as many as it has workers.
//! - In `echo` the main thread accepts, and starting a thread for each connection is part of the
//!   round. The kernel cuts the backlog to net.core.somaxconn; clients that come in excess of it at
//!   once are heard a second later, when their kernel tries again.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use runner::{ECHO_BUFFER_BYTES, Round};

use crate::spawn::Spawn;

const ORIGIN: &str = "the origin answers every request";
const CLIENT: &str = "a client stays until it has had all its answers";

pub fn request(round: &'static Round, threads: &mut impl Spawn) {
    for task in 0..round.tasks() {
        threads.spawn(move || ask(round, task));
    }
}

pub fn echo(round: &'static Round, threads: &mut impl Spawn) {
    let listener = listen(round);
    for task in 0..round.tasks() {
        let client = accept(&listener);
        threads.spawn(move || send_back(round, task, client));
    }
}

/// Asks the origin, on a connection of its own, and returns the answer.
fn ask(round: &Round, task: u64) -> u64 {
    round.begin(task);
    let mut origin = TcpStream::connect(round.origin()).expect(ORIGIN);
    origin.set_nodelay(true).expect(ORIGIN);
    origin.write_all(&round.token(task).to_le_bytes()).expect(ORIGIN);
    let mut answer = [0; 8];
    origin.read_exact(&mut answer).expect(ORIGIN);
    round.finish(task);
    u64::from_le_bytes(answer)
}

/// Opens the server of a round. `TcpListener::bind` asks for a backlog of 128, fewer than there may
/// be clients; listen(2) on a socket that listens already changes nothing else.
fn listen(round: &Round) -> TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port of this machine");
    rustix::net::listen(&listener, round.backlog()).expect("a socket that listens already");
    round.serving(listener.local_addr().expect("a socket that is bound"));
    listener
}

fn accept(listener: &TcpListener) -> TcpStream {
    listener.accept().expect("as many clients as tasks, and a file for each").0
}

/// Sends back whatever a client sends, until it has no more to say.
fn send_back(round: &Round, task: u64, mut client: TcpStream) -> u64 {
    client.set_nodelay(true).expect(CLIENT);
    let mut buffer = [0; ECHO_BUFFER_BYTES];
    let mut sent = 0;
    loop {
        let read = client.read(&mut buffer).expect(CLIENT);
        if read == 0 {
            return round.token(task).wrapping_add(sent);
        }
        client.write_all(&buffer[..read]).expect(CLIENT);
        sent += read as u64;
    }
}

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;

use super::server::{MOST_PENDING, listen};
use super::{Answered, Origin, Tokens};
use crate::secret::Secret;

/// A thousand tokens from 0 on, each once.
const TOKENS: Tokens = Tokens { first: 0, count: 1000, times: 1 };

fn start(delay_ms: u64) -> Origin {
    Origin::start(Secret::KNOWN, Duration::from_millis(delay_ms), TOKENS).unwrap()
}

fn reply(number: u64) -> u64 {
    Secret::KNOWN.number(number)
}

fn connect(origin: &Origin) -> TcpStream {
    let socket = TcpStream::connect(origin.address()).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

fn ask(socket: &mut TcpStream, number: u64) {
    socket.write_all(&number.to_le_bytes()).unwrap();
}

fn hear(socket: &mut TcpStream) -> u64 {
    let mut bytes = [0; 8];
    socket.read_exact(&mut bytes).unwrap();
    u64::from_le_bytes(bytes)
}

fn is_alive(origin: &Origin) -> bool {
    let mut socket = connect(origin);
    ask(&mut socket, 99);
    hear(&mut socket) == reply(99)
}

/// Closes with a reset: something is left unread.
fn reset(socket: &TcpStream) {
    sockopt::set_socket_linger(socket, Some(Duration::ZERO)).unwrap();
}

#[test]
fn answers_are_right_and_never_early_with_a_delay_and_without() {
    for (delay_ms, numbers) in [(5, vec![0, 1, u64::MAX]), (0, (0..1000).collect())] {
        let origin = start(delay_ms);
        let mut socket = connect(&origin);
        for &number in &numbers {
            let asked = Instant::now();
            ask(&mut socket, number);
            assert_eq!(hear(&mut socket), reply(number));
            assert!(asked.elapsed() >= Duration::from_millis(delay_ms));
        }
        let answered = numbers.iter().filter(|number| **number < TOKENS.count).count() as u64;
        let (uneven, shared) = (TOKENS.count - answered, answered - 1);
        assert_eq!(origin.stop().unwrap(), Answered { answered, most_open: 1, uneven, shared });
    }
}

#[test]
fn a_thousand_requests_at_once_are_in_flight_together() {
    let origin = start(300);
    let mut sockets: Vec<_> = (0..1000).map(|_| connect(&origin)).collect();
    (0..).zip(&mut sockets).for_each(|(number, socket)| ask(socket, number));
    (0..).zip(&mut sockets).for_each(|(number, socket)| assert_eq!(hear(socket), reply(number)));
    let done = origin.stop().unwrap();
    assert_eq!((done.answered, done.uneven, done.shared), (1000, 0, 0));
    // All of them, had the machine nothing else to do.
    assert!(done.most_open > 1 && done.most_open <= 1000, "{done:?}");
}

#[test]
fn a_stranger_is_answered_and_spoils_nothing() {
    let origin = start(0);
    let mut stranger = connect(&origin);
    for number in [TOKENS.count, u64::MAX] {
        ask(&mut stranger, number);
        assert_eq!(hear(&mut stranger), reply(number));
    }
    for number in 0..TOKENS.count {
        let mut socket = connect(&origin);
        ask(&mut socket, number);
        assert_eq!(hear(&mut socket), reply(number));
    }
    let done = origin.stop().unwrap();
    assert_eq!(done, Answered { answered: TOKENS.count, most_open: 1, uneven: 0, shared: 0 });
}

#[test]
fn a_number_in_two_halves_is_answered_after_the_second() {
    let origin = start(2);
    let mut socket = connect(&origin);
    let bytes = 77u64.to_le_bytes();
    socket.write_all(&bytes[..3]).unwrap();
    thread::sleep(Duration::from_millis(10));
    let asked = Instant::now();
    socket.write_all(&bytes[3..]).unwrap();
    assert_eq!(hear(&mut socket), reply(77));
    assert!(asked.elapsed() >= Duration::from_millis(2));
}

#[test]
fn numbers_sent_ahead_are_answered_in_their_order_more_than_it_reads_at_once_too() {
    let origin = start(1);
    let mut socket = connect(&origin);
    let count = 10 * MOST_PENDING as u64;
    (0..count).for_each(|number| ask(&mut socket, number));
    (0..count).for_each(|number| assert_eq!(hear(&mut socket), reply(number)));
    let done = origin.stop().unwrap();
    assert_eq!(done.answered, count);
    assert!(done.most_open < 2 * MOST_PENDING as u64, "{done:?}");
}

#[test]
fn a_client_that_says_it_will_send_no_more_still_has_its_answer_and_then_the_end() {
    let origin = start(5);
    let mut socket = connect(&origin);
    ask(&mut socket, 3);
    socket.shutdown(Shutdown::Write).unwrap();
    assert_eq!(hear(&mut socket), reply(3));
    assert_eq!(socket.read(&mut [0]).unwrap(), 0);
}

#[test]
fn it_survives_clients_that_leave_early_send_half_a_number_or_reset() {
    let origin = start(2);
    for _ in 0..50 {
        drop(connect(&origin));
        let mut half = connect(&origin);
        half.write_all(&[1, 2, 3]).unwrap();
        let mut gone = connect(&origin);
        ask(&mut gone, 1);
        let mut torn = connect(&origin);
        ask(&mut torn, 1);
        reset(&torn);
    }
    assert!(is_alive(&origin));
    assert!(is_alive(&origin));
    origin.stop().unwrap();
}

#[test]
fn a_client_that_never_reads_is_left_behind_and_takes_nobody_along() {
    let origin = start(0);
    let mut deaf = connect(&origin);
    deaf.set_nonblocking(true).unwrap();
    let chunk = [0; 1 << 12];
    let mut refused = 0;
    while refused < 20 {
        match deaf.write(&chunk) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                refused += 1;
                thread::sleep(Duration::from_millis(2));
            }
            Err(_) => break,
        }
    }
    assert!(is_alive(&origin));
}

#[test]
fn accepted_sockets_inherit_that_nothing_is_held_back() {
    let listener = listen().unwrap();
    let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    listener.set_nonblocking(false).unwrap();
    assert!(listener.accept().unwrap().0.nodelay().unwrap());
}

#[test]
fn a_dropped_origin_listens_no_more() {
    let origin = start(0);
    let address = origin.address();
    drop(origin);
    assert!(TcpStream::connect(address).is_err());
}

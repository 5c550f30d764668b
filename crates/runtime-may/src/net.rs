//! `request` and `echo`: may's TCP, which reads as the standard library's does.

use std::io::{self, Read, Write};

use may::go;
use may::net::{TcpListener, TcpStream};
use runner::{ECHO_BUFFER_BYTES, Round, Tally};

use crate::joining::{join, start_all_then_join};

pub(crate) fn request(round: &'static Round) -> Tally {
    start_all_then_join(
        (0..round.tasks()).map(|task| go!(move || ask(round, task).expect("the origin answers"))),
    )
}

fn ask(round: &Round, task: u64) -> io::Result<u64> {
    round.begin(task);
    let mut stream = TcpStream::connect(round.origin())?;
    stream.set_nodelay(true)?;
    stream.write_all(&round.token(task).to_le_bytes())?;
    let mut reply = [0; 8];
    stream.read_exact(&mut reply)?;
    round.finish(task);
    Ok(u64::from_le_bytes(reply))
}

/// The connections are accepted in a coroutine, as in may's own example of an echo server: a thread
/// would wait through a coroutine that may starts for it.
pub(crate) fn echo(round: &'static Round) -> Tally {
    let listener = listen(round).expect("a port of the loopback interface");
    round.serving(listener.local_addr().expect("it is bound"));
    join(go!(move || accept_all(round, &listener)))
}

fn accept_all(round: &'static Round, listener: &TcpListener) -> Tally {
    start_all_then_join((0..round.tasks()).map(|task| {
        let (stream, _) = listener.accept().expect("files enough: the limit has been checked");
        go!(move || {
            let sent = send_back(stream).expect("a client goes only at the end of its stream");
            round.token(task).wrapping_add(sent)
        })
    }))
}

/// may's listener has a backlog of 1024, and all clients come at once. Listening once more only
/// makes it longer.
fn listen(round: &Round) -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    rustix::net::listen(listener.inner(), round.backlog())?;
    Ok(listener)
}

/// Sends back what arrives; returns the bytes sent.
fn send_back(mut stream: TcpStream) -> io::Result<u64> {
    stream.set_nodelay(true)?;
    // On the heap, as in may's examples: the stack is small.
    let mut buffer = vec![0; ECHO_BUFFER_BYTES];
    let mut sent = 0;
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(sent);
        }
        stream.write_all(&buffer[..read])?;
        sent += read as u64;
    }
}

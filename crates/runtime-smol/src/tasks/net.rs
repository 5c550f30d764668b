//! TCP, as a client and as a server.

use std::io;
use std::net::Ipv4Addr;

use runner::{ECHO_BUFFER_BYTES, Round, Tally};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::net::{TcpListener, TcpStream};

use super::join::join;
use crate::executor::Executor;

/// Spawns tasks that each send one request to the origin, and joins them.
pub async fn request<E: Executor>(round: &'static Round) -> Tally {
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        tasks.push(E::spawn(async move {
            round.begin(task);
            let reply = ask(round, task).await.expect("the origin answers");
            round.finish(task);
            reply
        }));
    }
    join(tasks).await
}

async fn ask(round: &Round, task: u64) -> io::Result<u64> {
    let mut origin = TcpStream::connect(round.origin()).await?;
    origin.set_nodelay(true)?;
    origin.write_all(&round.token(task).to_le_bytes()).await?;
    let mut reply = [0; 8];
    origin.read_exact(&mut reply).await?;
    Ok(u64::from_le_bytes(reply))
}

/// Accepts as many connections as there are tasks, spawns a task for each, and joins them.
pub async fn echo<E: Executor>(round: &'static Round) -> Tally {
    let listener = listen(round).await.expect("a listener on the loopback interface");
    round.serving(listener.local_addr().expect("the address of a bound socket"));
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let (stream, _) = listener.accept().await.expect("a client");
        tasks.push(E::spawn(async move {
            let sent = send_back(stream).await.expect("the client reads to its end");
            round.token(task).wrapping_add(sent)
        }));
    }
    join(tasks).await
}

/// Listening once more only makes the backlog longer.
async fn listen(round: &Round) -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    rustix::net::listen(&listener, round.backlog())?;
    Ok(listener)
}

/// Sends back what arrives until the client closes its side; returns the bytes sent.
async fn send_back(mut stream: TcpStream) -> io::Result<u64> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; ECHO_BUFFER_BYTES];
    let mut sent = 0;
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(sent);
        }
        stream.write_all(&buffer[..read]).await?;
        sent += read as u64;
    }
}

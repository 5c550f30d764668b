//! TCP, as a client and as a server.

use std::net::{Ipv4Addr, SocketAddr};

use runner::{ECHO_BUFFER_BYTES, Round, Tally};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::join::join;

/// Spawns tasks that each send one request to the origin, and joins them.
pub async fn request(round: &'static Round) -> Tally {
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        handles.push(tokio::spawn(async move {
            round.begin(task);
            let mut stream = TcpStream::connect(round.origin()).await.expect("the origin listens");
            stream.set_nodelay(true).expect("TCP_NODELAY");
            stream.write_u64_le(round.token(task)).await.expect("the origin reads");
            let reply = stream.read_u64_le().await.expect("the origin answers");
            round.finish(task);
            reply
        }));
    }
    join(handles).await
}

/// Accepts as many connections as there are tasks, spawns a task for each, and joins them.
pub async fn echo(round: &'static Round) -> Tally {
    let listener = listen(round).expect("a listener on the loopback interface");
    round.serving(listener.local_addr().expect("the address of a bound socket"));
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let (stream, _) = listener.accept().await.expect("a client");
        handles.push(tokio::spawn(async move {
            let sent = send_back(stream).await.expect("the client reads to its end");
            round.token(task).wrapping_add(sent)
        }));
    }
    join(handles).await
}

fn listen(round: &Round) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    socket.listen(round.backlog().cast_unsigned())
}

/// Sends back what arrives until the client closes its side; returns the bytes sent.
async fn send_back(mut stream: TcpStream) -> std::io::Result<u64> {
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

//! Tasks that talk over TCP: `request` and `echo`.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use runner::executors::Share;
use runner::listening::Listening;
use runner::{BACKLOG, ECHO_BUFFER_BYTES, Round, Tally};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::spawn_local;

use super::join::join;
use crate::executor::Executors;

/// Spawns tasks that each send one request to the origin, and joins them.
pub async fn request(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(spawn_local(async move {
            round.begin(task);
            let reply = ask(round, task).await.expect("the origin answers");
            round.finish(task);
            reply
        }));
    }
    join(handles).await
}

async fn ask(round: &Round, task: u64) -> io::Result<u64> {
    let mut origin = TcpStream::connect(round.origin()).await?;
    origin.set_nodelay(true)?;
    origin.write_u64_le(round.token(task)).await?;
    origin.read_u64_le().await
}

/// Accepts as many connections as there are tasks, each runtime those that the kernel gives to it.
pub fn echo(executors: &mut Executors, round: &'static Round) -> Tally {
    let server = Arc::new(Listening::default());
    executors.run(round, move |share| serve(share, Arc::clone(&server)))
}

async fn serve(share: Share, server: Arc<Listening>) -> Tally {
    let round = share.round;
    let listener =
        server.listen(&share, async |address| bind(address)).await.expect("a port of the loopback interface");
    let mut handles = Vec::new();
    while let Some((nth, (stream, _))) = server.accepted(listener.accept().await, round.tasks()) {
        handles.push(spawn_local(async move {
            let sent = send_back(stream).await.expect("the client reads and writes until it is done");
            round.token(nth).wrapping_add(sent)
        }));
    }
    join(handles).await
}

/// A socket that listens, on a port that others may share, and a duplicate of it.
fn bind(address: SocketAddr) -> io::Result<(TcpListener, OwnedFd)> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG.cast_unsigned())?;
    let another = listener.as_fd().try_clone_to_owned()?;
    Ok((listener, another))
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

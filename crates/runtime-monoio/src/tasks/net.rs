//! Tasks that talk over TCP: `request` and `echo`.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use monoio::io::{AsyncReadRent, AsyncReadRentExt, AsyncWriteRentExt};
use monoio::net::{ListenerOpts, TcpListener, TcpStream};
use runner::executors::Share;
use runner::listening::Listening;
use runner::{BACKLOG, ECHO_BUFFER_BYTES, Round, Tally};

use super::join::join;
use crate::executor::Executors;

/// Spawns tasks that each send one request to the origin, and joins them.
pub async fn request(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(monoio::spawn(async move {
            round.begin(task);
            let reply = ask(round, task).await.expect("the origin answers");
            round.finish(task);
            reply
        }));
    }
    join(handles).await
}

/// Each operation takes the buffer over and returns it with its result.
async fn ask(round: &Round, task: u64) -> io::Result<u64> {
    let mut origin = TcpStream::connect_addr(round.origin()).await?;
    origin.set_nodelay(true)?;
    let (written, buffer) = origin.write_all(Box::new(round.token(task).to_le_bytes())).await;
    written?;
    let (read, reply) = origin.read_exact(buffer).await;
    read?;
    Ok(u64::from_le_bytes(*reply))
}

/// Accepts as many connections as there are tasks, each executor those that the kernel gives to it.
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
        handles.push(monoio::spawn(async move {
            let sent = send_back(stream).await.expect("the client reads and writes until it is done");
            round.token(nth).wrapping_add(sent)
        }));
    }
    join(handles).await
}

/// A socket that listens, on a port that others may share, and a duplicate of it.
#[allow(unsafe_code)]
fn bind(address: SocketAddr) -> io::Result<(TcpListener, OwnedFd)> {
    let listener = TcpListener::bind_with_config(address, &ListenerOpts::new().backlog(BACKLOG))?;
    // SAFETY: the listener is open, and is not closed before the borrow has ended.
    let borrowed = unsafe { BorrowedFd::borrow_raw(listener.as_raw_fd()) };
    let another = borrowed.try_clone_to_owned()?;
    Ok((listener, another))
}

/// Sends back what arrives until the client closes its side; returns the bytes sent.
async fn send_back(mut stream: TcpStream) -> io::Result<u64> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(ECHO_BUFFER_BYTES);
    let mut sent = 0;
    loop {
        let (result, read) = stream.read(buffer).await;
        if result? == 0 {
            return Ok(sent);
        }
        let (result, written) = stream.write_all(read).await;
        sent += result? as u64;
        buffer = written;
        buffer.clear();
    }
}

//! Tasks that talk over TCP: `request` and `echo`.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use runner::executors::Share;
use runner::listening::Listening;
use runner::{BACKLOG, ECHO_BUFFER_BYTES, Round, Tally};
use tokio::net::TcpSocket;
use tokio_uring::buf::BoundedBuf;
use tokio_uring::net::{TcpListener, TcpStream};
use tokio_uring::spawn;

use super::join::join;
use crate::executor::Executors;

/// Spawns tasks that each send one request to the origin, and joins them.
pub async fn request(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(spawn(async move {
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
    const WORD: usize = size_of::<u64>();
    let origin = TcpStream::connect(round.origin()).await?;
    origin.set_nodelay(true)?;
    let (written, mut buffer) = origin.write_all(round.token(task).to_le_bytes().to_vec()).await;
    written?;
    // There is no `read_exact` for a stream.
    let mut come = 0;
    while come < WORD {
        let (read, rest) = origin.read(buffer.slice(come..WORD)).await;
        buffer = rest.into_inner();
        match read? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => come += length,
        }
    }
    let reply = buffer.first_chunk().expect("eight bytes");
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
        handles.push(spawn(async move {
            let sent = send_back(stream).await.expect("the client reads and writes until it is done");
            round.token(nth).wrapping_add(sent)
        }));
    }
    join(handles).await
}

/// A socket that listens, on a port that others may share, and a duplicate of it. As in the
/// documentation of `from_std`, except that the socket blocks: the ring would return an error at
/// once where it does not.
fn bind(address: SocketAddr) -> io::Result<(TcpListener, OwnedFd)> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG.cast_unsigned())?.into_std()?;
    listener.set_nonblocking(false)?;
    let another = listener.try_clone()?;
    Ok((TcpListener::from_std(listener), another.into()))
}

/// Sends back what arrives until the client closes its side; returns the bytes sent.
async fn send_back(stream: TcpStream) -> io::Result<u64> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(ECHO_BUFFER_BYTES);
    let mut sent = 0;
    loop {
        let (result, read) = stream.read(buffer).await;
        let length = result?;
        if length == 0 {
            return Ok(sent);
        }
        let (result, written) = stream.write_all(read).await;
        result?;
        sent += length as u64;
        buffer = written;
        buffer.clear();
    }
}

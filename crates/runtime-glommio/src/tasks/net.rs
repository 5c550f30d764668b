//! Tasks that talk over TCP: `request` and `echo`.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::os::fd::{FromRawFd, IntoRawFd};
use std::sync::{Arc, Mutex};

use futures_lite::{AsyncReadExt, AsyncWriteExt};
use glommio::channels::shared_channel::{self, ConnectedSender, SharedReceiver, SharedSender};
use glommio::net::{AcceptedTcpStream, TcpListener, TcpStream};
use glommio::{GlommioError, Task};
use runner::executors::Share;
use runner::{BACKLOG, ECHO_BUFFER_BYTES, Round, Tally};

use super::join::join;
use crate::executor::Executors;

type Result<T> = std::result::Result<T, GlommioError<()>>;

/// Tasks that each send one request to the origin, over a connection of their own.
pub async fn request(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(glommio::spawn_local(async move {
            round.begin(task);
            let reply = ask(round, task).await.expect("the origin answers");
            round.finish(task);
            reply
        }));
    }
    join(handles).await
}

async fn ask(round: &Round, task: u64) -> Result<u64> {
    let mut origin = TcpStream::connect(round.origin()).await?;
    origin.set_nodelay(true)?;
    origin.write_all(&round.token(task).to_le_bytes()).await?;
    let mut reply = [0; 8];
    origin.read_exact(&mut reply).await?;
    Ok(u64::from_le_bytes(reply))
}

/// Connections on their way from the first executor to another.
const HANDED_OVER_AT_ONCE: usize = 128;

/// The number of a connection among all, and the connection.
type Accepted = (u64, AcceptedTcpStream);

/// What an executor has to do with the connections of `echo`.
enum Part {
    /// The first one accepts them all, keeps its share and deals out the rest.
    Accept(Vec<SharedSender<Accepted>>),
    /// The others serve what they receive.
    Receive(SharedReceiver<Accepted>),
}

/// One task for each connection. With several executors the first one accepts and hands over, by
/// `shared_accept` and a channel to each of the others, so that all executors serve the same number
/// of connections. glommio's other way is a listener for each executor, among which the kernel
/// distributes the connections; then none of them would know how many it has to accept.
pub fn echo(executors: &mut Executors, round: &'static Round) -> Tally {
    let channels = (1..executors.count()).map(|_| shared_channel::new_bounded(HANDED_OVER_AT_ONCE));
    let (senders, receivers): (Vec<_>, Vec<_>) = channels.unzip();
    let parts = std::iter::once(Part::Accept(senders)).chain(receivers.into_iter().map(Part::Receive));
    let parts = Arc::new(Mutex::new(parts.map(Some).collect::<Vec<_>>()));
    executors.run(round, move |share| {
        let part =
            parts.lock().expect("no one panics while it has the parts")[share.executor as usize].take();
        play(share, part.expect("each executor has a part"))
    })
}

async fn play(share: Share, part: Part) -> Tally {
    match part {
        Part::Accept(others) => accept(&share, others).await,
        Part::Receive(accepted) => receive(share.round, accepted).await,
    }
}

async fn accept(share: &Share, others: Vec<SharedSender<Accepted>>) -> Tally {
    let round = share.round;
    let others = connect(others).await;
    let listener = listen().expect("a port to listen on");
    round.serving(listener.local_addr().expect("it is bound"));
    let mut handles = Vec::new();
    for (nth, executor) in (0..round.tasks()).zip((0..=others.len()).cycle()) {
        let connection = listener.shared_accept().await.expect("a client connects");
        match executor.checked_sub(1) {
            None => handles.push(serve(round, (nth, connection))),
            Some(other) => others[other].send((nth, connection)).await.expect("it receives until the end"),
        }
    }
    // The others end when they have received all and their channel is closed.
    drop(others);
    join(handles).await
}

async fn receive(round: &'static Round, accepted: SharedReceiver<Accepted>) -> Tally {
    let accepted = accepted.connect().await;
    let mut handles = Vec::new();
    while let Some(connection) = accepted.recv().await {
        handles.push(serve(round, connection));
    }
    join(handles).await
}

async fn connect(others: Vec<SharedSender<Accepted>>) -> Vec<ConnectedSender<Accepted>> {
    let mut connected = Vec::with_capacity(others.len());
    for other in others {
        connected.push(other.connect().await);
    }
    connected
}

/// Listens as std does, and once more with a longer backlog, and gives that socket to glommio.
#[allow(unsafe_code)]
fn listen() -> std::io::Result<TcpListener> {
    let listener = StdListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    rustix::net::listen(&listener, BACKLOG)?;
    // SAFETY: the descriptor is a socket that listens, and nobody else's.
    Ok(unsafe { TcpListener::from_raw_fd(listener.into_raw_fd()) })
}

/// Spawns the task that serves a connection, on the executor that this is called on.
fn serve(round: &'static Round, (nth, connection): Accepted) -> Task<u64> {
    let mut stream = connection.bind_to_executor();
    glommio::spawn_local(async move {
        let sent = send_back(&mut stream).await.expect("the client reads and writes until it is done");
        round.token(nth).wrapping_add(sent)
    })
}

/// Sends back what arrives until the client closes its side; returns the bytes sent.
async fn send_back(stream: &mut TcpStream) -> Result<u64> {
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

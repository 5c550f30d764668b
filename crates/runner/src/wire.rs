//! The runner's end of the wire: standard input and output, a line at a time.
//!
//! Both have been used, with their buffers, before the measured region begins, so that a checkpoint
//! inside it allocates nothing.

use std::io::{self, BufRead, Read, Write};
use std::process;
use std::sync::Mutex;

use protocol::wire::{GO, MAX_LINE_BYTES, encode};
use protocol::{Event, Go, Refusal};

/// Reused for every `go`, so that waiting for one allocates nothing.
static LINE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The next line of input without its newline; `None` at the end of input.
pub(crate) fn read_line() -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::with_capacity(GO.len() + 1);
    Ok(read_into(&mut line)?.then_some(line))
}

fn read_into(line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let limit = MAX_LINE_BYTES as u64;
    let read = io::stdin().lock().take(limit).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if read as u64 == limit {
        return Err(io::Error::other("a line longer than the protocol allows"));
    }
    Ok(read > 0)
}

/// Writes one event.
pub(crate) fn send(event: &Event) -> io::Result<()> {
    let line = match event {
        // No allocation at the checkpoint inside the measured region.
        Event::Holding => return write_line(b"{\"event\":\"holding\"}\n"),
        other => encode(other),
    };
    write_line(line.as_bytes())
}

fn write_line(line: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line)?;
    out.flush()
}

/// Writes an event to which there is no answer. Where the harness is gone, the process ends.
pub(crate) fn announce(event: &Event) {
    if let Err(error) = send(event) {
        eprintln!("announcing {event:?}: {error}");
        process::exit(1);
    }
}

/// Says `ready`, and waits for the first `go`, which has to be as `check` wants it. Where the harness is
/// gone, the process ends.
pub(crate) fn ready(check: impl Fn(&Go) -> Result<(), String>) -> Go {
    answer(&Event::Ready, |line| {
        let go = Go::of_line(line).map_err(|error| error.to_string())?;
        check(&go).map(|()| go)
    })
}

/// Writes an event and waits for `go` from the harness. Where the harness is gone, the process
/// ends.
pub(crate) fn checkpoint(event: &Event) {
    answer(event, |line| {
        if line == GO.as_bytes() {
            return Ok(());
        }
        Err(format!("expected {GO:?} at a checkpoint, not {:?}", String::from_utf8_lossy(line)))
    });
}

/// Writes an event, and reads the line that answers it. One that makes no sense is refused.
fn answer<T>(event: &Event, read: impl FnOnce(&[u8]) -> Result<T, String>) -> T {
    let mut line = LINE.lock().expect("no one panics with the line held");
    match send(event).and_then(|()| read_into(&mut line)) {
        Ok(true) => read(&line).unwrap_or_else(|problem| {
            let _ = send(&Event::Refused(Refusal::protocol(problem)));
            process::exit(0);
        }),
        Ok(false) => process::exit(0),
        Err(error) => {
            eprintln!("at a checkpoint: {error}");
            process::exit(1);
        }
    }
}

/// Waits until the harness closes our input.
pub(crate) fn wait_for_end_of_input() -> io::Result<()> {
    io::copy(&mut io::stdin().lock(), &mut io::sink()).map(drop)
}

//! The peer in a process of its own: one JSON object a line, in and out.
//!
//! | assignment | then |
//! | --- | --- |
//! | [`Assignment::Origin`] | [`Listening`]; at end of input [`Answered`] |
//! | [`Assignment::Load`] | [`Ready`]; for each further line, a [`Load`], a [`LoadAnswer`]; ends at end of input |
//!
//! A load is ready before it is given, because where the server listens is known only once the
//! round has begun, and a process that starts then would be in the round's way.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use protocol::wire::{MAX_LINE_BYTES, decode, encode};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use crate::origin::Answered;
use crate::{Load, LoadReport, Origin, Secret, Tokens};

/// The first line: what the process is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum Assignment {
    /// The origin server of `request`.
    Origin(OriginSpec),
    /// The load generator of `echo`.
    Load,
}

/// An origin server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginSpec {
    /// Its replies follow from it.
    pub secret: Secret,
    /// How long after a number it answers, nanoseconds.
    pub delay_ns: u64,
    /// What it is to be asked.
    pub tokens: Tokens,
}

impl OriginSpec {
    /// Starts it in a thread of this process.
    pub fn start(self) -> io::Result<Origin> {
        Origin::start(self.secret, Duration::from_nanos(self.delay_ns), self.tokens)
    }
}

/// The origin server listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// Where.
    pub address: SocketAddr,
}

/// The load generator takes loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
}

/// The result of one load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadAnswer {
    /// Every message came back as it was sent.
    Report(LoadReport),
    /// One did not; or the line was no load.
    Error(String),
    /// The load could not be run here, whatever the server does: in words, and as the operating system numbers it.
    Hindered(String, i32),
}

/// Does what the first line assigns, until end of input. For the `main` of a process: it raises the
/// process's limit of open files as far as it may.
///
/// # Errors
/// When the first line is no assignment, a line is too long, or an end of the conversation is
/// broken.
pub fn serve(input: impl Read, mut output: impl Write) -> io::Result<()> {
    raise_file_limit();
    let mut input = BufReader::new(input);
    let nothing = || io::Error::new(io::ErrorKind::UnexpectedEof, "no assignment before end of input");
    match read::<Assignment>(&mut input)?.ok_or_else(nothing)?.map_err(invalid)? {
        Assignment::Origin(origin) => {
            let origin = origin.start()?;
            say(&mut output, &Listening { address: origin.address() })?;
            io::copy(&mut input, &mut io::sink())?;
            say(&mut output, &origin.stop()?)
        }
        Assignment::Load => {
            say(&mut output, &Ready { ready: true })?;
            while let Some(load) = read::<Load>(&mut input)? {
                say(&mut output, &load.map_or_else(LoadAnswer::Error, |load| LoadAnswer::of(&load)))?;
            }
            Ok(())
        }
    }
}

impl LoadAnswer {
    /// Runs the load.
    pub fn of(load: &Load) -> Self {
        match load.run() {
            Ok(report) => Self::Report(report),
            Err(error) => match error.own().and_then(io::Error::raw_os_error) {
                Some(errno) => Self::Hindered(error.to_string(), errno),
                None => Self::Error(error.to_string()),
            },
        }
    }
}

/// The value on the next line, or why it cannot be read; `None` at end of input.
fn read<T: DeserializeOwned>(input: &mut impl BufRead) -> io::Result<Option<Result<T, String>>> {
    let mut line = Vec::new();
    input.take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line)?;
    if line.len() > MAX_LINE_BYTES {
        return Err(invalid(format!("a line of more than {MAX_LINE_BYTES} bytes")));
    }
    Ok((!line.is_empty()).then(|| decode(&line).map_err(|error| error.to_string())))
}

fn say<T: Serialize>(output: &mut impl Write, what: &T) -> io::Result<()> {
    output.write_all(encode(what).as_bytes())?;
    output.flush()
}

fn invalid(words: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words)
}

/// Ten thousand connections are more than the 1024 files that a process may have by default. Where
/// it may not have more, connecting says so.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

#[cfg(test)]
mod tests {
    use std::io::{PipeReader, PipeWriter, pipe};
    use std::net::TcpStream;
    use std::thread::{self, JoinHandle};

    use super::*;

    /// The harness's end of a conversation.
    struct Harness {
        to: PipeWriter,
        from: BufReader<PipeReader>,
        served: JoinHandle<io::Result<()>>,
    }

    impl Harness {
        fn start() -> Self {
            let (input, to) = pipe().unwrap();
            let (from, output) = pipe().unwrap();
            let served = thread::spawn(move || serve(input, output));
            Self { to, from: BufReader::new(from), served }
        }

        fn tell(&mut self, what: &impl Serialize) {
            self.to.write_all(encode(what).as_bytes()).unwrap();
        }

        fn line(&mut self) -> String {
            let mut line = String::new();
            self.from.read_line(&mut line).unwrap();
            line
        }

        fn hear<T: DeserializeOwned>(&mut self) -> T {
            decode(self.line().as_bytes()).unwrap()
        }

        /// Ends the input; gives what is said after, and how the other side ended.
        fn end(mut self) -> (String, io::Result<()>) {
            drop(self.to);
            let mut rest = String::new();
            self.from.read_to_string(&mut rest).unwrap();
            (rest, self.served.join().unwrap())
        }
    }

    #[test]
    fn an_origin_listens_until_end_of_input_and_reports_how_many_it_answered() {
        let mut harness = Harness::start();
        let tokens = Tokens { first: 9, count: 1, times: 1 };
        harness.tell(&Assignment::Origin(OriginSpec { secret: Secret::KNOWN, delay_ns: 1000, tokens }));
        let mut socket = TcpStream::connect(harness.hear::<Listening>().address).unwrap();
        socket.write_all(&9u64.to_le_bytes()).unwrap();
        let mut answer = [0; 8];
        socket.read_exact(&mut answer).unwrap();
        assert_eq!(u64::from_le_bytes(answer), Secret::KNOWN.number(9));
        let (rest, served) = harness.end();
        assert_eq!(rest, "{\"answered\":1,\"most_open\":1,\"uneven\":0,\"shared\":0}\n");
        served.unwrap();
    }

    #[test]
    fn a_load_generator_is_ready_and_answers_each_load_even_one_that_goes_wrong() {
        let mut harness = Harness::start();
        harness.tell(&Assignment::Load);
        assert_eq!(harness.line(), "{\"ready\":true}\n");
        // An origin is no echo.
        let tokens = Tokens { first: 0, count: 1, times: 1 };
        let origin = Origin::start(Secret::KNOWN, Duration::ZERO, tokens).unwrap();
        harness.tell(&Load { connections: 1, message_bytes: 8, ..Load::closed(origin.address()) });
        let LoadAnswer::Error(words) = harness.hear() else { panic!("no error") };
        assert!(words.contains("no echo"), "{words}");
        harness.tell(&"rubbish");
        let LoadAnswer::Error(words) = harness.hear() else { panic!("no error") };
        assert!(words.contains("rubbish"), "{words}");
        let (rest, served) = harness.end();
        assert_eq!(rest, "");
        served.unwrap();
    }

    #[test]
    fn a_first_line_that_assigns_nothing_is_an_error() {
        for line in ["", "{\"role\":\"audience\"}\n", "\u{1}\n"] {
            assert!(serve(line.as_bytes(), io::sink()).is_err(), "{line:?}");
        }
        let endless = io::repeat(b' ');
        assert_eq!(serve(endless, io::sink()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn the_lines_are_those_of_the_module_s_table() {
        assert_eq!(encode(&Assignment::Load), "{\"role\":\"load\"}\n");
        let tokens = Tokens { first: 3, count: 4, times: 5 };
        let origin = Assignment::Origin(OriginSpec { secret: Secret::KNOWN, delay_ns: 2, tokens });
        let line = "{\"role\":\"origin\",\"secret\":[7,9],\"delay_ns\":2,\
                    \"tokens\":{\"first\":3,\"count\":4,\"times\":5}}\n";
        assert_eq!(encode(&origin), line);
        assert_eq!(encode(&LoadAnswer::Error("why".into())), "{\"error\":\"why\"}\n");
        assert_eq!(encode(&LoadAnswer::Hindered("why".into(), 24)), "{\"hindered\":[\"why\",24]}\n");
        let address = "127.0.0.1:80".parse().unwrap();
        assert_eq!(encode(&Listening { address }), "{\"address\":\"127.0.0.1:80\"}\n");
    }
}

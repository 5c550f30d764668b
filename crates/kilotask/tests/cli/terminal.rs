//! What is shown on a terminal: as wide as it is, in colours or without, and progress.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;
use std::thread;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::Checkout;

/// Columns of the terminal.
const COLUMNS: u16 = 60;

/// What a command writes to a terminal that it is started in, with these words in its environment.
fn on_terminal(checkout: &Checkout, words: &[&str], environment: &[(&str, &str)]) -> String {
    let (lab_side, own) = terminal();
    let stream = |side: &OwnedFd| Stdio::from(side.try_clone().unwrap());
    let mut command = checkout.kilotask();
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "CI"] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color").envs(environment.iter().copied()).args(words);
    command.stdin(Stdio::null()).stdout(stream(&lab_side)).stderr(stream(&lab_side));
    let reader = thread::spawn(move || {
        let (mut said, mut own) = (Vec::new(), File::from(own));
        let mut some = [0; 4096];
        // Once nobody has the terminal open any more, reading is an error.
        while let Ok(count @ 1..) = own.read(&mut some) {
            said.extend_from_slice(&some[..count]);
        }
        String::from_utf8_lossy(&said).into_owned()
    });
    let mut child = command.spawn().unwrap();
    // It holds the streams as well.
    drop(command);
    drop(lab_side);
    child.wait().unwrap();
    reader.join().unwrap()
}

/// A terminal: the side for the command, and our own.
fn terminal() -> (OwnedFd, OwnedFd) {
    let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&own).unwrap();
    unlockpt(&own).unwrap();
    let name = ptsname(&own, Vec::new()).unwrap();
    let lab_side = open(&*name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let size = Winsize { ws_row: 40, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(lab_side.as_fd(), size).unwrap();
    (lab_side, own)
}

/// Without the codes of colours.
fn plain(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |all, part| all + part.split_once('m').map_or(part, |(_, rest)| rest))
}

fn widest(text: &str) -> usize {
    plain(text).lines().map(|line| line.trim_end().chars().count()).max().unwrap_or(0)
}

/// A checkout with a runner whose version is far longer than the terminal is wide.
fn with_long_texts() -> Checkout {
    let checkout = Checkout::with_run(&["a"], 2);
    let long = "words that take a lot of room ".repeat(10);
    checkout.edit("runners/a/main.sh", |text| {
        text.replace("\"model\":\"test\"", &format!("\"model\":\"{long}\""))
    });
    checkout
}

#[test]
fn colours_and_width_are_two_things() {
    let checkout = with_long_texts();
    for words in [&["list"][..], &["doctor"], &["table", "results"]] {
        let coloured = on_terminal(&checkout, words, &[]);
        assert!(widest(&coloured) <= usize::from(COLUMNS), "{words:?}: {coloured}");
        for none in [("NO_COLOR", "1"), ("TERM", "dumb")] {
            let said = on_terminal(&checkout, words, &[none]);
            assert!(!said.contains('\x1b'), "{words:?} {none:?}: {said:?}");
            assert_eq!(said, plain(&coloured), "{words:?} {none:?}");
        }
    }
    assert!(on_terminal(&checkout, &["list"], &[]).contains("\x1b["), "a terminal has colours");
}

/// What each line shows that is drawn, one over the other or not: without what moves the cursor or clears a line.
fn drawn_lines(text: &str) -> impl Iterator<Item = String> {
    text.split(['\r', '\n']).map(|line| {
        let mut parts = line.split("\x1b[");
        let first = parts.next().unwrap_or_default().to_string();
        let shown = parts.map(|part| part.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).get(1..));
        shown.fold(first, |all, part| all + part.unwrap_or_default())
    })
}

#[test]
fn the_line_of_progress_is_no_wider_than_the_terminal() {
    let name = "a-name-of-a-runtime-that-is-much-longer-than-many";
    let checkout = Checkout::with("sleep 0.1; honest", &[name], 4);
    let said = on_terminal(&checkout, &["run", "x.toml", "--out", "drawn"], &[]);
    let progress: Vec<String> = drawn_lines(&said).filter(|line| line.contains("] block ")).collect();
    assert!(progress.iter().any(|line| line.contains(": spawn a-name")), "{said:?}");
    for line in progress {
        assert!(line.chars().count() <= usize::from(COLUMNS), "{line:?}");
    }
}

#[test]
fn a_dumb_terminal_gets_plain_lines_of_progress() {
    let checkout = Checkout::with("ready; exit 9", &["a"], 2);
    let said = on_terminal(&checkout, &["run", "x.toml", "--out", "dumb"], &[("TERM", "dumb")]);
    assert!(said.contains("x_spawn-10_a: crashed"), "{said}");
    assert!(!said.contains('\x1b'), "{said:?}");
    let drawn = on_terminal(&checkout, &["run", "x.toml", "--out", "drawn"], &[]);
    assert!(drawn.contains("x_spawn-10_a: crashed") && drawn.contains('\x1b'), "{drawn:?}");
    let verified = on_terminal(&checkout, &["verify"], &[("TERM", "dumb")]);
    assert!(verified.contains("questions\r\n") && !verified.contains('\x1b'), "{verified:?}");
}

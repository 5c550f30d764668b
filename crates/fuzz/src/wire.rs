//! What a runner writes.

use std::fmt::Debug;

use protocol::wire::{decode, encode};
use protocol::{Description, Event, Go, Job, Probe, span};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A line, as each of the things that a line can be. What is understood is understood the same after it was written again.
pub fn line(bytes: &[u8]) {
    same_again::<Event>(bytes);
    same_again::<Job>(bytes);
    same_again::<Description>(bytes);
    same_again::<Probe>(bytes);
    if let Ok(go) = Go::of_line(bytes) {
        assert_eq!(Go::of_line(go.line().trim_end().as_bytes()).expect("what we write can be read"), go);
    }
}

fn same_again<T: DeserializeOwned + Serialize + Debug>(bytes: &[u8]) {
    let Ok(once) = decode::<T>(bytes) else { return };
    let written = encode(&once);
    let twice: T = decode(written.trim_end().as_bytes()).expect("what we write can be read");
    assert_eq!(written, encode(&twice), "{once:?}");
}

/// A file of spans.
pub fn spans(bytes: &[u8]) {
    let Some(spans) = span::decode(bytes) else { return };
    assert_eq!(span::encode(spans.iter().copied()), bytes);
    let peak = span::peak_in_flight(&spans);
    assert!(peak <= spans.len() as u64, "{peak} of {} spans at once", spans.len());
}

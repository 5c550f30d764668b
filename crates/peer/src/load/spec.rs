//! What a load is, and what it reports.

use std::net::SocketAddr;

use protocol::workload::{DURATION_NS, MESSAGE_BYTES, RATE_PER_SECOND};
use protocol::{Job, Quantiles, Workload};
use serde::{Deserialize, Serialize};

use super::error::LoadError;
use crate::secret::Secret;

/// The least bytes of a message: its stamp, which distinguishes it from all others.
const STAMP_BYTES: u64 = 8;

/// The most bytes of a message, far from where sums of them overflow: 1 GiB.
const MOST_MESSAGE_BYTES: u64 = 1 << 30;

/// A load on an echo server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Where the server listens.
    pub address: SocketAddr,
    /// How many connections; at least 1, below 2^32.
    pub connections: u64,
    /// Length of a message, bytes; at least 8, at most 1 GiB.
    pub message_bytes: u64,
    /// Messages a second, all connections together; 0 for a closed loop.
    pub rate_per_second: u64,
    /// How long messages are sent, nanoseconds; at least 1. Answers are awaited for 10 s more.
    pub duration_ns: u64,
    /// The messages follow from it, so that no server can know them beforehand.
    pub secret: Secret,
}

impl Load {
    /// The load that a job of `echo` asks for, on the server at `address`.
    pub fn of(job: &Job, address: SocketAddr, secret: Secret) -> Self {
        let param = |name| Workload::Echo.param(&job.params, name);
        Self {
            address,
            connections: job.tasks,
            message_bytes: param(MESSAGE_BYTES),
            rate_per_second: param(RATE_PER_SECOND),
            duration_ns: param(DURATION_NS),
            secret,
        }
    }

    /// Checks that the load makes sense.
    pub(super) fn check(&self) -> Result<(), LoadError> {
        let senseless = |words: &str| Err(LoadError::Senseless(words.into()));
        if self.connections == 0 || self.connections > u64::from(u32::MAX) {
            return senseless("a load has at least one connection, and fewer than 2^32");
        }
        if !(STAMP_BYTES..=MOST_MESSAGE_BYTES).contains(&self.message_bytes) {
            return senseless("a message has at least eight bytes, and at most 1 GiB");
        }
        if self.duration_ns == 0 {
            return senseless("a load lasts at least a nanosecond");
        }
        Ok(())
    }
}

#[cfg(test)]
impl Load {
    /// A closed loop of 50 ms.
    pub fn closed(address: SocketAddr) -> Self {
        let (connections, message_bytes, duration_ns) = (2, 64, 50_000_000);
        Self { address, connections, message_bytes, rate_per_second: 0, duration_ns, secret: Secret::KNOWN }
    }
}

/// The result of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadReport {
    /// Messages sent, all of which came back.
    pub requests: u64,
    /// Bytes that came back.
    pub bytes: u64,
    /// From the first send to the last answer, nanoseconds; connecting is left out.
    pub load_ns: u64,
    /// From when a message was sent (closed loop) or due (open loop) until the last byte of it was
    /// back.
    pub latency: Quantiles,
    /// The most messages sent or due, and not yet back, at one instant.
    pub most_outstanding: u64,
}

//! The process opposite a runtime, in workloads that need a second party.
//!
//! A runtime cannot play both sides: its own client would compete with its own server for the same
//! workers, and the figure would describe neither. So the other side is written here, once for all
//! runtimes:
//!
//! - [`origin`]: the server that the tasks of `request` call, with an answer that comes after a
//!   fixed delay;
//! - [`load`]: the clients of the server that the tasks of `echo` make up;
//! - [`block_file`]: the file that the tasks of `file-read` read;
//! - [`background_load`]: a load on the machine that comes and goes, with which the lab measures
//!   its own errors;
//! - [`process`]: the first two in a process of their own, so that their time is not the runtime's.
//!
//! Nothing here knows about trials or the harness. Each is a single thread around one epoll,
//! without any runtime: it must be faster than any runtime that it faces.

pub mod background_load;
pub mod block_file;
pub mod load;
pub mod origin;
mod poller;
pub mod process;
mod secret;

pub use block_file::BlockFile;
pub use load::{Load, LoadError, LoadReport};
pub use origin::{Answered, Origin, Tokens};
pub use secret::Secret;

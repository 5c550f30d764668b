//! The verbs: each says what it takes, with an example, and does it.

pub mod aggregate;
pub mod build;
pub mod calibrate;
pub mod doctor;
pub mod list;
pub mod neighbour;
pub mod peer;
pub mod run;
pub mod trial;
pub mod verify;

//! `kilotask keeper`: outlives the lab, and ends what it leaves when it is killed. A hidden verb, for the lab.

use std::io;

use harness::process::keep;

use crate::exit::ExitStatus;

#[derive(clap::Args)]
pub struct Arguments {
    /// What is in the environment of all that the lab has started
    mark: String,
}

pub fn run(arguments: &Arguments) -> ExitStatus {
    keep(&arguments.mark, io::stdin());
    ExitStatus::Good
}

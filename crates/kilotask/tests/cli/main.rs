//! The command as its users meet it, on checkouts made for the purpose.

mod elsewhere;
mod ending;
mod full;
mod killed;
mod runs;
mod support;
mod trials;
mod verify;

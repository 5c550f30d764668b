//! The command as its users meet it, on checkouts made for the purpose.

mod any_language;
mod contributing;
mod elsewhere;
mod ending;
mod full;
mod killed;
mod new;
mod runs;
mod support;
mod trials;
mod verify;

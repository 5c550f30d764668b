//! The command as its users meet it, on checkouts made for the purpose.

mod compare;
mod ending;
mod exports;
mod full;
mod killed;
mod reproduce;
mod runs;
mod support;
mod trials;
mod verify;

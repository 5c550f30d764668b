//! The command as its users meet it, on checkouts made for the purpose.

mod any_language;
mod compare;
mod contributing;
mod dealing;
mod ending;
mod exports;
mod external_runners;
mod full;
mod hindered;
mod inherited;
mod killed;
mod limited;
mod make;
mod new;
mod paths;
mod readme;
mod reproduce;
mod runs;
mod screen;
mod sensitivity;
mod support;
mod table;
mod terminal;
mod trials;
mod verify;
mod versions;

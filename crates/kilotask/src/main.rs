//! kilotask: a laboratory for concurrency runtimes.
//!
//! `main` is a table: each verb is a module of [`verbs`], which says what it takes and does it.

/// Tells the person at the terminal how it goes. That it cannot be written (a full disk, a closed terminal) ends nothing:
/// `eprintln!` would panic. Whatever text of strangers is in it, the terminal shows it and does not obey it.
macro_rules! tell {
    ($($text:tt)*) => {{
        let text = format!($($text)*);
        let text = results::sanitize::on_terminal(&text, false);
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{text}\n"));
    }};
}

mod arguments;
mod dealing;
mod exit;
mod gate;
mod lab;
mod pilot;
mod planning;
mod progress;
mod sitting;
mod table;
mod template;
mod turn;
mod verbs;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXIT_STATUS: &str = "Exit status: 0 success (a runtime that is unavailable here is not a failure); 1 \
                           wrong usage, configuration or I/O, or the lab itself cannot work here; 2 some \
                           trials failed (the results are written), or a comparison did not pass its limit; \
                           130 interrupted (every finished trial is kept).";

#[derive(Parser)]
#[command(name = "kilotask", version, about = "A laboratory for concurrency runtimes", after_help = EXIT_STATUS)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    List(verbs::list::Arguments),
    Doctor(verbs::doctor::Arguments),
    Build(verbs::build::Arguments),
    Trial(verbs::trial::Arguments),
    Verify(verbs::verify::Arguments),
    New(verbs::new::Arguments),
    Schema(verbs::schema::Arguments),
    Run(verbs::run::Arguments),
    Plan(verbs::plan::Arguments),
    Slurm(verbs::slurm::Arguments),
    Merge(verbs::merge::Arguments),
    Aggregate(verbs::aggregate::Arguments),
    Report(verbs::report::Arguments),
    Table(verbs::table::Arguments),
    Compare(verbs::compare::Arguments),
    Reproduce(verbs::reproduce::Arguments),
    Calibrate(verbs::calibrate::Arguments),
    Export(verbs::export::Arguments),
    Bundle(verbs::bundle::Arguments),
    Check(verbs::check::Arguments),
    Gallery(verbs::gallery::Arguments),
    DescribeCsv(verbs::describe_csv::Arguments),
    /// Disturb the machine with a load that comes and goes
    #[command(hide = true)]
    BackgroundLoad(verbs::background_load::Arguments),
    /// Outlive the lab, and end what it leaves
    #[command(hide = true)]
    Keeper(verbs::keeper::Arguments),
    /// Be the peer of a runtime, as the harness asks on standard input
    #[command(hide = true)]
    Peer,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            // Help and version are answers; everything else is a mistake in usage.
            return if error.use_stderr() { exit::MISTAKE.into() } else { ExitCode::SUCCESS };
        }
    };
    if let Err(error) = lab::settle_signals() {
        tell!("error: {error:#}");
        return exit::MISTAKE.into();
    }
    let status = match cli.verb {
        Verb::List(arguments) => verbs::list::run(&arguments),
        Verb::Doctor(arguments) => verbs::doctor::run(&arguments),
        Verb::Build(arguments) => verbs::build::run(&arguments),
        Verb::Trial(arguments) => verbs::trial::run(&arguments),
        Verb::Verify(arguments) => verbs::verify::run(&arguments),
        Verb::New(arguments) => verbs::new::run(&arguments),
        Verb::Schema(arguments) => verbs::schema::run(&arguments),
        Verb::Run(arguments) => verbs::run::run(&arguments),
        Verb::Plan(arguments) => verbs::plan::run(&arguments),
        Verb::Slurm(arguments) => verbs::slurm::run(&arguments),
        Verb::Merge(arguments) => verbs::merge::run(&arguments),
        Verb::Aggregate(arguments) => verbs::aggregate::run(&arguments),
        Verb::Report(arguments) => verbs::report::run(&arguments),
        Verb::Table(arguments) => verbs::table::run(&arguments),
        Verb::Compare(arguments) => verbs::compare::run(&arguments),
        Verb::Reproduce(arguments) => verbs::reproduce::run(&arguments),
        Verb::Calibrate(arguments) => verbs::calibrate::run(&arguments),
        Verb::Export(arguments) => verbs::export::run(&arguments),
        Verb::Bundle(arguments) => verbs::bundle::run(&arguments),
        Verb::Check(arguments) => verbs::check::run(&arguments),
        Verb::Gallery(arguments) => verbs::gallery::run(&arguments),
        Verb::DescribeCsv(arguments) => verbs::describe_csv::run(&arguments),
        Verb::BackgroundLoad(arguments) => verbs::background_load::run(&arguments),
        Verb::Keeper(arguments) => Ok(verbs::keeper::run(&arguments)),
        Verb::Peer => verbs::peer::run(),
    };
    match status {
        Ok(status) => status.into(),
        Err(error) => {
            tell!("error: {error:#}");
            exit::MISTAKE.into()
        }
    }
}

//! What several verbs need: the checkout, its runtimes, signals, and standard output.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use harness::discover::{self, DiscoverError, Runtime};
use harness::names::Versioned;
use harness::peers::Peers;
use harness::preflight::{self, Needs};
use harness::process::{adopt_orphans, start_keeper, sweep_processes};
use harness::{scratch, standstill};
use protocol::RuntimeInfo;
use protocol::wire::SEEDS;
use results::Presence;
use results::sanitize::on_terminal;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGXFSZ};
use signal_hook::flag;

use crate::arguments::RunnerArguments;

pub struct Lab {
    /// The checkout, if there is one: runners that are named need none.
    pub checkout: Option<PathBuf>,
    /// All runtimes, sorted by name.
    pub runtimes: Vec<Runtime>,
}

impl Lab {
    /// The checkout of the current folder, with its runtimes and those that are wanted; or those alone.
    pub fn open(wanted: &Wanted) -> Result<Self> {
        guard_processes()?;
        let runners = [&*wanted.runners, &listed_runners()].concat();
        let checkout = match find_checkout()? {
            Err(DiscoverError::NoRoot(_)) if !runners.is_empty() => None,
            found => Some(found?),
        };
        let runtimes = discover::discover_with(checkout.as_deref(), &runners, &wanted.versions)?;
        Ok(Self { checkout, runtimes })
    }

    /// The folder of the checkout; asks no runner anything.
    pub fn root() -> Result<PathBuf> {
        Ok(find_checkout()??)
    }

    pub fn runtime(&self, name: &str) -> Result<&Runtime> {
        self.runtimes.iter().find(|runtime| runtime.info.name == name).with_context(|| {
            let known = self.runtimes.iter().map(|runtime| runtime.info.name.as_str());
            format!("unknown runtime {name:?}{}", harness::did_you_mean(name, known))
        })
    }

    /// The runtimes as they describe themselves.
    pub fn infos(&self) -> Vec<&RuntimeInfo> {
        self.runtimes.iter().map(|runtime| &runtime.info).collect()
    }
}

fn find_checkout() -> Result<Result<PathBuf, DiscoverError>> {
    let here = env::current_dir().context("the current folder cannot be read")?;
    Ok(discover::find_root(&here))
}

/// What a command wants beside the runtimes of the checkout.
#[derive(Default)]
pub struct Wanted {
    pub runners: Vec<PathBuf>,
    /// Versions of runtimes, which are listed whether they are built or not.
    pub versions: Vec<Versioned>,
}

impl Wanted {
    /// The runners that the options name.
    pub fn runners(arguments: &RunnerArguments) -> Self {
        Self { runners: arguments.named.clone(), ..Self::default() }
    }

    /// The same, with those of these runtimes that are versions.
    pub fn runtimes<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { versions: names.into_iter().filter_map(Versioned::parse).collect(), ..self }
    }
}

/// Names more runners, as PATH names folders.
const RUNNERS: &str = "KILOTASK_RUNNERS";

/// The runners that the environment names.
fn listed_runners() -> Vec<PathBuf> {
    let listed = env::var_os(RUNNERS).unwrap_or_default();
    env::split_paths(&listed).filter(|path| !path.as_os_str().is_empty()).collect()
}

/// Tells what a run lacks of its plan, if anything, and how to get it.
pub fn tell_presence(folder: &Path, presence: &Presence) {
    let Some(sentence) = presence.sentence() else { return };
    let remedy = if presence.can_go_on() {
        format!(
            "; restore the file, or run what is missing: kilotask run --out {} --resume",
            folder.display()
        )
    } else {
        String::new()
    };
    tell!("{}: {sentence}{remedy}", folder.display());
}

/// Checks, before anything is begun, that the folder for temporary files can be named to a runner.
pub fn check_temporary_folder() -> Result<()> {
    let folder = env::temp_dir();
    ensure!(
        folder.to_str().is_some(),
        "TMPDIR is {}, which is not UTF-8: runners are told of files in JSON; set TMPDIR to another folder",
        folder.display()
    );
    Ok(())
}

/// Checks that the lab itself can work here, before any runner is asked anything: else each of them would seem broken.
pub fn check_machine() -> Result<()> {
    preflight::check(Needs::default()).map_err(anyhow::Error::msg)
}

/// Peers are processes of this program: its hidden verb `peer`.
pub fn peers() -> Result<Peers> {
    check_temporary_folder()?;
    Ok(Peers::new([this_program()?.into(), "peer".into()]))
}

/// From now on what the programs leave that this one starts is ended, now and after it, even if it is killed.
fn guard_processes() -> Result<()> {
    adopt_orphans();
    // First, as the groups of earlier labs are beside the one that this process will then be in.
    sweep_processes();
    scratch::sweep();
    start_keeper(Command::new(this_program()?).arg("keeper"))
        .context("starting the process that ends what this one leaves when it is killed")
}

/// Watches signals.
///
/// From now on SIGINT (Ctrl-C), SIGHUP (a closed terminal) and SIGTERM set a flag, so that the
/// current trial is ended and what was measured is kept. A second signal ends this process at once,
/// and the kernel then ends the runner. One that was ignored when we were started stays ignored: that is what
/// `nohup`, and `&` in a script, ask for. SIGUSR1, with which a scheduler warns that the time is nearly up, does the same, and
/// may come twice.
pub fn watch_for_interrupts() -> Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let ignored =
        procfs::process::Process::myself().and_then(|me| me.status()).map_or(0, |status| status.sigign);
    let is_ignored = |signal: &i32| ignored >> (signal - 1) & 1 == 1;
    for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(signal)) {
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&interrupted))
            .and_then(|_| flag::register(signal, Arc::clone(&interrupted)))
            .context("signals cannot be watched")?;
    }
    flag::register(SIGUSR1, Arc::clone(&interrupted)).context("signals cannot be watched")?;
    Ok(interrupted)
}

/// The file of this program.
pub fn this_program() -> Result<PathBuf> {
    env::current_exe().context("this program cannot find itself")
}

/// From now on this process notes that it was stopped and continued, and is told of the end of what it starts: one that
/// was started with SIGCHLD ignored is not.
pub fn settle_signals() -> Result<()> {
    let noticed = Arc::new(AtomicBool::new(false));
    let watched = flag::register(SIGCHLD, noticed).and_then(|_| standstill::watch());
    watched.context("signals cannot be watched")
}

/// From now on a file that grows beyond `ulimit -f` is an error and not the end of this process.
/// Runners keep the default: unlike an ignored signal, a handler is not inherited.
pub fn outlive_file_limits() -> Result<()> {
    let noticed = Arc::new(AtomicBool::new(false));
    flag::register(SIGXFSZ, noticed).context("signals cannot be watched")?;
    Ok(())
}

/// A seed from the clock, another one each time.
pub fn clock_seed() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(0) % SEEDS
}

/// Whether standard output may be coloured: it is a terminal that knows colours, and nobody has asked for none. That is
/// about colours alone: as wide as the terminal the text is in any case.
pub fn colours() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Whether a line on standard error can be drawn anew: it is a terminal, and no dumb one.
pub fn can_redraw() -> bool {
    io::stderr().is_terminal() && !console::is_dumb()
}

/// How this program was called, as far as a person can give the same in this folder once more:
/// `target/release/kilotask`, or its name.
pub fn program() -> String {
    let called = env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let is_from_here = called.is_relative() && called.components().count() > 1;
    if is_from_here { called.display().to_string() } else { env!("CARGO_PKG_NAME").into() }
}

/// Prints results. A reader that has gone (`| head`) is no error. Whatever text of strangers is in it, a terminal shows it
/// and does not obey it.
pub fn say(text: &str) -> Result<()> {
    let text = on_terminal(text, colours());
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("standard output"),
        _ => Ok(()),
    }
}

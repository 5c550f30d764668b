//! `kilotask export`: a run in the formats of other tools.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use export::{Exported, Format};
use results::Metric;

use crate::arguments::one_of;
use crate::exit::ExitStatus;
use crate::lab::say;

const ALL: &str = "all";

/// Write a run in the format of another tool
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  kilotask export results/latest --format hyperfine --out hyperfine.json\n  \
kilotask export results/latest --format pyperf --metric later_makespan_ns | pyperf stats -\n  \
kilotask export results/latest --format bencher --metric all\n  \
kilotask export results/latest --format hdr --out spans.hlog\n\n\
hyperfine: one time per timed trial, as hyperfine --export-json writes them up to 1.21; hyperfine-2: as \
hyperfine 2 does. pyperf: one benchmark per cell and metric, for compare_to, stats and show. bencher: Bencher \
Metric Format, medians with their 95 % intervals. hdr: the latencies in spans/ as an interval log of \
HdrHistogram, one tag per cell. No format contains failed trials or burn-in blocks."
)]
pub struct Arguments {
    /// The folder of a run
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The format: hyperfine, hyperfine-2, pyperf, bencher or hdr
    #[arg(long, value_parser = format, value_name = "FORMAT")]
    format: Format,

    /// A metric of summary.csv, or all; can be repeated if the format holds several [default: the
    /// makespan]
    #[arg(long, value_parser = metrics, value_name = "METRIC")]
    metric: Vec<Metrics>,

    /// A file, or a folder for a file with the usual name [default: standard output]
    #[arg(long, value_name = "FILE_OR_DIR")]
    out: Option<PathBuf>,
}

/// The metrics of one --metric option.
type Metrics = Vec<Metric>;

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    // In the order of the table, each once.
    let mut metrics = arguments.metric.concat();
    metrics.sort_unstable();
    metrics.dedup();
    let Exported { text, left_out } = export::export(&arguments.folder, arguments.format, &metrics)?;
    for sentence in left_out {
        tell!("left out: {sentence}");
    }
    match &arguments.out {
        Some(out) => write(out, arguments.format, &text)?,
        None => say(text.trim_end())?,
    }
    Ok(ExitStatus::Good)
}

fn write(out: &Path, format: Format, text: &str) -> Result<()> {
    let path = if out.is_dir() { out.join(format.file_name()) } else { out.into() };
    fs::write(&path, text).map_err(|error| {
        anyhow!("writing {}: {error}; name a file in a writable folder with --out", path.display())
    })
}

fn format(text: &str) -> Result<Format, String> {
    one_of("unknown format", &Format::ALL, Format::name, text)
}

fn metrics(text: &str) -> Result<Metrics, String> {
    if text == ALL {
        return Ok(Metric::ALL.into());
    }
    Metric::find(text).map(|metric| vec![metric]).ok_or_else(|| {
        let known = Metric::NAMES.into_iter().chain([ALL]);
        format!("unknown metric{}", harness::did_you_mean(text, known))
    })
}

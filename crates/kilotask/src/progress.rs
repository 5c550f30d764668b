//! Progress on standard error, with the time left: a bar on a terminal, plain lines elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use harness::run::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// How often a plain line is written.
const LINE_EVERY: Duration = Duration::from_secs(10);

pub enum ProgressDisplay {
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl ProgressDisplay {
    /// For a run of so many trials.
    pub fn new(trials: u64) -> Self {
        if !stderr().is_terminal() {
            return Self::Lines { last: Instant::now() };
        }
        let bar = ProgressBar::new(trials);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} trials, {prefix} left  {wide_msg}")
            .expect("the template is right");
        bar.set_style(style);
        Self::Bar(bar)
    }

    /// A trial has ended.
    pub fn show(&mut self, now: Progress) {
        let Progress { done, total, left, last: outcome } = now;
        let left = rounded(left);
        let sample = &outcome.sample;
        if sample.status.is_failure() {
            self.note(&format!("{}: {} ({})", sample.cell, sample.status, sample.reason));
        }
        match self {
            Self::Bar(bar) => {
                bar.set_length(total);
                bar.set_position(done);
                bar.set_prefix(left);
                bar.set_message(sample.cell.clone());
            }
            Self::Lines { last } => {
                if last.elapsed() >= LINE_EVERY || done == total {
                    *last = Instant::now();
                    eprintln!("{done}/{total} trials, {left} left");
                }
            }
        }
    }

    /// A line that stays.
    pub fn note(&self, text: &str) {
        match self {
            Self::Bar(bar) => bar.println(text),
            Self::Lines { .. } => eprintln!("{text}"),
        }
    }

    /// Clears the bar away.
    pub fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// In seconds: the estimate is no better.
fn rounded(left: Duration) -> String {
    humantime::format_duration(Duration::from_secs(left.as_secs())).to_string()
}

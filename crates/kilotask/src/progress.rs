//! Progress on standard error, with the time left: one line on a terminal, which is drawn anew; elsewhere, as where
//! `TERM` is `dumb`, a line per block at most.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use harness::run::{Progress, Step};
use indicatif::{ProgressBar, ProgressStyle};
use results::Cell;

use crate::lab::can_redraw;

/// How often a plain line is written, at the most.
const LINE_EVERY: Duration = Duration::from_secs(10);

pub struct ProgressDisplay {
    place: Place,
    /// The cells of which a failure has been told: the others of a cell say the same.
    failed: HashSet<String>,
    /// The cell whose trial ran last.
    last: String,
}

enum Place {
    Terminal(ProgressBar),
    /// Where no bar can be drawn: when the last line was written, and in which block.
    Lines {
        last: Instant,
        block: Option<u32>,
    },
}

impl ProgressDisplay {
    pub fn new() -> Self {
        // Cut to the width of the terminal.
        let style = ProgressStyle::with_template("{wide_msg}").expect("the template is right");
        let place = if can_redraw() {
            Place::Terminal(ProgressBar::no_length().with_style(style))
        } else {
            Place::Lines { last: Instant::now(), block: None }
        };
        Self { place, failed: HashSet::new(), last: "nobody".into() }
    }

    /// A trial begins or has ended.
    pub fn show(&mut self, now: Progress) {
        match now.step {
            Step::Begins(cell) => self.begins(now, cell),
            Step::Ended(outcome) => {
                let sample = &outcome.sample;
                if outcome.found_spoilt {
                    self.note(&format!(
                        "the file that trials of file-read share was spoilt, and is made anew; {} ran last before",
                        self.last
                    ));
                }
                self.last.clone_from(&sample.cell);
                if sample.status.is_failure() && self.failed.insert(sample.cell.clone()) {
                    self.note(&format!("{}: {} ({})", sample.cell, sample.status, sample.reason));
                }
            }
        }
    }

    fn begins(&mut self, now: Progress, cell: &Cell) {
        match &mut self.place {
            Place::Terminal(bar) => bar.set_message(line(now, Some(cell))),
            Place::Lines { last, block } => {
                if *block != Some(now.block) && last.elapsed() >= LINE_EVERY {
                    (*last, *block) = (Instant::now(), Some(now.block));
                    tell!("{}", line(now, None));
                }
            }
        }
    }

    /// Text that stays.
    pub fn note(&self, text: &str) {
        match &self.place {
            Place::Terminal(bar) => bar.println(text),
            Place::Lines { .. } => tell!("{text}"),
        }
    }

    /// Clears the line away.
    pub fn finish(&self) {
        if let Place::Terminal(bar) = &self.place {
            bar.finish_and_clear();
        }
    }
}

/// `[12:34 left] block 3/14, 45 %: ping-pong tokio-current-thread`.
fn line(now: Progress, cell: Option<&Cell>) -> String {
    let Progress { done, total, left, block, blocks, .. } = now;
    let percent = 100 * done / total.max(1);
    let cell = cell.map_or_else(String::new, |cell| format!(": {} {}", cell.workload, cell.label));
    format!("[{} left] block {}/{blocks}, {percent} %{cell}", clock(left), block + 1)
}

/// Minutes and seconds, with hours where there are any: `12:34`, `1:02:03`.
fn clock(left: Duration) -> String {
    let (minutes, seconds) = (left.as_secs() / 60, left.as_secs() % 60);
    match minutes / 60 {
        0 => format!("{minutes}:{seconds:02}"),
        hours => format!("{hours}:{:02}:{seconds:02}", minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Params;

    fn cell() -> Cell {
        Cell {
            id: "ping-pong_x_tokio".into(),
            experiment: "ping-pong".into(),
            group: "ping-pong_x".into(),
            label: "tokio-current-thread".into(),
            runtime: "tokio-current-thread".into(),
            workload: "ping-pong".into(),
            tasks: 2,
            workers: 1,
            workers_asked: None,
            rounds: 1,
            params: Params::new(),
        }
    }

    #[test]
    fn the_line_names_the_block_the_share_and_what_is_running() {
        let cell = cell();
        let step = Step::Begins(&cell);
        let now = Progress { done: 9, total: 20, left: Duration::from_secs(754), block: 2, blocks: 14, step };
        assert_eq!(line(now, Some(&cell)), "[12:34 left] block 3/14, 45 %: ping-pong tokio-current-thread");
        let later = Progress { left: Duration::from_secs(3723), ..now };
        assert_eq!(line(later, None), "[1:02:03 left] block 3/14, 45 %");
        assert_eq!(clock(Duration::from_secs(7)), "0:07");
    }
}

//! One group for each workload, and how runtimes compare in it: cold, in later rounds, and in memory.

use std::path::{Component, Path};

use protocol::Workload;
use results::cell::own_name;
use results::grouping::grouped;
use results::metric::Better;
use results::overview::{Aspect, overview_groups};
use results::{Cell, Measure, Metric, Pass, SummaryRow};

use super::pairs::{PairRatio, Pairs};
use super::settings::settings;
use crate::format::counted;
use crate::run::Run;

/// The aspects by which the page compares any two runtimes. Of `hold`, which has one round and is about memory, the
/// first is memory per task.
pub const COMPARED: [Aspect; 2] = [Aspect::Cold, Aspect::Later];

/// What an aspect is called. The memory of all workloads is the most that the process has resident.
pub fn title_of(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Cold => "Cold",
        Aspect::Later => "Later rounds",
        Aspect::Memory => "Peak memory",
    }
}

/// Of fewer tasks than this, what one more takes is no more than noise.
const FEWEST_HELD: u64 = 1000;

/// What holding tasks is compared by: the memory of one more, or else resident memory over tasks.
const HELD: [Metric; 2] = [Metric::MemoryPerAddedTask, Metric::RssPerTask];

/// A workload in its overview group.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Column<'a> {
    run: &'a Run,
    pub workload: Workload,
    pub group: &'a str,
    pub measure: Measure,
    /// What the group sets: `1,000 tasks, 1 ms`.
    pub setting: String,
    /// The rows of the group.
    rows: Vec<&'a SummaryRow>,
}

/// The workloads that were measured, in the order of the plan.
pub fn columns(run: &Run) -> Vec<Column<'_>> {
    overview_groups(&run.plan).into_iter().filter_map(|group| Column::of(run, group)).collect()
}

impl<'a> Column<'a> {
    fn of(run: &'a Run, group: &'a str) -> Option<Self> {
        let mut rows: Vec<&SummaryRow> = run.summary.iter().filter(|row| row.group == group).collect();
        let cell = run.cell(&rows.first()?.cell)?;
        let workload = Workload::from_name(&cell.workload)?;
        if workload == Workload::Hold {
            rows.extend(held_elsewhere(run, cell));
        }
        let settings = settings(workload, cell).into_iter().map(|setting| setting.words);
        let blocks = || rows.iter().filter(|row| row.metric.pass() == Pass::Timed).map(|row| row.n);
        // Long trials run in fewer blocks than short ones.
        let up_to = if blocks().min() == blocks().max() { "" } else { "up to " };
        let blocks = format!("{up_to}{}", counted(blocks().max().unwrap_or(0), "block"));
        let tasks = std::iter::once(counted(cell.tasks, "task"));
        let setting = tasks.chain(settings).chain([blocks]).collect::<Vec<_>>().join(", ");
        let measure = Measure::of(workload, &cell.params);
        Some(Self { run, workload, group, measure, setting, rows })
    }

    /// What a reader calls it, short enough for the head of a column.
    pub fn title(&self) -> &'static str {
        title(self.workload)
    }

    /// The metric of `summary.csv` that an aspect is read from, the first that was measured.
    pub fn metric(&self, aspect: Aspect) -> Option<Metric> {
        let is_held = self.workload == Workload::Hold;
        let metrics = match aspect {
            Aspect::Memory => vec![Metric::RssPeak],
            Aspect::Cold if is_held => HELD.to_vec(),
            Aspect::Later if is_held => Vec::new(),
            Aspect::Cold => self.measure.cold_and_later()[..1].to_vec(),
            Aspect::Later => self.measure.cold_and_later()[1..].to_vec(),
        };
        metrics.into_iter().find(|metric| self.rows.iter().any(|row| row.metric == *metric))
    }

    /// The cost of one runtime over that of another by an aspect.
    pub fn ratio(&self, pairs: &Pairs<'a>, aspect: Aspect, a: &'a str, b: &'a str) -> Option<PairRatio> {
        let metric = self.metric(aspect)?;
        let found = pairs.get(self.group, metric, a, b)?;
        // Of two rates the higher is the lower cost.
        Some(if metric.better() == Better::More { found.inverse() } else { found })
    }

    /// What its values are, where they have no unit of their own: rates, of which more is better (↑).
    pub fn unit(&self, aspect: Aspect) -> Option<&'static str> {
        let metric = self.metric(aspect)?;
        (metric.better() == Better::More).then_some("per\u{a0}s\u{a0}↑")
    }

    /// The labels that were measured in its group, each once.
    pub fn labels(&self) -> Vec<&'a str> {
        results::grouping::distinct(self.rows.iter().map(|row| row.runtime.as_str()))
    }

    /// What was measured of an aspect, of all runtimes.
    pub fn values(&self, aspect: Aspect) -> Vec<&'a SummaryRow> {
        let metric = self.metric(aspect);
        self.rows.iter().filter(|row| Some(row.metric) == metric).copied().collect()
    }

    /// The same of one runtime.
    pub fn value(&self, aspect: Aspect, runtime: &str) -> Option<&'a SummaryRow> {
        self.values(aspect).into_iter().find(|row| row.runtime == runtime)
    }

    /// What must be said of a runtime in this group.
    pub fn caveat(&self, runtime: &str) -> Option<&'a str> {
        self.run.caveat(&self.rows.iter().find(|row| row.runtime == runtime)?.cell)
    }

    /// What a runner could make up of what it is compared by; `None` where somebody else saw that.
    pub fn own_word(&self, aspect: Aspect) -> Option<String> {
        let is_own = self.metric(aspect)?.is_own_word(self.workload);
        // What is code in the protocol is a word here.
        is_own.then(|| self.workload.could_be_made_up().replace('`', ""))
    }

    /// The tasks of its group.
    pub fn tasks(&self) -> u64 {
        self.rows.first().map_or(0, |row| row.tasks)
    }

    /// Where the code of each runtime stands, seen from a run in the folder `results` of the checkout: label and address.
    /// It leads to the function of the workload, or where that is not known to the runner.
    pub fn code(&self) -> Vec<(&'a str, String)> {
        let run = self.run;
        let of_label = |label: &'a str| {
            // Not by the group: of `hold` some are measured with fewer tasks.
            let row = self.rows.iter().find(|row| row.runtime == label)?;
            let runtime = &run.cell(&row.cell)?.runtime;
            let described = run.plan.description(runtime);
            let line = described.code.get(self.workload.name()).and_then(|place| place.rsplit_once(':'));
            if let Some((file, line)) =
                line.filter(|(file, line)| is_inside(Path::new(file)) && line.parse::<u32>().is_ok())
            {
                return Some((label, format!("{}{file}#L{line}", run.checkout())));
            }
            let runtimes = &run.environment.runtimes;
            let path = &runtimes.iter().find(|known| known.info.name == own_name(runtime))?.runner.path;
            is_inside(path).then(|| (label, format!("{}{}/", run.checkout(), path.display())))
        };
        let mut labels = self.labels();
        labels.sort_unstable();
        labels.into_iter().filter_map(of_label).collect()
    }

    /// What the workload asks.
    pub fn question(&self) -> &'static str {
        match self.workload {
            Workload::Sleep => "Many tasks each wait for a moment. How long until all are done?",
            Workload::Spawn => "Many tasks do nothing. How long until all were started and joined?",
            Workload::Hold => "Many tasks wait at the same time. How much memory does one more task take?",
            Workload::Yield => "Tasks give way to one another. How long does one switch take?",
            Workload::PingPong => "Two tasks wake each other by messages. How long does one hop take?",
            Workload::FanIn => {
                "Many tasks send to one through a bounded channel. How long does one message take?"
            }
            Workload::Skynet => "Each task starts ten more, level by level. How long does one task take?",
            Workload::Mutex => "Tasks take turns with one lock. How long does one turn take?",
            Workload::Brigade => {
                "A byte passes through a chain of tasks, joined by pipes. How long does one hop take?"
            }
            Workload::Request => {
                "Many tasks each send a request to a server and wait for the answer. How long until all are done?"
            }
            Workload::Echo => {
                "Clients send messages, and a server sends them back. How many does it answer, or how late?"
            }
            Workload::FileRead => "Tasks read blocks of a file. How many reads per second?",
            Workload::Cpu => "Tasks only compute. How long until all are done?",
            Workload::Mixed => {
                "Tasks beat every millisecond while others compute beside them. How late are the beats?"
            }
            Workload::Blocking => "Tasks make blocking calls. How long until all are done?",
        }
    }
}

/// Whether a path stays within the checkout: a runner that lives elsewhere has a whole path.
fn is_inside(path: &Path) -> bool {
    path.components().next().is_some() && path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// Of runtimes that cannot hold as many tasks as the group has: what one more takes of as many as they can.
fn held_elsewhere<'a>(run: &'a Run, cell: &'a Cell) -> Vec<&'a SummaryRow> {
    let is_here = |row: &&SummaryRow| row.group == cell.group;
    let of_held = run.summary.iter().filter(|row| {
        row.tasks >= FEWEST_HELD
            && (&*row.experiment, &*row.workload, row.metric) == (&*cell.experiment, &*cell.workload, HELD[0])
    });
    let (here, elsewhere): (Vec<&SummaryRow>, Vec<&SummaryRow>) = of_held.partition(is_here);
    let by_runtime = grouped(elsewhere.into_iter().map(|row| (&*row.runtime, row)));
    let others = by_runtime.into_iter().filter(|(runtime, _)| here.iter().all(|row| row.runtime != *runtime));
    others.filter_map(|(_, rows)| rows.into_iter().max_by_key(|row| row.tasks)).collect()
}

/// What a reader calls a workload.
pub fn title(workload: Workload) -> &'static str {
    match workload {
        Workload::Sleep => "Short waits",
        Workload::Spawn => "Starting tasks",
        Workload::Hold => "Memory per task",
        Workload::Yield => "Switch",
        Workload::PingPong => "Message hop",
        Workload::FanIn => "Many senders",
        Workload::Skynet => "Tree of tasks",
        Workload::Mutex => "Lock",
        Workload::Brigade => "Pipe hop",
        Workload::Request => "Requests",
        Workload::Echo => "Echo server",
        Workload::FileRead => "File reads",
        Workload::Cpu => "Computing",
        Workload::Mixed => "Waits beside work",
        Workload::Blocking => "Blocking calls",
    }
}

#[cfg(test)]
mod tests {
    use results::described::Described;

    use super::*;
    use crate::figures::fixture;

    #[test]
    fn the_code_of_a_workload_is_linked_and_no_path_leads_out_of_the_checkout() {
        let mut run = fixture::read_reference();
        let described =
            |place: &str| Described { code: [("sleep".into(), place.into())].into(), ..Described::default() };
        run.plan.described.insert("tokio".into(), described("crates/runtime-tokio/src/tasks/mod.rs:7"));
        run.plan.described.insert("may".into(), described("../../etc/passwd:1"));
        run.plan.described.insert("smol".into(), described("src/lib.rs:1#javascript"));
        let columns = columns(&run);
        let code = columns.iter().find(|column| column.workload == Workload::Sleep).unwrap().code();
        let of =
            |label: &str| code.iter().find(|(known, _)| *known == label).map(|(_, address)| address.as_str());
        assert_eq!(of("tokio"), Some("../../crates/runtime-tokio/src/tasks/mod.rs#L7"));
        assert_eq!(of("may"), Some("../../crates/runtime-may/"));
        assert_eq!(of("smol"), Some("../../crates/runtime-smol/"));
    }

    #[test]
    fn who_is_measured_with_fewer_tasks_than_the_group_has_code_too() {
        let columns = columns(fixture::reference());
        let hold = columns.iter().find(|column| column.workload == Workload::Hold).unwrap();
        let code = hold.code();
        for runtime in ["threads", "python-threading", "java-threads", "tokio"] {
            assert!(code.iter().any(|(label, _)| *label == runtime), "{runtime}: {code:?}");
        }
    }

    #[test]
    fn what_is_ranked_by_is_the_runners_own_word_but_for_memory_and_the_load_of_echo() {
        for column in columns(fixture::reference()) {
            let is_seen = [Workload::Hold, Workload::Echo].contains(&column.workload);
            assert_eq!(column.own_word(Aspect::Cold).is_none(), is_seen, "{:?}", column.workload);
            assert_eq!(column.own_word(Aspect::Memory), None, "{:?}", column.workload);
        }
    }

    #[test]
    fn each_workload_has_a_column_with_what_was_measured() {
        let columns = columns(fixture::reference());
        let of = |workload| columns.iter().find(|column| column.workload == workload).unwrap();
        let sleep = of(Workload::Sleep);
        assert!(sleep.setting.starts_with("1,000 tasks, 1 ms"), "{}", sleep.setting);
        let cold = sleep.value(Aspect::Cold, "tokio").unwrap();
        assert_eq!((cold.metric, &*cold.group), (Metric::Makespan, sleep.group));
        assert_eq!(sleep.value(Aspect::Later, "tokio").unwrap().metric, Metric::LaterMakespan);
        assert_eq!(sleep.value(Aspect::Memory, "tokio").unwrap().metric, Metric::RssPeak);
        let echo = of(Workload::Echo);
        assert_eq!(echo.metric(Aspect::Cold), Some(Metric::OperationsPerSecond));
        let pairs = Pairs::of(fixture::reference());
        let (value, other) =
            (echo.value(Aspect::Cold, "tokio").unwrap(), echo.value(Aspect::Cold, "threads").unwrap());
        let cost = echo.ratio(&pairs, Aspect::Cold, "tokio", "threads").unwrap();
        assert!((cost.ratio * value.median / other.median - 1.0).abs() < 0.2, "{cost:?}");
        let hold = of(Workload::Hold);
        assert_eq!(hold.metric(Aspect::Cold), Some(Metric::MemoryPerAddedTask));
        // Threads cannot hold as many as the others: what one takes is known from fewer.
        let [threads, tokio] = ["threads", "tokio"].map(|name| hold.value(Aspect::Cold, name).unwrap());
        assert!(threads.tasks < tokio.tasks && threads.median > tokio.median);
    }
}

//! What a runner could make up: it cannot be seen from outside without slowing the runner down.
//!
//! Here and in PROTOCOL.md, which a test holds to this. Which figures rest on it, their metrics know.

use crate::Workload;

impl Workload {
    /// What of it nobody but the runner vouches for.
    pub const fn could_be_made_up(self) -> &'static str {
        match self {
            Self::Spawn | Self::Yield | Self::PingPong | Self::FanIn | Self::Skynet | Self::Mutex => {
                "all of it, after `go`: the sums follow from the seed, and a makespan is bounded only by the time \
                 between `go` and `done`"
            }
            Self::Sleep | Self::Blocking => {
                "that there are many tasks: one sleep, with spans invented around it"
            }
            Self::Hold => {
                "that tasks are alive. Where 1000 or more add less than 4 bytes each to the memory of the process and of the kernel, and no threads, that is said beside the figure"
            }
            Self::Brigade => {
                "that bytes pass through pipes: a loop that uses as much CPU time looks the same"
            }
            Self::Mixed => "how late a heartbeat is; the burners' CPU time is seen",
            Self::Cpu => {
                "spans and makespan, above what all CPUs need at least; the results and the CPU time are seen"
            }
            Self::Request | Self::FileRead => {
                "spans and makespan, within the time seen; requests, connections and blocks are seen"
            }
            Self::Echo => "nothing of its figures, which are the load's; that each connection has a task",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_says_of_each_workload_what_could_be_made_up() {
        let page = include_str!("../../../PROTOCOL.md");
        let (_, section) = page.split_once("### What a runner could make up").expect("its section");
        let rows: Vec<(&str, &str)> = (section.lines())
            .filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | "))
            .collect();
        let said = |name: &str| -> Vec<&str> {
            rows.iter()
                .filter(|(names, _)| names.split("`, `").any(|one| one == name))
                .map(|row| row.1)
                .collect()
        };
        for workload in Workload::ALL {
            assert_eq!(said(workload.name()), [workload.could_be_made_up()], "{}", workload.name());
        }
        let names: usize = rows.iter().map(|(names, _)| names.split("`, `").count()).sum();
        assert_eq!(names, Workload::ALL.len(), "a workload that there is not");
    }
}

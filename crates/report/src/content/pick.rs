//! Which runtimes are shown first, where there is no room for all.

use results::grouping::distinct;

use crate::run::{Run, is_about_the_lab};

/// The most runtimes of a pick.
pub const MOST: usize = 10;

/// With fewer of the usual ones than this a pick is of what the plan has.
const FEWEST: usize = 4;

/// One or two runtimes of each family that people choose from, in the order of families.
const USUAL: [&str; MOST] = [
    "tokio",
    "threads",
    "thread-pool",
    "glommio",
    "may",
    "smol",
    "go-goroutines",
    "java-virtual-threads",
    "python-asyncio",
    "python-threading",
];

/// The labels to show by default: at most [`MOST`], in the order of families.
pub fn default_pick(run: &Run) -> Vec<&str> {
    let of_runtimes = run.cells().filter(|cell| !is_about_the_lab(&cell.experiment));
    let planned = distinct(of_runtimes.map(|cell| cell.label.as_str()));
    let usual: Vec<&str> = USUAL.into_iter().filter(|label| planned.contains(label)).collect();
    if usual.len() >= FEWEST {
        return usual;
    }
    planned.into_iter().filter(|label| run.is_ranked(label)).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    #[test]
    fn the_usual_runtimes_of_the_plan_are_picked_in_their_order() {
        let pick = default_pick(fixture::reference());
        let planned = |label: &&str| fixture::reference().cells().any(|cell| cell.label == *label);
        assert_eq!(pick, USUAL.into_iter().filter(planned).collect::<Vec<_>>());
    }

    #[test]
    fn of_a_plan_with_few_of_them_the_first_ranked_ones_are_picked() {
        let mut run = fixture::read_reference();
        let usual = |label: &str| USUAL[1..].contains(&label);
        run.plan.cells.retain(|planned| !usual(&planned.cell.label));
        let pick = default_pick(&run);
        assert_eq!(pick.len(), MOST);
        assert!(pick.iter().all(|label| run.is_ranked(label) && !usual(label)), "{pick:?}");
    }
}

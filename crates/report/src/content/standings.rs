//! Ranks of the runtimes of a group by one metric. A tier holds runtimes that share their ranks: they cannot be told from
//! the first of them. Two of its later ones may differ from each other.
//!
//! The first tier is what `among_best` of `summary.csv` says. A later tier begins with the best median that is left. It
//! takes the runtimes that follow, as long as the interval of their ratio to that runtime, in `ratios.csv`, contains 1.
//! Where that ratio is not known, the intervals of the two medians decide: a runtime is in another tier only if they do
//! not overlap.

use std::collections::BTreeMap;

use results::SummaryRow;
use results::metric::Better;
use results::overview::Aspect;

use super::overview::Column;
use super::pairs::{Difference, PairRatio, Pairs};
use crate::format::is_enough;
use crate::run::Run;

/// Runtimes that the run cannot tell from the first of them.
#[derive(Debug)]
pub struct Tier<'a> {
    /// The first and the last rank that its runtimes share, counted from 1.
    pub ranks: (usize, usize),
    /// The best median first.
    pub rows: Vec<&'a SummaryRow>,
}

/// The tiers of a group by one metric, the best first.
#[derive(Debug)]
pub struct Standings<'a> {
    pub tiers: Vec<Tier<'a>>,
    /// What could be ranked and was measured in too few blocks to say where, the best median first.
    pub open: Vec<&'a SummaryRow>,
    /// What cannot do what is asked, and with how many tasks it worked.
    pub unable: Vec<(&'a SummaryRow, u64)>,
    /// What is shown beside them and ranked nowhere, the best median first.
    pub unranked: Vec<&'a SummaryRow>,
    /// Whether there were enough blocks to tell runtimes apart.
    pub is_known: bool,
}

impl<'a> Standings<'a> {
    /// None where no runtime that is ranked was measured.
    pub fn of(run: &'a Run, column: &Column<'a>, aspect: Aspect, pairs: &Pairs<'a>) -> Option<Self> {
        Self::without(run, column, aspect, pairs, &BTreeMap::new())
    }

    /// The same, where some runtimes cannot do what is asked and take no rank: by label, with how many tasks they worked.
    pub fn without(
        run: &'a Run,
        column: &Column<'a>,
        aspect: Aspect,
        pairs: &Pairs<'a>,
        unable: &BTreeMap<&'a str, u64>,
    ) -> Option<Self> {
        let mut rows = column.values(aspect);
        sort(&mut rows);
        let (ranked, unranked): (Vec<&SummaryRow>, Vec<&SummaryRow>) =
            rows.into_iter().partition(|row| run.is_ranked(&row.runtime));
        ranked.first()?;
        // Of a row of another group `among_best` says where it stands in that.
        let is_best = |row: &&SummaryRow| row.group == column.group && row.among_best == Some(true);
        let is_known = ranked.iter().any(is_best);
        let (out, mut ranked): (Vec<&SummaryRow>, Vec<&SummaryRow>) =
            ranked.into_iter().partition(|row| unable.contains_key(&*row.runtime));
        // What was as good as one that is out need not be as good as the best of those that stay.
        let is_first_given = is_known && !out.iter().any(is_best);
        let unable = out.into_iter().map(|row| (row, unable[&*row.runtime])).collect();
        // Long trials run in fewer blocks than short ones. In a group of too few blocks for all, medians alone give an order.
        let has_enough = |row: &&SummaryRow| is_enough(row.n);
        let mut open = Vec::new();
        if ranked.iter().any(has_enough) {
            (ranked, open) = ranked.into_iter().partition(has_enough);
        }
        let mut tiers: Vec<Tier> = Vec::new();
        let mut rank = 1;
        while let Some(leader) = ranked.first().copied() {
            let is_first = tiers.is_empty() && is_first_given;
            let (mut tied, left): (Vec<&SummaryRow>, Vec<&SummaryRow>) =
                if is_first { ranked.into_iter().partition(is_best) } else { (Vec::new(), ranked) };
            ranked = left;
            if tied.is_empty() {
                let many =
                    ranked.iter().take_while(|row| !is_behind(pairs, column, aspect, row, leader)).count();
                tied = ranked.drain(..many.max(1)).collect();
            }
            let ranks = (rank, rank + tied.len() - 1);
            rank += tied.len();
            tiers.push(Tier { ranks, rows: tied });
        }
        Some(Self { tiers, open, unable, unranked, is_known })
    }

    /// How many runtimes have a rank.
    pub fn count(&self) -> usize {
        self.tiers.iter().map(|tier| tier.rows.len()).sum()
    }

    /// All that are ranked, tier by tier.
    pub fn ranked(&self) -> impl Iterator<Item = &'a SummaryRow> {
        self.tiers.iter().flat_map(|tier| tier.rows.iter().copied())
    }

    /// Whether a runtime of too few blocks has a better median than all that are ranked.
    pub fn is_beaten_by_open(&self) -> bool {
        let Some((open, ranked)) = self.open.first().zip(self.ranked().next()) else { return false };
        let mut both = [ranked, *open];
        sort(&mut both);
        both[0].runtime == open.runtime
    }

    /// The runtimes of the first tier.
    pub fn best(&self) -> Vec<&'a str> {
        self.tiers.first().into_iter().flat_map(|tier| &tier.rows).map(|row| &*row.runtime).collect()
    }
}

impl Tier<'_> {
    /// `1`, or `2–5` where several runtimes share the ranks.
    pub fn ranks(&self) -> String {
        let (first, last) = self.ranks;
        if first == last { first.to_string() } else { format!("{first}–{last}") }
    }
}

/// Whether a runtime is worse than the leader beyond what its interval leaves open.
fn is_behind<'a>(
    pairs: &Pairs<'a>,
    column: &Column<'a>,
    aspect: Aspect,
    row: &'a SummaryRow,
    leader: &'a SummaryRow,
) -> bool {
    match column.ratio(pairs, aspect, &row.runtime, &leader.runtime).map(PairRatio::difference) {
        Some(Difference::Worse) => true,
        Some(Difference::TooFew) | None => are_apart(row, leader),
        Some(_) => false,
    }
}

/// Whether the intervals of two medians do not overlap.
fn are_apart(a: &SummaryRow, b: &SummaryRow) -> bool {
    let interval = |row: &SummaryRow| Some((row.ci_low?, row.ci_high?));
    interval(a)
        .zip(interval(b))
        .is_some_and(|((low, high), (other_low, other_high))| low > other_high || high < other_low)
}

/// The better median first.
fn sort(rows: &mut [&SummaryRow]) {
    rows.sort_by(|a, b| a.median.total_cmp(&b.median).then_with(|| a.runtime.cmp(&b.runtime)));
    if rows.first().is_some_and(|row| row.metric.better() == Better::More) {
        rows.reverse();
    }
}

#[cfg(test)]
mod tests {
    use protocol::Workload;

    use super::*;
    use crate::content::overview::columns;
    use crate::figures::fixture;

    #[test]
    fn every_ranked_runtime_is_in_one_tier_and_ranks_are_counted_on() {
        let run = fixture::reference();
        let pairs = Pairs::of(run);
        for column in columns(run) {
            for aspect in Aspect::ALL {
                let Some(standings) = Standings::of(run, &column, aspect, &pairs) else { continue };
                let mut next = 1;
                for tier in &standings.tiers {
                    assert_eq!(tier.ranks, (next, next + tier.rows.len() - 1));
                    next += tier.rows.len();
                }
                let ranked = column.values(aspect).iter().filter(|row| run.is_ranked(&row.runtime)).count();
                assert_eq!((standings.count() + standings.open.len(), next - 1), (ranked, standings.count()));
                assert!(standings.ranked().all(|row| run.is_ranked(&row.runtime)));
            }
        }
    }

    #[test]
    fn a_runtime_of_too_few_blocks_has_no_rank_beside_others_of_enough() {
        let mut run = fixture::read_reference();
        for row in run.summary.iter_mut().filter(|row| row.runtime == "threads") {
            (row.n, row.among_best) = (2, Some(true));
        }
        let columns = columns(&run);
        let sleep = columns.iter().find(|column| column.workload == Workload::Sleep).unwrap();
        let standings = Standings::of(&run, sleep, Aspect::Cold, &Pairs::of(&run)).unwrap();
        assert!(standings.ranked().all(|row| row.runtime != "threads"));
        let open: Vec<&str> = standings.open.iter().map(|row| &*row.runtime).collect();
        assert_eq!(open, ["threads", "python-multiprocessing"]);
    }

    #[test]
    fn the_first_tier_holds_those_that_cannot_be_told_from_the_best_and_no_reference() {
        let run = fixture::reference();
        let columns = columns(run);
        let sleep = columns.iter().find(|column| column.workload == Workload::Sleep).unwrap();
        let standings = Standings::of(run, sleep, Aspect::Cold, &Pairs::of(run)).unwrap();
        assert_eq!((standings.best(), standings.tiers[0].ranks()), (vec!["smol"], "1".into()));
        assert!(standings.unranked.iter().any(|row| row.runtime == "floor"));
        let place = |runtime: &str| standings.ranked().position(|row| row.runtime == runtime).unwrap();
        assert!(place("threads") > place("tokio"));
    }

    #[test]
    fn who_cannot_do_what_is_asked_takes_no_rank_and_the_next_leads() {
        let run = fixture::reference();
        let columns = columns(run);
        let sleep = columns.iter().find(|column| column.workload == Workload::Sleep).unwrap();
        let (pairs, unable) = (Pairs::of(run), BTreeMap::from([("smol", 8000)]));
        let all = Standings::of(run, sleep, Aspect::Cold, &pairs).unwrap();
        let standings = Standings::without(run, sleep, Aspect::Cold, &pairs, &unable).unwrap();
        assert_eq!((standings.count(), standings.unable[0].1), (all.count() - 1, 8000));
        assert!(standings.is_known && standings.ranked().all(|row| row.runtime != "smol"));
        assert_eq!(standings.ranked().next().unwrap().runtime, all.ranked().nth(1).unwrap().runtime);
    }
}

//! Which runtime has the lowest value of a figure and which the highest, in a sentence: once of those that are shown at
//! first, and once of all. Only whose interval is apart from those of the others is named alone.

use results::{SummaryRow, human};

use crate::content::pick::default_pick;
use crate::content::ranking::{caveats, marked};
use crate::figure::Naming;
use crate::format::{list, median};
use crate::run::Run;

/// The most runtimes that are named at either end.
const MOST: usize = 3;

/// The sentences about runtimes that are ranked. `rows` has what is compared of those that it is asked for, and what the
/// values are, for a sentence: `makespan with 1,000 tasks`.
pub fn sentences<'a>(
    run: &Run,
    rows: impl Fn(&dyn Fn(&str) -> bool) -> Option<(Vec<&'a SummaryRow>, String)>,
) -> Vec<Naming> {
    let usual = default_pick(run);
    let of = |scope: &str, is_asked: &dyn Fn(&str) -> bool| {
        let (rows, what) = rows(&|runtime| run.is_ranked(runtime) && is_asked(runtime))?;
        sentence(run, scope, &what, rows)
    };
    let of_usual = of("the usual runtimes", &|runtime| usual.contains(&runtime));
    let of_all = of("all runtimes", &|_| true);
    // Where both name the same two, what is true of all says it.
    let is_same = of_usual.as_ref().zip(of_all.as_ref()).is_some_and(|(a, b)| a.runtimes == b.runtimes);
    of_usual.filter(|_| !is_same).into_iter().chain(of_all).collect()
}

fn sentence(run: &Run, scope: &str, what: &str, mut rows: Vec<&SummaryRow>) -> Option<Naming> {
    // What has no interval can be told from nothing.
    let open: Vec<&SummaryRow> = rows.extract_if(.., |row| interval(row).is_none()).collect();
    rows.sort_by(|a, b| a.median.total_cmp(&b.median));
    let [least, .., most] = rows.as_slice() else { return None };
    let low: Vec<&SummaryRow> = rows.iter().copied().filter(|row| !are_apart(row, least)).collect();
    let high: Vec<&SummaryRow> = rows.iter().copied().filter(|row| !are_apart(row, most)).collect();
    if !are_apart(least, most) {
        let words = format!(
            "Of {scope}, the lowest {what}, of {} {}, is tied with the highest, of {} {}.",
            least.runtime,
            median(least).value,
            most.runtime,
            median(most).value
        );
        let runtimes = vec![least.runtime.clone(), most.runtime.clone()];
        return Some(Naming { words, runtimes });
    }
    let words = format!(
        "Of {scope}, {} the lowest {what}, {}; {} the highest, {}: {} times as much.",
        holders(run, &low),
        median(least).value,
        holders(run, &high),
        median(most).value,
        human::rough(most.median / least.median, "ratio")
    );
    let named: Vec<&SummaryRow> = low.into_iter().take(MOST).chain(high.into_iter().take(MOST)).collect();
    let caveats =
        caveats(run, named.iter().map(|row| &*row.cell)).into_iter().map(|note| format!(" {}.", note.words));
    let runtimes = named.iter().chain(open.iter().take(MOST)).map(|row| row.runtime.clone()).collect();
    Some(Naming { words: words + &left_out(&open) + &caveats.collect::<String>(), runtimes })
}

/// That some are not compared, as they have no interval.
fn left_out(open: &[&SummaryRow]) -> String {
    if open.is_empty() {
        return String::new();
    }
    let mut names: Vec<String> = open.iter().take(MOST).map(|row| row.runtime.clone()).collect();
    if open.len() > MOST {
        names.push(format!("{} more", open.len() - MOST));
    }
    format!(" Not compared, with too few blocks for an interval: {}.", list(names))
}

fn interval(row: &SummaryRow) -> Option<(f64, f64)> {
    row.ci_low.zip(row.ci_high)
}

/// Whether two intervals have nothing in common.
fn are_apart(a: &SummaryRow, b: &SummaryRow) -> bool {
    interval(a).zip(interval(b)).is_some_and(|(a, b)| a.0 > b.1 || a.1 < b.0)
}

/// `tokio has`, or `tokio† and smol, which are tied, have`.
fn holders(run: &Run, rows: &[&SummaryRow]) -> String {
    let name = |row: &&SummaryRow| marked(&row.runtime, run.caveat(&row.cell));
    match rows {
        [one] => format!("{} has", name(one)),
        some if some.len() <= MOST => {
            format!("{}, which are tied, have", list(some.iter().map(name)))
        }
        many => {
            let names = many.iter().take(MOST).map(name).collect::<Vec<String>>().join(", ");
            format!("{names} and {} more, which are tied with the first, have", many.len() - MOST)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn row(runtime: &str, median: f64) -> SummaryRow {
        let (low, high) = (Some(median * 0.99), Some(median * 1.01));
        let any = fixture::reference().summary[0].clone();
        SummaryRow { runtime: runtime.into(), cell: String::new(), median, ci_low: low, ci_high: high, ..any }
    }

    fn of(rows: &[SummaryRow]) -> Vec<Naming> {
        sentences(fixture::reference(), |is_asked| {
            let rows = rows.iter().filter(|row| is_asked(&row.runtime)).collect();
            Some((rows, "cost".into()))
        })
    }

    #[test]
    fn the_usual_and_all_have_a_sentence_each_unless_both_name_the_same() {
        let usual = [row("threads", 9.0), row("tokio", 2.0), row("smol", 3.0), row("floor", 1.0)];
        let found = of(&usual);
        assert_eq!(found.len(), 1);
        assert!(found[0].words.starts_with("Of all runtimes, tokio has the lowest cost, 2"), "{found:?}");
        assert!(found[0].words.ends_with("4.5 times as much."), "{found:?}");
        let found = of(&[&usual[..], &[row("compio", 1.0)]].concat());
        assert_eq!(
            (found.len(), &found[0].runtimes[0], &found[1].runtimes[0]),
            (2, &"tokio".into(), &"compio".into())
        );
        assert!(found[0].words.starts_with("Of the usual runtimes, "), "{found:?}");
    }

    #[test]
    fn one_alone_is_compared_with_nobody() {
        assert!(of(&[row("tokio", 2.0), row("floor", 1.0)]).is_empty());
    }

    #[test]
    fn who_cannot_be_told_from_the_lowest_is_named_with_it_and_of_one_value_nobody_wins() {
        let wide = SummaryRow { ci_high: Some(3.0), ..row("tokio", 2.0) };
        let found = of(&[wide.clone(), row("smol", 2.9), row("threads", 9.0)]);
        let words = &found.last().unwrap().words;
        assert!(words.contains("tokio and smol, which are tied, have the lowest cost, 2.0"), "{words}");
        assert!(words.contains("threads has the highest"), "{words}");
        let found = of(&[wide, row("smol", 2.9)]);
        assert_eq!(
            found[0].words,
            "Of all runtimes, the lowest cost, of tokio 2.0 ns, is tied with the highest, of smol 2.90 ns."
        );
    }

    #[test]
    fn what_has_no_interval_is_said_to_be_left_out() {
        let open = SummaryRow { ci_low: None, ci_high: None, ..row("threads", 99.0) };
        let words = of(&[row("tokio", 2.0), row("smol", 9.0), open]).swap_remove(0).words;
        assert!(words.ends_with("Not compared, with too few blocks for an interval: threads."), "{words}");
    }

    #[test]
    fn a_runtime_that_is_named_has_its_dagger_and_what_it_means() {
        let run = fixture::reference();
        let cell = run.cells().find(|cell| cell.label == "tokio" && run.caveat(&cell.id).is_some()).unwrap();
        let named = SummaryRow { cell: cell.id.clone(), ..row("tokio", 2.0) };
        let words = of(&[named, row("threads", 9.0)]).swap_remove(0).words;
        assert!(words.contains("tokio† has the lowest cost") && words.contains(". † tokio ("), "{words}");
    }
}

//! Which runtime has the lowest value of a figure and which the highest, in a sentence: once of those that are shown at
//! first, and once of all.

use results::{SummaryRow, human};

use crate::content::pick::default_pick;
use crate::figure::Naming;
use crate::format::median;
use crate::run::Run;

/// The sentences about runtimes that are ranked. `rows` has what is compared of those that it is asked for, and what the
/// values are, for a sentence: `makespan with 1,000 tasks`.
pub fn sentences<'a>(
    run: &Run,
    rows: impl Fn(&dyn Fn(&str) -> bool) -> Option<(Vec<&'a SummaryRow>, String)>,
) -> Vec<Naming> {
    let usual = default_pick(run);
    let of = |scope: &str, is_asked: &dyn Fn(&str) -> bool| {
        let (rows, what) = rows(&|runtime| run.is_ranked(runtime) && is_asked(runtime))?;
        sentence(scope, &what, rows)
    };
    let of_usual = of("the usual runtimes", &|runtime| usual.contains(&runtime));
    let of_all = of("all runtimes", &|_| true);
    // Where both name the same two, what is true of all says it.
    let is_same = of_usual.as_ref().zip(of_all.as_ref()).is_some_and(|(a, b)| a.runtimes == b.runtimes);
    of_usual.filter(|_| !is_same).into_iter().chain(of_all).collect()
}

fn sentence(scope: &str, what: &str, mut rows: Vec<&SummaryRow>) -> Option<Naming> {
    rows.sort_by(|a, b| a.median.total_cmp(&b.median));
    let [least, .., most] = rows.as_slice() else { return None };
    let words = format!(
        "Of {scope}, {} has the lowest {what}, {}, and {} the highest, {}: {} times as much.",
        least.runtime,
        median(least).value,
        most.runtime,
        median(most).value,
        human::rough(most.median / least.median, "ratio")
    );
    Some(Naming { words, runtimes: vec![least.runtime.clone(), most.runtime.clone()] })
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn row(runtime: &str, median: f64) -> SummaryRow {
        SummaryRow { runtime: runtime.into(), median, ..fixture::reference().summary[0].clone() }
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
        assert!(found[0].words.starts_with("Of all runtimes, tokio has the lowest cost, "), "{found:?}");
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
}

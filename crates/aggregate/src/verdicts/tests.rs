//! Each verdict, reached by a made-up run.

use protocol::Status;
use results::{Metric, Pass, TrialRow};

use super::fixture::*;
use super::*;
use crate::fixture::{ratio, sample, timed, value};
use crate::ratios;
use crate::stats::SIGNIFICANCE;

#[test]
fn a_value_on_the_claimed_side_of_its_bound_supports_the_claim() {
    let row = judged(claim(value("a"), "<= 20ms"), &cell("a", 15.0 * MS));
    assert_eq!((row.verdict, row.n, row.measured), (Verdict::Supported, 7, Some(15.0 * MS)));
    let (low, high) = (row.ci_low.unwrap(), row.ci_high.unwrap());
    assert!(14.5 * MS < low && low < 15.0 * MS && 15.0 * MS < high && high < 15.5 * MS, "{row:?}");
    assert_eq!((row.runtime.as_str(), row.baseline.as_str(), row.unit.as_str()), ("a", "", "ns"));
    assert_eq!(row.source, "A, \"T\", 2025");
    assert_eq!(
        row.reason,
        "Makespan of a on g is 15.0 ms (95 % interval 14.7 ms to 15.3 ms, 7 blocks in this run), as claimed: \
         at most 20 ms."
    );
}

#[test]
fn a_value_beyond_either_bound_refutes_the_claim() {
    for (expect, words) in [
        (">= 20ms", "at least 20 ms"),
        ("1s to 2s", "between 1 s and 2 s"),
        ("1ms to 2ms", "between 1 ms and 2 ms"),
        ("<= 1ms", "at most 1 ms"),
    ] {
        let row = judged(claim(value("a"), expect), &cell("a", 15.0 * MS));
        assert_eq!(row.verdict, Verdict::Refuted, "{row:?}");
        let end =
            format!("(95 % interval 14.7 ms to 15.3 ms, 7 blocks in this run), not {words} as claimed.");
        assert!(row.reason.ends_with(&end), "{row:?}");
    }
}

#[test]
fn a_value_whose_interval_holds_the_bound_leaves_the_claim_open() {
    let row = judged(claim(value("a"), "<= 15ms"), &cell("a", 15.0 * MS));
    assert_eq!(row.verdict, Verdict::Inconclusive);
    assert!(row.p_adjusted.unwrap() > SIGNIFICANCE);
    let end = "which leaves open whether it is at most 15 ms. Only a bound outside of 14.6 ms to 15.4 ms could be decided.";
    assert!(row.reason.ends_with(end), "{}", row.reason);
    // 2/2⁷ · 3 is less than 0.05, and 2/2⁷ · 4 is more.
    let open = |claims: usize| {
        let one = |id: usize| Claim { id: id.to_string(), ..claim(value("a"), "<= 15ms") };
        let row = judge_all(&(0..claims).map(one).collect::<Vec<Claim>>(), &cell("a", 15.0 * MS)).remove(0);
        (row.open_low, row.open_high)
    };
    assert_eq!(open(3), (Some(14.55 * MS), Some(15.45 * MS)));
    assert_eq!(open(4), (None, None));
}

#[test]
fn one_wild_block_among_many_cannot_decide_by_moving_the_mean() {
    let mut samples = cell("a", 15.0 * MS);
    samples[6].makespan_ns = Some(whole(1e12));
    let row = judged(claim(value("a"), "<= 20ms"), &samples);
    assert_eq!(row.verdict, Verdict::Inconclusive);
    assert!(row.measured.unwrap() < 20.0 * MS);
}

#[test]
fn fewer_blocks_than_an_interval_needs_leave_the_claim_open_however_clear_they_are() {
    let row = judged(claim(value("a"), "<= 20ms"), &cell("a", 15.0 * MS)[..5]);
    assert_eq!((row.verdict, row.n, row.ci_low, row.p_value), (Verdict::Inconclusive, 5, None, None));
    assert_eq!(
        row.reason,
        "Makespan of a on g is 15 ms (5 blocks; an interval needs 6), which leaves \
         open whether it is at most 20 ms."
    );
}

#[test]
fn two_that_are_alike_within_the_margin_are_equivalent() {
    let mut reversed = [cell("a", 15.0 * MS), cell("b", 15.1 * MS)].concat();
    reversed[..7].iter_mut().for_each(|sample| sample.block = 8 - sample.block);
    let row = judged(claim(ratio("a", "b"), "within 10 %"), &reversed);
    assert_eq!(row.verdict, Verdict::Equivalent);
    assert!(row.reason.ends_with("alike, as claimed: between 0.9091 and 1.1."), "{}", row.reason);
    // A margin that the spread exceeds shows nothing, though the two do not differ.
    let row = judged(claim(ratio("a", "b"), "within 1 %"), &reversed);
    assert_eq!(row.verdict, Verdict::Inconclusive);
    let apart = [cell("a", 15.0 * MS), cell("b", 30.0 * MS)].concat();
    assert_eq!(judged(claim(ratio("a", "b"), "within 10 %"), &apart).verdict, Verdict::Refuted);
}

#[test]
fn a_ratio_is_that_of_ratios_csv_with_the_same_interval() {
    let mut samples = [cell("a", 30.0 * MS), cell("floor", 2.0 * MS)].concat();
    for (place, sample) in samples[..6].iter_mut().enumerate() {
        sample.makespan_ns = Some(whole(30.0 * MS * NOISE[(place * place + 2) % 7]));
    }
    // An even number of blocks, of which the middle two differ.
    samples.retain(|sample| sample.block <= 6);
    let row = judged(claim(ratio("a", "floor"), ">= 10"), &samples);
    let (plan, trials) = crate::trials::read(crate::fixture::run(&samples).path()).unwrap();
    let ratios = ratios::known_rows(ratios::compare(&plan, &trials).unwrap());
    let makespan = ratios.iter().find(|row| row.metric == Metric::Makespan).unwrap();
    assert_eq!(row.measured, Some(makespan.ratio));
    assert_eq!((row.ci_low, row.ci_high), (makespan.ci_low, makespan.ci_high));
    assert_eq!((row.verdict, row.n, row.unit.as_str()), (Verdict::Supported, 6, "ratio"));
    assert!(row.reason.starts_with("Makespan of a is 15.4 times that of floor on g (95 %"), "{}", row.reason);
}

#[test]
fn a_ratio_is_taken_within_blocks_so_that_drift_leaves_it_alone() {
    let mut drifting = [cell("a", 3e6), cell("b", 1e6)].concat();
    for sample in &mut drifting {
        sample.makespan_ns = sample.makespan_ns.map(|ns| ns << sample.block);
    }
    let row = judged(claim(ratio("a", "b"), ">= 2.9"), &drifting);
    assert_eq!(row.verdict, Verdict::Supported, "{row:?}");
    assert!((row.measured.unwrap() - 3.0).abs() < 1e-9);
}

#[test]
fn growth_is_a_ratio_between_two_cells_of_one_runtime() {
    let samples = series("a", NOISE.map(|noise| (5e6, 1e4 * noise)));
    let growth = Quantity::Ratio { of: sized("a", 1000), over: sized("a", 10) };
    let row = judged(claim(growth, "2.5 to 3.5"), &samples);
    assert_eq!(row.verdict, Verdict::Supported, "{row:?}");
    assert_eq!((row.runtime.as_str(), row.baseline.as_str()), ("a", "a"));
    assert_eq!(row.groups, "sleep-1000-1ms / sleep-10-1ms");
    let expected = "Makespan of a on sleep-1000-1ms is 2.94 times that of sleep-10-1ms (95 %";
    assert!(row.reason.starts_with(expected), "{}", row.reason);
}

#[test]
fn a_crossover_is_the_number_of_tasks_at_which_both_cost_the_same() {
    // a: 1000 + 30·N; b: 5000 + 20·N, which varies: they meet at about 400 tasks.
    let samples = [series("a", [(1e5, 3e3); 7]), series("b", NOISE.map(|noise| (5e5 * noise, 2e3)))].concat();
    let row = judged(claim(crossover("a", "b"), "100 to 1000"), &samples);
    assert_eq!((row.verdict, row.unit.as_str()), (Verdict::Supported, "tasks"));
    assert!((row.measured.unwrap() - 400.0).abs() < 1e-6, "{row:?}");
    assert_eq!(row.groups, "sleep-10-1ms sleep-100-1ms sleep-1000-1ms");
    let expected = "By makespan, a costs less than b up to 400 tasks (95 % interval 390 to 410, 7 blocks in this run), as \
                    claimed: between 100 and 1,000 tasks.";
    assert_eq!(row.reason, expected);
    assert_eq!(judged(claim(crossover("a", "b"), ">= 1000"), &samples).verdict, Verdict::Refuted);
}

#[test]
fn a_crossover_that_some_blocks_do_not_have_is_judged_by_the_sign_test() {
    // In two of seven blocks a costs less per task as well: no crossover there.
    let a = [(1e5, 3e3), (1e5, 3e3), (1e5, 1e3), (1e5, 3e3), (1e5, 3e3), (1e5, 1e3), (1e5, 3e3)];
    let samples = [series("a", a), series("b", NOISE.map(|noise| (5e5 * noise, 2e3)))].concat();
    let row = judged(claim(crossover("a", "b"), ">= 100"), &samples);
    assert_eq!(row.verdict, Verdict::Supported, "{row:?}");
    // All seven lie above: twice 1/2⁷.
    assert!((row.p_value.unwrap() - 2.0 / 128.0).abs() < 1e-12);
    assert!(row.measured.unwrap() < 1000.0);
    assert_eq!(row.ci_high, Some(results::NEVER));
    assert!(
        row.reason.contains(" to no end, 7 blocks in this run), as claimed: at least 100 tasks."),
        "{}",
        row.reason
    );
    // Five of seven lie below 1000, which is no proof.
    assert_eq!(judged(claim(crossover("a", "b"), "<= 1000"), &samples).verdict, Verdict::Inconclusive);
}

#[test]
fn what_never_crosses_costs_less_for_any_number_of_tasks_or_for_none() {
    let samples = [series("a", [(1e5, 1e3); 7]), series("b", NOISE.map(|noise| (5e5 * noise, 2e3)))].concat();
    let row = judged(claim(crossover("a", "b"), ">= 100"), &samples);
    assert_eq!((row.verdict, row.measured), (Verdict::Supported, Some(results::NEVER)));
    assert!(
        row.reason.starts_with("By makespan, a costs less than b for any number of tasks measured ("),
        "{row:?}"
    );
    let row = judged(claim(crossover("b", "a"), ">= 100"), &samples);
    assert_eq!((row.verdict, row.measured), (Verdict::Refuted, Some(0.0)));
    assert!(
        row.reason.starts_with("By makespan, b costs less than a for no number of tasks measured ("),
        "{row:?}"
    );
}

#[test]
fn a_billion_bytes_are_no_crossover_that_is_never() {
    let samples = holding("a", NOISE.map(|noise| 8e9 * noise));
    let row = judged(claim_about(Metric::RssGrowth, value("a"), ">= 1GB"), &samples);
    assert_eq!(row.verdict, Verdict::Supported);
    assert!(row.reason.contains(" is 7.5 GiB (95 % interval "), "{}", row.reason);
}

#[test]
fn blocks_that_are_all_alike_leave_the_doubt_of_so_many_and_a_bound_is_itself_within() {
    let samples: Vec<TrialRow> = (1..=7).map(|block| timed("a", block, 20_000_000)).collect();
    for (expect, verdict) in [
        ("<= 20ms", Verdict::Supported),
        (">= 20ms", Verdict::Supported),
        ("<= 19ms", Verdict::Refuted),
        ("21ms to 22ms", Verdict::Refuted),
    ] {
        let row = judged(claim(value("a"), expect), &samples);
        assert_eq!((row.verdict, row.p_value), (verdict, Some(2.0 / 128.0)), "{expect}");
        assert_eq!((row.ci_low, row.ci_high), (Some(2e7), Some(2e7)));
    }
}

#[test]
fn p_values_are_adjusted_over_the_claims_of_an_experiment_and_not_over_those_of_others() {
    // Of six blocks no p is smaller than 2/2⁶: enough for one claim, and not for two.
    let six = |runtime| cell(runtime, 15.0 * MS).into_iter().take(6);
    let mut samples: Vec<TrialRow> = six("a").chain(six("b")).collect();
    let other = |sample| TrialRow { experiment: "f".into(), ..sample };
    samples.extend(six("a").map(other));
    let close = Claim { id: "close".into(), ..claim(value("a"), "<= 20ms") };
    let open = Claim { id: "open".into(), ..claim(value("b"), "<= 15ms") };
    let elsewhere = Claim { experiment: "f".into(), ..close.clone() };
    let unheard = Claim { untestable: Some("nobody ran it".into()), ..claim(value("c"), "<= 1ms") };
    let rows = judge_all(&[close, elsewhere, open, unheard], &samples);
    let p: Vec<f64> = rows[..3].iter().map(|row| row.p_value.unwrap()).collect();
    assert_eq!((p[0], p[1]), (2.0 / 64.0, 2.0 / 64.0));
    // The claim that cannot be tested is no test, and counts as none.
    assert_eq!((rows[0].p_adjusted, rows[2].p_adjusted), (Some(2.0 * p[0]), Some(p[2])));
    assert_eq!(rows[1].p_adjusted, Some(p[1]));
    assert_eq!((rows[0].verdict, rows[1].verdict), (Verdict::Inconclusive, Verdict::Supported));
    let end = " 6 blocks are too few to decide any of 2 claims together: 7 are needed.";
    assert!(rows[0].reason.ends_with(end), "{}", rows[0].reason);
    assert_eq!(rows[3].verdict, Verdict::Untestable);
}

#[test]
fn disturbed_blocks_count_and_the_verdict_without_them_stands_beside() {
    let more = cell("a", 15.0 * MS).into_iter().map(|trial| TrialRow { block: trial.block + 7, ..trial });
    let mut samples = with_steal(cell("a", 15.0 * MS).into_iter().chain(more).collect(), &[0, 1, 2, 3]);
    samples[..4].iter_mut().for_each(|sample| sample.makespan_ns = Some(whole(900.0 * MS)));
    let found = |samples: &[TrialRow]| {
        let row = judged(claim(value("a"), "<= 20ms"), samples);
        (row.n, row.disturbed, row.verdict, row.undisturbed_verdict)
    };
    assert_eq!(found(&samples), (14, 4, Verdict::Inconclusive, Verdict::Supported));
    // Without flags both are the same.
    assert_eq!(found(&samples[4..]), (10, 0, Verdict::Supported, Verdict::Supported));
}

#[test]
fn a_block_of_a_ratio_is_disturbed_where_either_of_its_trials_is() {
    let samples = with_steal([cell("a", 30.0 * MS), cell("b", 2.0 * MS)].concat(), &[0, 8]);
    let row = judged(claim(ratio("a", "b"), ">= 10"), &samples);
    assert_eq!((row.n, row.disturbed, row.verdict), (7, 2, Verdict::Supported));
    // Five blocks are left: too few.
    assert_eq!(row.undisturbed_verdict, Verdict::TooFew);
}

#[test]
fn blocks_that_are_left_and_could_not_decide_any_of_the_claims_are_too_few() {
    let more = |trial: TrialRow, by| TrialRow { block: trial.block + by, ..trial };
    let twice: Vec<TrialRow> = [0, 7]
        .iter()
        .flat_map(|by| cell("a", 15.0 * MS).into_iter().map(move |trial| more(trial, *by)))
        .collect();
    let claims = |count: usize| -> Vec<Claim> {
        let one = |id: usize| Claim { id: id.to_string(), ..claim(value("a"), "<= 20ms") };
        // Some that cannot be decided, so that no share of theirs is passed on.
        (0..count).map(|id| if id == 0 { one(0) } else { Claim { expect: open(), ..one(id) } }).collect()
    };
    let found = |count: usize, disturbed: &[usize]| {
        let row = judge_all(&claims(count), &with_steal(twice.clone(), disturbed)).remove(0);
        (row.verdict, row.n - row.disturbed, row.undisturbed_verdict)
    };
    let five: Vec<usize> = (0..5).collect();
    // Of nine blocks one claim can be decided, and one of 24 cannot: that takes ten.
    assert_eq!(found(1, &five), (Verdict::Supported, 9, Verdict::Supported));
    assert_eq!(found(24, &five), (Verdict::Supported, 9, Verdict::TooFew));
    assert_eq!(found(24, &five[1..]), (Verdict::Supported, 10, Verdict::Supported));
}

/// Half of the blocks lie on either side.
fn open() -> results::Expectation {
    results::Expectation::parse("<= 15ms", "ns").unwrap()
}

#[test]
fn a_failure_counts_against_what_is_claimed_to_be_fast_and_the_sentence_counts_it() {
    let mut samples = cell("a", 15.0 * MS);
    samples[3..].iter_mut().for_each(|trial| trial.status = Status::Timeout);
    let row = judged(claim(value("a"), "<= 20ms"), &samples);
    assert_eq!((row.n, row.verdict, row.measured), (7, Verdict::Inconclusive, None));
    assert_eq!(
        row.reason,
        "In 4 of 7 blocks a trial failed, so the median of makespan is not known, which leaves open \
         whether it is at most 20 ms."
    );
}

#[test]
fn variants_cost_the_claims_as_published_no_power() {
    let samples: Vec<TrialRow> = cell("a", 15.0 * MS).into_iter().take(6).collect();
    let published = claim(value("a"), "<= 20ms");
    let variant = Claim { variant: true, id: "variant".into(), ..published.clone() };
    let rows = judge_all(&[published, variant], &samples);
    assert_eq!((rows[0].p_adjusted, rows[1].p_adjusted), (Some(2.0 / 64.0), Some(2.0 / 64.0)));
}

#[test]
fn a_claim_that_is_open_only_as_one_of_many_says_so() {
    let more = cell("a", 15.0 * MS).into_iter().map(|trial| TrialRow { block: trial.block + 7, ..trial });
    let mut samples: Vec<TrialRow> = cell("a", 15.0 * MS).into_iter().chain(more).collect();
    samples[..2].iter_mut().for_each(|sample| sample.makespan_ns = Some(whole(900.0 * MS)));
    let one = |id: usize| Claim { id: id.to_string(), ..claim(value("a"), "<= 20ms") };
    let row = judge_all(&(0..4).map(one).collect::<Vec<Claim>>(), &samples).remove(0);
    assert_eq!(row.verdict, Verdict::Inconclusive);
    let end = " Alone it would be decided; as one of many claims it is not (adjusted p 0.052).";
    assert!(row.reason.ends_with(end), "{}", row.reason);
}

#[test]
fn a_claim_is_untestable_for_the_reason_why_nothing_was_measured() {
    let too_large = Some("a is not run: it is too large.".into());
    let left_out = Claim { untestable: too_large, ..claim(value("a"), ">= 1s") };
    let reason = "io_uring is forbidden here".into();
    let unavailable = TrialRow { status: Status::Unavailable, reason, ..sample("glommio", 1) };
    let of_glommio = claim(value("glommio"), ">= 1s");
    let of_steady = claim_about(Metric::LaterMakespan, value("a"), ">= 1s");
    let (measured, never_ok) = (cell("a", 1.0), vec![unavailable]);
    for (claim, samples, reason) in [
        (left_out, &measured, "a is not run: it is too large."),
        (of_glommio.clone(), &never_ok, "glommio on g: unavailable: io_uring is forbidden here."),
        (of_glommio, &measured, "glommio on g: it has no trial yet."),
        (of_steady, &measured, "later_makespan_ns was not measured in any block."),
    ] {
        assert_eq!(untestable(claim, samples), format!("Untestable: {reason}"));
    }
}

#[test]
fn a_ratio_to_nothing_is_untestable_and_no_block_is_left_out_for_it() {
    let mut less = holding("b", NOISE.map(|noise| 1e6 * noise));
    less[3].rss_holding_bytes = Some(900);
    let samples = [holding("a", [5e6; 7]), less].concat();
    let reason = untestable(claim_about(Metric::RssGrowth, ratio("a", "b"), ">= 100"), &samples);
    assert!(reason.contains("rss_growth_bytes of b on g was not above zero in every block"), "{reason}");
}

#[test]
fn memory_of_tasks_that_were_never_all_alive_is_untestable() {
    let peak = |alive: Option<u64>| -> Vec<TrialRow> {
        let (tasks, rss_peak_bytes) = (1000, Some(9_000_000));
        let trials = cell("a", 2.0 * MS).into_iter();
        trials.map(|trial| TrialRow { tasks, rss_peak_bytes, peak_in_flight: alive, ..trial }).collect()
    };
    let memory = || claim_about(Metric::RssPeak, value("a"), "<= 10MB");
    assert_eq!(
        untestable(memory(), &peak(Some(73))),
        "Untestable: in the median trial 73 of the 1,000 tasks of a on g were alive at once, so that this is \
         not the memory of 1,000: ask `hold`."
    );
    assert!(
        untestable(memory(), &peak(None)).starts_with("Untestable: it is not known how many tasks of a on g")
    );
    assert_eq!(judged(memory(), &peak(Some(1000))).verdict, Verdict::Supported);
}

#[test]
fn bytes_that_are_no_memory_of_tasks_do_not_ask_how_many_were_alive() {
    let counted = (1..=7).map(|block| TrialRow {
        pass: Pass::Counted,
        allocated_bytes: Some(4000 + u64::from(block)),
        ..sample("a", block)
    });
    let samples = [cell("a", 1.0), counted.collect()].concat();
    let row = judged(claim_about(Metric::AllocatedBytesPerTask, value("a"), "<= 1kB"), &samples);
    assert_eq!(row.verdict, Verdict::Supported, "{row:?}");
}

#[test]
fn the_sentence_says_when_not_all_tasks_were_alive() {
    let mut samples = cell("a", 15.0 * MS);
    for (place, sample) in samples.iter_mut().enumerate() {
        (sample.tasks, sample.peak_in_flight) = (10_000, Some(70 + place as u64));
    }
    let row = judged(claim(value("a"), "<= 20ms"), &samples);
    assert_eq!(row.verdict, Verdict::Supported);
    let end =
        "as claimed: at most 20 ms. Not all tasks were alive at once: 73 of 10,000 in the median trial.";
    assert!(row.reason.ends_with(end), "{}", row.reason);
}

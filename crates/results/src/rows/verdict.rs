//! `verdicts.csv`: what the run says of each claim of its plan.

use crate::folder;
use crate::metric::Metric;
use crate::table::rows;
use crate::value::named;

named! {
    /// What a run says of a claim.
    pub enum Verdict {
        /// It holds here.
        Supported = "supported",
        /// The two that were claimed to be alike are, within the margin.
        Equivalent = "equivalent",
        /// It does not hold here.
        Refuted = "refuted",
        /// This run cannot decide.
        Inconclusive = "inconclusive",
        /// Nothing that would decide was measured.
        Untestable = "untestable",
        /// Too few blocks are left to judge; only without the disturbed ones.
        TooFew = "too-few",
    }
}

impl Verdict {
    /// Whether it says that the claim holds, or that it does not.
    pub fn decides(self) -> bool {
        matches!(self, Self::Supported | Self::Equivalent | Self::Refuted)
    }
}

rows! {
    /// A claim and its verdict.
    #[derive(Debug, Clone, PartialEq)]
    pub struct VerdictRow in folder::VERDICTS;
    row: "claim";
    key: [experiment, claim];
    experiment: String, [], "the experiment that tests the claim";
    claim: String, [], "name of the claim; `name/runtime` where it is tested on several runtimes";
    statement: String, [], "the claim in our own words";
    source: String, [], "who said it, where and when";
    metric: Metric, [], "what is compared, as in summary.csv";
    groups: String, [], "the groups of the cells compared";
    runtime: String, [], "the runtime that the claim is about";
    baseline: String, [empty when "the claim is about one value"], "the runtime it is compared with";
    unit: String, [],
        "of `measured`: the metric's, `ratio`, or `tasks` (a crossover; 1000000000 is never)";
    expected: String, [], "what the claim expects: `≥ 10`, `1 s to 2 s`, `within 10 %`";
    n: u64, ["blocks"], "blocks with a value or a failed trial";
    measured: Option<f64>, ["as in `unit`"; empty when "no block has a value"],
        "median over blocks, with its interval as in ratios.csv";
    ci_low, ci_high: Option<f64>, ["as in `unit`"; empty when "fewer than 6 blocks"],
        "median over blocks, with its interval as in ratios.csv";
    open_low, open_high: Option<f64>, ["as in `unit`"; empty when "too few blocks to decide any bound"],
        "a bound between these two could not have been decided, given how many claims are judged together";
    sittings: Option<u64>, ["sittings"; empty when "judged by an older kilotask"],
        "number of sittings of the blocks";
    between_sittings: Option<f64>, ["share"; empty when "a single sitting"],
        "standard deviation of the logarithm of such values between the sittings of this run";
    between_judged: Option<f64>, ["share"; empty when "a single sitting, and no earlier run"],
        "the same including earlier runs on this machine; interval and p contain it";
    look: Option<u64>, [empty when "undecided, or there is only one look"],
        "number of the look at the claims that decided it";
    p_value: Option<f64>, ["probability"; empty when "fewer than 6 blocks"],
        "two-sided p in the direction of the verdict";
    p_adjusted: Option<f64>, ["probability"; empty when "fewer than 6 blocks"],
        "`p_value` with the correction over the claims of the experiment, claims as published first";
    verdict: Verdict, [], "`supported`, `equivalent`, `refuted`, `inconclusive`, `untestable`";
    disturbed: u64, ["blocks"], "blocks in which all trials of a cell were disturbed: see flags.csv";
    undisturbed_verdict: Verdict, [],
        "the verdict without the disturbed trials; `too-few` where fewer blocks are left than can decide a claim";
    reason: String, [], "the verdict in one sentence that can be quoted";
}

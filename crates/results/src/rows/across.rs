//! `across.csv`, `crossovers-across.csv` and `verdicts-across.csv`: what several machines say together.

use super::ratio::Against;
use crate::folder;
use crate::metric::Metric;
use crate::table::rows;
use crate::value::named;

rows! {
    /// A runtime against another by one metric, over several machines.
    #[derive(Debug, Clone, PartialEq)]
    pub struct AcrossRow in folder::ACROSS;
    row: "pair of runtimes × metric, over all machines";
    key: [group, metric, runtime, baseline, against];
    experiment, group, workload: String, [], "what is compared, as in trials.csv";
    tasks: u64, ["tasks"], "what is compared, as in trials.csv";
    metric: Metric, [], "the metric, as in summary.csv";
    runtime: String, [], "the numerator";
    baseline: String, [], "the denominator";
    against: Against, [],
        "what the baseline is, as in ratios.csv; `fastest` is missing, since another runtime may be fastest on another \
         machine";
    machines: u64, ["machines"], "machines on which both runtimes were measured or failed";
    ratio: Option<f64>, ["ratio"; empty when "fewer than 3 machines, or failed trials leave it unknown on one of them"],
        "mean over machines of the ratio of each: of its logarithm, with random effects";
    ci_low, ci_high: Option<f64>,
        ["ratio"; empty when "fewer than 3 machines, or failed trials leave it unknown on one of them"],
        "95 % interval of the mean over machines like these: Hartung and Knapp's, in the modified form";
    tau: Option<f64>, ["share"; empty when "fewer than 3 machines, or failed trials leave it unknown on one of them"],
        "by how much the machines differ: standard deviation of the logarithm of the true ratio (Paule and Mandel)";
    tau_low, tau_high: Option<f64>,
        ["share"; empty when "fewer than 3 machines, or failed trials leave it unknown on one of them"],
        "95 % interval of `tau`, by Q-profile";
    next_low, next_high: Option<f64>,
        ["ratio"; empty when "fewer than 3 machines, or failed trials leave it unknown on one of them"],
        "95 % prediction interval of the true ratio on one more machine like these";
    t_low, t_high: Option<f64>,
        ["ratio"; empty when "fewer than 3 machines, or failed trials leave it unknown on one of them"],
        "as a check: the t interval of the unweighted mean over machines";
}

rows! {
    /// Up to how many tasks a runtime costs less than another, over several machines.
    #[derive(Debug, Clone, PartialEq)]
    pub struct CrossoverRow in folder::CROSSOVERS_ACROSS;
    row: "pair of series × metric, over all machines";
    key: [experiment, series, metric, runtime, against];
    experiment, series, workload: String, [], "the series, as in scaling.csv";
    metric: Metric, [], "the metric, as in scaling.csv";
    runtime: String, [], "the runtime that costs less up to the crossover";
    against: String, [], "the runtime that costs less beyond it";
    largest: u64, ["tasks"], "the largest size that was compared";
    machines: u64, ["machines"], "machines on which both were measured or failed";
    cross: u64, ["machines"], "machines on which the two cross between sizes that were measured, as in scaling.csv";
    at_no_size: u64, ["machines"], "machines on which the runtime costs less at none of the sizes";
    at_largest: u64, ["machines"], "machines on which the runtime still costs less at the largest size";
    unknown: u64, ["machines"],
        "machines on which it is not known, as trials failed, or a size that others have is missing";
    least, most: f64, ["tasks"], "the smallest and the largest crossover of the machines counted in `cross`";
    tasks: Option<f64>, ["tasks"; empty when "fewer than 3 machines, or the two do not cross on one of them"],
        "mean over machines of the crossover of each: of its logarithm, as in across.csv";
    ci_low, ci_high: Option<f64>, ["tasks"; empty when "as for `tasks`"],
        "95 % interval of the mean, as in across.csv";
    tau: Option<f64>, ["share"; empty when "as for `tasks`"], "by how much the machines differ, as in across.csv";
    tau_low, tau_high: Option<f64>, ["share"; empty when "as for `tasks`"], "95 % interval of `tau`";
    next_low, next_high: Option<f64>, ["tasks"; empty when "as for `tasks`"],
        "95 % prediction interval of one more machine like these";
    t_low, t_high: Option<f64>, ["tasks"; empty when "as for `tasks`"],
        "as a check: the t interval of the unweighted mean over machines";
}

named! {
    /// What several machines say of a claim together.
    pub enum AcrossVerdict {
        /// It holds in the mean over machines like these.
        Supported = "supported",
        /// The two that were claimed to be alike are, in that mean.
        Equivalent = "equivalent",
        /// It does not hold in that mean.
        Refuted = "refuted",
        /// These machines cannot decide.
        Inconclusive = "inconclusive",
        /// It holds on a machine, and does not on another.
        DiffersByMachine = "differs-by-machine",
        /// It is about a number with a unit, which has no mean over machines: each machine has its own verdict.
        ByMachine = "by-machine",
        /// No mean over so few machines has an interval.
        TooFewMachines = "too-few-machines",
        /// No machine could test it.
        Untestable = "untestable",
    }
}

rows! {
    /// A claim, and its verdict over several machines.
    #[derive(Debug, Clone, PartialEq)]
    pub struct AcrossVerdictRow in folder::VERDICTS_ACROSS;
    row: "claim, over all machines";
    key: [experiment, claim];
    experiment: String, [], "the experiment that tests the claim";
    claim: String, [], "name of the claim, as in verdicts.csv";
    statement: String, [], "the claim in our own words";
    source: String, [], "who said it, where and when";
    metric: Metric, [], "what is compared, as in summary.csv";
    groups: String, [], "the groups of the cells compared";
    runtime: String, [], "the runtime that the claim is about";
    baseline: String, [empty when "the claim is about one value"], "the runtime it is compared with";
    unit: String, [], "the metric's, `ratio`, or `tasks` (a crossover)";
    expected: String, [], "what the claim expects: `≥ 10`, `1 s to 2 s`, `within 10 %`";
    machines: u64, ["machines"], "machines that could test it";
    holds: u64, ["machines"], "machines whose own verdict is `supported` or `equivalent`";
    fails: u64, ["machines"], "machines whose own verdict is `refuted`";
    open: u64, ["machines"], "machines whose own verdict is `inconclusive`";
    measured: Option<f64>,
        ["as in `unit`"; empty when "a number with a unit other than tasks, fewer than 3 machines, or it is unknown on one of them"],
        "mean over machines, as in across.csv";
    ci_low, ci_high: Option<f64>, ["as in `unit`"; empty when "as for `measured`"],
        "95 % interval of the mean, as in across.csv";
    tau: Option<f64>, ["share"; empty when "as for `measured`"], "by how much the machines differ, as in across.csv";
    tau_low, tau_high: Option<f64>, ["share"; empty when "as for `measured`"], "95 % interval of `tau`";
    next_low, next_high: Option<f64>, ["as in `unit`"; empty when "as for `measured`"],
        "95 % prediction interval of one more machine like these";
    t_low, t_high: Option<f64>, ["as in `unit`"; empty when "as for `measured`"],
        "as a check: the t interval of the unweighted mean over machines";
    p_value: Option<f64>, ["probability"; empty when "as for `measured`"],
        "two-sided p of the mean over machines, in the direction of the verdict";
    p_adjusted: Option<f64>, ["probability"; empty when "as for `measured`"],
        "`p_value` with the correction over the claims of the experiment, claims as published first";
    verdict: AcrossVerdict, [],
        "`supported`, `equivalent`, `refuted`, `inconclusive`; `differs-by-machine`: after Holm's correction over \
         machines it holds on at least one, and does not on another; `by-machine`: each machine has its own verdict; \
         `too-few-machines`: fewer than 3; `untestable`";
    holds_on: String, [empty when "it holds on none"], "the machines counted in `holds`, in alphabetical order";
    fails_on: String, [empty when "it fails on none"], "the machines counted in `fails`, in alphabetical order";
    reason: String, [], "the verdict in one sentence or two that can be quoted";
}

//! What a runtime says of itself, and whether it keeps its word.

use protocol::{RuntimeInfo, Status, Workload};

use super::finding::{Answer, Finding};
use crate::discover::Runtime;
use crate::fault::Fault;
use crate::suggest::did_you_mean;

/// What there is to say of a description that could be read: one that could not is the probe's matter.
pub(super) fn check(runtime: &Runtime) -> Vec<Finding> {
    let RuntimeInfo { workloads, version, unsupported, .. } = &runtime.info;
    if runtime.broken.is_some() {
        return Vec::new();
    }
    let note = |question: &str, reason: &str| Finding::new(runtime, question, Answer::Note, reason);
    let failed = |fault: Fault| Finding::failed(runtime, "claims", &fault);
    let mut findings = Vec::new();
    for name in workloads.iter().chain(unsupported.keys()) {
        if Workload::from_name(name).is_none() {
            let known = did_you_mean(name, Workload::NAMES);
            findings.push(note("claims", &format!("no workload is called {name:?}{known}")));
        }
    }
    for name in unsupported.keys().filter(|name| workloads.contains(name)) {
        findings.push(failed(Fault::ClaimedTwice(name.clone())));
    }
    if workloads.is_empty() {
        findings.push(failed(Fault::NoClaim));
    }
    if version.trim().is_empty() {
        findings.push(note("version", "its results will not show which version was measured"));
    }
    if runtime.runner.lacks_counted_build() {
        findings.push(note("counted pass", "its counted build is declared but not built"));
    }
    findings
}

/// The workloads that are claimed, and then declined at every size.
pub(super) fn empty_claims(runtime: &Runtime, findings: &[Finding]) -> Vec<Finding> {
    let claim = |workload: &String| {
        let answers: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.workload.as_ref() == Some(workload) && finding.status.is_some())
            .collect();
        let empty = answers.iter().all(|finding| finding.status == Some(Status::Unsupported));
        let fault = Fault::EmptyClaim { workload: workload.clone(), reason: answers.first()?.reason.clone() };
        let finding = Finding::failed(runtime, "at any size", &fault);
        empty.then(|| Finding { workload: Some(workload.clone()), ..finding })
    };
    runtime.info.workloads.iter().filter_map(claim).collect()
}

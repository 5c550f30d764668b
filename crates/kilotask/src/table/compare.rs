//! Two runs, compared: differences of machine, build and plan, the rows that changed, cells that
//! only one of them measured, and the verdicts that changed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use aggregate::{
    Agreement, ClaimPair, ClaimResult, Compared, Comparison, Difference, Fate, Pair, Recorded, Variation,
};
use report::content::omissions::cells_of;
use report::content::verdicts::{compared, name_of, tone};
use report::format::list;
use report::table::{Entry, NOTHING, Table, Tone};
use results::metric::Better;
use results::{Estimate, estimate, human};
use serde_json::Value;

use super::bounded::{MOST_LINES, Part, fitted};
use super::gate;
use super::layout::{Fit, Layout, WIDTH};
use super::row_compared::{name, p_value, ratio};
use crate::gate::Gate;

/// From this share of disturbed trials on, a change may be that of the machine.
const MUCH_DISTURBED: f64 = 0.2;

/// The most lines of what stands beside the rows and the claims that changed.
const MOST_BESIDE: usize = 3;

/// As many digits of a hash as two runs need to differ visibly.
const HASH_DIGITS: usize = 12;

/// How much of a comparison is shown, and how wide.
pub struct View<'a> {
    all: bool,
    /// What shows the rest.
    rest: &'a str,
    layout: Layout,
}

/// The whole comparison. Without `all` it is what changed, on one screen.
pub fn tables(folders: Pair<&[PathBuf]>, comparison: &Comparison, gate: Option<&Gate>, all: bool) -> String {
    let view = View::new(all, "--all");
    let names = |side: &[PathBuf]| {
        side.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
    };
    let sides = [format!("A: {}", names(folders.a)), format!("B: {}", names(folders.b))];
    let sides = sides.iter().flat_map(|side| view.layout.text(side, 0));
    let mut parts = vec![Part::whole(sides), Part::gap()];
    if !comparison.within.is_empty() {
        let head = Part::whole(["Runs of one side differ:".to_string()]);
        parts.extend([head, view.differences(&comparison.within, ["the first", "another"])]);
    }
    parts.extend(view.environment(comparison, ["A", "B"]));
    parts.push(Part::gap());
    parts.extend(view.rows(&comparison.rows));
    let method = method(comparison);
    let method = method.iter().flat_map(|sentence| view.layout.text(sentence, 0));
    parts.push(Part::whole(method));
    parts.extend(view.cells(comparison));
    parts.push(Part::gap());
    parts.extend(view.changed_claims(&comparison.claims));
    parts.extend(gate.into_iter().flat_map(|gate| gate::parts(gate, view.layout, view.rest)));
    fitted(&parts, if all { usize::MAX } else { MOST_LINES }).join("\n")
}

/// How p was found, and what it and the intervals do not know.
fn method(comparison: &Comparison) -> Vec<String> {
    let Comparison { by_sitting, units, ways, between, .. } = comparison;
    let unit = if *by_sitting { "sittings" } else { "runs" };
    let mut sentences = Vec::new();
    match ways {
        Some(ways) => sentences.push(format!(
            "p: of the {ways} ways to divide {} and {} {unit}, the share in which anything is as much worse (or better).",
            units.a, units.b
        )),
        None if *by_sitting => {}
        None => sentences.push(format!(
            "p: t tests with what runs differ by, as {} and {} runs cannot all be divided; three a side can, up to 16 in all.",
            units.a, units.b
        )),
    }
    if !between.is_empty() {
        let one = |one: &Variation| format!("{} {:.1} %", one.metric.words(), 100.0 * one.deviation);
        let all = between.iter().map(one).collect::<Vec<_>>().join(", ");
        sentences.push(format!("What {unit} of a side differ by is in the intervals: {all}."));
    }
    if *by_sitting {
        sentences.push(
            "One run a side: what differs from run to run is in no interval and no p; compare with a second run of \
             the same, or give three runs a side."
                .into(),
        );
    }
    sentences
}

impl<'a> View<'a> {
    /// Everything, or one screen; `rest` is what shows the rest.
    pub fn new(all: bool, rest: &'a str) -> Self {
        let layout = Layout::of_stdout(Fit::Cut);
        // In full a row is one line, however long: one searches it, or scrolls.
        let layout = if all { Layout { width: usize::MAX, ..layout } } else { layout.at_most(WIDTH) };
        Self { all, rest, layout }
    }

    /// A part that leaves room for others: the rows and the claims that changed.
    fn bounded(&self, part: Part) -> Part {
        if self.all { part } else { part.at_most(MOST_BESIDE) }
    }

    /// A table whose rows may be shortened.
    fn table(&self, table: &Table) -> Part {
        // A row is one line.
        let mut head = self.layout.table(table);
        let rows = head.split_off(head.len() - table.rows.len());
        Part::of(head, rows, self.rest)
    }

    /// Sentences, none of which is cut.
    fn sentences(&self, sentences: &[String]) -> Part {
        let layout = Layout::of_stdout(Fit::Wrap).at_most(self.layout.width);
        Part::whole(sentences.iter().flat_map(|sentence| layout.text(sentence, 0)))
    }

    /// A line for each difference; `names` are those of the two sides.
    fn differences(&self, differences: &[Difference], names: [&str; 2]) -> Part {
        let mut table = Table::new(["what differs", names[0], names[1]]).with_words([1, 2]);
        for Difference { what, a, b } in differences {
            table.push(vec![Entry::text(what), Entry::text(plain(what, a)), Entry::text(plain(what, b))]);
        }
        self.table(&table)
    }

    /// The differences of machine, build and plan; `names` are those of the two runs.
    pub fn environment(&self, comparison: &Comparison, names: [&str; 2]) -> Vec<Part> {
        let pair = comparison.disturbed;
        let share = |share| Entry::number(share, |share| format!("{:.1} %", 100.0 * share)).text;
        let (a, b) = (share(pair.a), share(pair.b));
        let much = [pair.a, pair.b].iter().flatten().any(|share| *share >= MUCH_DISTURBED);
        let doubt = if much { ": a change may be that of what went on beside" } else { "" };
        let disturbed = format!(
            "Timed trials that something outside disturbed: {} {a}, {} {b}{doubt}",
            names[0], names[1]
        );
        let differences = if comparison.environment.is_empty() {
            self.sentences(&[no_difference(&comparison.on_record)])
        } else {
            self.bounded(self.differences(&comparison.environment, names))
        };
        vec![differences, self.sentences(&[disturbed])]
    }

    /// The rows that changed, or all, and how many there are of each kind.
    fn rows(&self, rows: &[Compared]) -> Vec<Part> {
        if rows.is_empty() {
            return vec![self.sentences(&["No cell has a metric in both runs.".into()])];
        }
        let shown: Vec<&Compared> = rows.iter().filter(|row| self.all || row.changed).collect();
        let mut parts = Vec::new();
        if !shown.is_empty() {
            let mut table =
                Table::new(["cell", "metric", "A", "B", "B/A", "95 % interval", "p"]).with_words([1]);
            table.rows = shown.into_iter().map(line).collect();
            parts.push(self.table(&table));
        }
        let hidden = !self.all && rows.iter().any(|row| !row.changed);
        let more = if hidden { "; --all shows every row" } else { "" };
        parts.push(self.sentences(&[format!("{}{more}", counted(rows))]));
        parts
    }

    /// Cells that only one run measured, one line for each change, runtime and reason.
    fn cells(&self, comparison: &Comparison) -> Vec<Part> {
        let mut kinds: BTreeMap<(Fate, &str, &str), Vec<&str>> = BTreeMap::new();
        for change in &comparison.cells {
            kinds.entry((change.fate, &change.runtime, &change.reason)).or_default().push(&change.cell);
        }
        if kinds.is_empty() {
            return Vec::new();
        }
        let lines = kinds.into_iter().flat_map(|((fate, runtime, reason), cells)| {
            let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            self.layout.text(&format!("{}: {}{reason}", fate.name(), cells_of(runtime, &cells)), 2)
        });
        let head = vec![String::new(), "Cells that are not in both alike:".into()];
        vec![self.bounded(Part::of(head, lines.collect(), self.rest))]
    }

    /// The claims whose verdict changed, or all, and the number of the others.
    fn changed_claims(&self, claims: &[ClaimPair]) -> Vec<Part> {
        if claims.is_empty() {
            return vec![self.sentences(&["No run has a claim.".into()])];
        }
        let shown: Vec<&ClaimPair> = claims.iter().filter(|pair| self.all || pair.has_changed()).collect();
        let changed = if shown.is_empty() {
            self.sentences(&["No verdict has changed.".into()])
        } else {
            self.claims(&shown, ["A", "B"])
        };
        let mut sentences = vec![agreements(claims)];
        let only_a = claims.iter().filter(|pair| pair.b.is_none()).count();
        let only_b = claims.iter().filter(|pair| pair.a.is_none()).count();
        if only_a + only_b > 0 {
            sentences.push(format!("Claims in A alone: {only_a}, in B alone: {only_b}"));
        }
        vec![changed, self.sentences(&sentences)]
    }

    /// A line for each claim: its verdict in each run, and what each measured; `names` are those of the two runs. On one
    /// screen without intervals, which have no room.
    pub fn claims(&self, claims: &[&ClaimPair], names: [&str; 2]) -> Part {
        self.table(&if self.all { claims_in_full(claims, names) } else { claims_in_brief(claims, names) })
    }
}

/// That nothing differs, of what is on record alone.
fn no_difference(on_record: &[Recorded]) -> String {
    let all = [
        (Recorded::Machine, "machine"),
        (Recorded::Circumstances, "circumstances (affinity, priority, quotas)"),
        (Recorded::Build, "programs"),
        (Recorded::Plan, "plan"),
    ];
    let (known, unknown): (Vec<_>, Vec<_>) = all.iter().partition(|(part, _)| on_record.contains(part));
    let names = |parts: Vec<&(Recorded, &str)>| list(parts.iter().map(|(_, name)| (*name).to_string()));
    let mut sentence = format!("No difference is known in {}.", names(known));
    if !unknown.is_empty() {
        let _ = write!(sentence, " Not on record: {}.", names(unknown));
    }
    sentence
}

/// A value of a file, for people.
fn plain(what: &str, value: &Value) -> String {
    match value {
        Value::Null => NOTHING.into(),
        Value::String(text) if is_hash(text) => text[..HASH_DIGITS].into(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(bytes) if what.ends_with("_bytes") => human::bytes(bytes),
            Some(ns) if what.ends_with("_ns") => human::duration(ns),
            _ => number.to_string(),
        },
        Value::Array(list) => list.iter().map(|one| plain(what, one)).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}={}", plain(name, value)));
            fields.collect::<Vec<_>>().join(", ")
        }
        Value::Bool(yes) => yes.to_string(),
    }
}

/// SHA-256 in hexadecimal.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn line(row: &Compared) -> Vec<Entry> {
    let times = ratio(row);
    vec![
        Entry::text(name(row)),
        Entry::text(row.metric.words()),
        Entry::text(value(row, row.a)),
        Entry::text(value(row, row.b)),
        times.as_ref().map_or_else(Entry::nothing, |times| Entry::text(&times.value)).toned(direction(row)),
        times.as_ref().map_or_else(Entry::nothing, Entry::interval),
        Entry::number(row.p_adjusted, p_value),
    ]
}

/// A value of one of the runs, in as many digits as the interval of the ratio supports.
fn value(row: &Compared, value: f64) -> String {
    let end = |end: Option<f64>| Some(value * end? / row.ratio?);
    estimate(value, end(row.ci_low), end(row.ci_high), &row.unit).value
}

/// Whether a change is for the worse; `None` without a change, or where neither direction is worse.
fn is_worse(row: &Compared) -> Option<bool> {
    let ratio = row.ratio.filter(|_| row.changed)?;
    match row.metric.better() {
        Better::Less => Some(ratio > 1.0),
        Better::More => Some(ratio < 1.0),
        Better::Neither => None,
    }
}

fn direction(row: &Compared) -> Tone {
    match is_worse(row) {
        Some(true) => Tone::Bad,
        Some(false) => Tone::Good,
        None => Tone::Plain,
    }
}

/// Whether it has an interval and did not change.
fn is_open(row: &Compared) -> bool {
    !row.changed && row.ci_low.is_some()
}

/// `2304 rows: 12 changed beyond doubt (8 for the worse, 4 for the better), 1500 did not, …`.
fn counted(rows: &[Compared]) -> String {
    let count = |which: fn(&&Compared) -> bool| rows.iter().filter(which).count() as u64;
    let changed = count(|row| row.changed);
    let kinds = [
        (count(|row| is_open(row) && row.p_adjusted.is_some()), "in which a change is not beyond doubt"),
        (
            count(|row| is_open(row) && row.p_adjusted.is_none()),
            "not tested, as the cell's main metric did not change",
        ),
        (
            count(|row| row.ratio.is_some() && row.ci_low.is_none()),
            "with fewer than 6 blocks, or failures, on a side",
        ),
        (count(|row| row.ratio.is_none()), "with values that are not above zero, and so no ratio"),
    ];
    let rows_of = if rows.len() == 1 { "row" } else { "rows" };
    let mut text = format!("{} {rows_of}: {changed} changed beyond doubt", human::count(rows.len() as u64));
    if changed > 0 {
        let (worse, better) =
            (count(|row| is_worse(row) == Some(true)), count(|row| is_worse(row) == Some(false)));
        let _ = write!(text, " ({worse} for the worse, {better} for the better)");
    }
    for (many, what) in kinds.into_iter().filter(|(many, _)| *many > 0) {
        let _ = write!(text, "; {} {what}", human::count(many));
    }
    text
}

/// A line for each claim, with intervals.
fn claims_in_full(claims: &[&ClaimPair], [a, b]: [&str; 2]) -> Table {
    let verdicts = [a, b].map(|name| format!("verdict {name}"));
    let header = ["claim", &verdicts[0], &verdicts[1], "", a, b, "expected", "of"];
    let mut table = Table::new(header).with_words([1, 2, 3, 6, 7]);
    for pair in claims {
        table.push(vec![
            // With the runtime, where there are several: the name has to do in each part of the table.
            Entry::text(format!("{}: {}", pair.experiment, pair.claim)),
            verdict(pair.a.as_ref()),
            verdict(pair.b.as_ref()),
            agreement(pair),
            measured(pair.a.as_ref(), &pair.unit, |shown| shown.to_string()),
            measured(pair.b.as_ref(), &pair.unit, |shown| shown.to_string()),
            Entry::text(human::claimed(&pair.expected, &pair.unit)),
            Entry::text(compared(&pair.runtime, &pair.baseline)),
        ]);
    }
    table
}

/// A line for each claim, without intervals.
fn claims_in_brief(claims: &[&ClaimPair], [a, b]: [&str; 2]) -> Table {
    let verdicts = [a, b].map(|name| format!("verdict {name}"));
    let header = ["claim", "of", a, b, &verdicts[0], &verdicts[1], ""];
    let mut table = Table::new(header).with_words([1, 4, 5, 6]);
    for pair in claims {
        table.push(vec![
            Entry::text(name_of(&pair.claim)),
            Entry::text(compared(&pair.runtime, &pair.baseline)),
            measured(pair.a.as_ref(), &pair.unit, |shown| shown.value),
            measured(pair.b.as_ref(), &pair.unit, |shown| shown.value),
            verdict(pair.a.as_ref()),
            verdict(pair.b.as_ref()),
            agreement(pair),
        ]);
    }
    table
}

fn measured(of: Option<&ClaimResult>, unit: &str, shown: fn(Estimate) -> String) -> Entry {
    let text =
        |of: &ClaimResult| Some(shown(estimate(of.measured?, of.ci_low, of.ci_high, unit).named(unit)));
    of.and_then(text).map_or_else(Entry::nothing, Entry::text)
}

fn verdict(of: Option<&ClaimResult>) -> Entry {
    of.map_or_else(Entry::nothing, |of| Entry::text(of.verdict.name()).toned(tone(of.verdict)))
}

fn agreement(pair: &ClaimPair) -> Entry {
    let (word, tone) = match pair.agreement {
        Some(Agreement::Agrees) => ("agrees", Tone::Good),
        Some(Agreement::Undecided) => ("undecided", Tone::Unsure),
        Some(Agreement::Disagrees) => ("disagrees", Tone::Bad),
        None if pair.a.is_some() && pair.b.is_some() => ("another question", Tone::Unsure),
        None => (NOTHING, Tone::Plain),
    };
    Entry::text(word).toned(tone)
}

/// `91 claims of both: 70 agree (9 of them in that neither can tell), 18 undecided, 3 disagree`.
pub fn agreements(claims: &[ClaimPair]) -> String {
    let of = |which: Agreement| claims.iter().filter(|pair| pair.agreement == Some(which)).count();
    let (agree, undecided, disagree) =
        (of(Agreement::Agrees), of(Agreement::Undecided), of(Agreement::Disagrees));
    let neither_tells = |pair: &&ClaimPair| {
        pair.agreement == Some(Agreement::Agrees) && pair.a.as_ref().is_some_and(|one| !one.verdict.decides())
    };
    let open = claims.iter().filter(neither_tells).count();
    let open = if open > 0 { format!(" ({open} of them in that neither can tell)") } else { String::new() };
    let both = agree + undecided + disagree;
    format!("{both} claims: {agree} agree{open}, {undecided} undecided, {disagree} disagree")
}

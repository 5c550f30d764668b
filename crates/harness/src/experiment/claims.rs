//! Reads the claims of an experiment, and binds them to the cells of a plan.

use results::{CellRef, Claim, Expectation, Metric, Plan, Quantity, Source};

use super::grid::Grid;
use super::reader::{Checked, Reader};
use super::syntax::{ClaimTable, File, Word, plain_text};
use crate::names::is_plain;
use crate::suggest::did_you_mean;

/// The most claims of an experiment, those of each of several runtimes counted by themselves.
const MAX_CLAIMS: usize = 2000;

/// The fewest sizes to which a cost model is fitted: two points always lie on a line.
const FEWEST_SIZES: usize = 3;

/// A claim of an experiment: checked, but not yet bound to the cells of a plan.
#[derive(Debug, Clone)]
pub struct UnboundClaim {
    id: String,
    says: String,
    source: Source,
    variant: bool,
    metric: Metric,
    of: Side,
    /// `None` where the claim is about the value of one side.
    over: Option<Side>,
    /// Whether the sides are series, and the claim is about their crossover.
    crossover: bool,
    expect: Expectation,
}

/// One side of a comparison: a runtime and its cells, several where they are a series.
#[derive(Debug, Clone, Default)]
struct Side {
    label: String,
    cells: Vec<CellRef>,
}

/// A cell that an experiment runs, on some runtime.
struct KnownCell<'a> {
    group: String,
    series: String,
    label: &'a str,
    tasks: u64,
}

impl Reader<'_> {
    /// The claims of the file; each about cells that the experiment runs.
    pub(super) fn claims(&self, file: &File, grids: &[Grid]) -> Checked<Vec<UnboundClaim>> {
        let available = self.available(grids);
        let mut claims: Vec<UnboundClaim> = Vec::new();
        for table in &file.claim {
            let more =
                table.of.0.len().saturating_mul(table.over.as_ref().map_or(1, |over| over.0.len().max(1)));
            if claims.len().saturating_add(more) > MAX_CLAIMS {
                let message =
                    format!("with the {more} of this table there are more than {MAX_CLAIMS} claims");
                return Err(self.error(table.id.span(), message));
            }
            for one in self.claim(table, file, &available)? {
                if claims.iter().any(|other| other.id == one.id) {
                    return Err(self.error(table.id.span(), format!("claim {:?} twice", one.id)));
                }
                claims.push(one);
            }
        }
        Ok(claims)
    }

    /// Every cell that the experiment would run here.
    fn available<'a>(&'a self, grids: &'a [Grid]) -> Vec<KnownCell<'a>> {
        let mut available = Vec::new();
        for grid in grids {
            for (info, label) in grid.chosen(self.runtimes.iter().copied()) {
                if grid.leave_out.contains_key(&info.name) {
                    continue;
                }
                // As on one core: a claim must name a cell that every machine has.
                let runs = grid.requests.iter().filter(|request| request.on(info, label, 1).is_ok());
                available.extend(runs.map(|request| KnownCell {
                    group: request.group(),
                    series: request.series(),
                    label,
                    tasks: request.tasks,
                }));
            }
        }
        available
    }

    /// The claims of one table: one for each pair of the runtimes that it names.
    fn claim(&self, table: &ClaimTable, file: &File, available: &[KnownCell]) -> Checked<Vec<UnboundClaim>> {
        let template = self.template(table, file)?;
        let compares = table.over.is_some() || table.over_cell.is_some();
        let overs = table.over.as_ref().map_or(&[][..], |over| &over.0);
        let over_cell = table.over_cell.as_ref().unwrap_or(&table.cell);
        let mut claims = Vec::new();
        for of in &table.of.0 {
            let others: Vec<Option<&Word>> = match overs {
                [] => vec![compares.then_some(of)],
                overs => overs.iter().map(Some).collect(),
            };
            for over in others {
                // A claim of several has the names of its runtimes in its own.
                let several = [(Some(of), table.of.0.len()), (over, overs.len())].into_iter();
                let names = several.filter_map(|(name, count)| name.filter(|_| count > 1));
                claims.push(UnboundClaim {
                    id: names.fold(template.id.clone(), |id, name| id + "/" + name.get_ref()),
                    of: self.side(&table.cell, of, available)?,
                    over: over.map(|over| self.side(over_cell, over, available)).transpose()?,
                    ..template.clone()
                });
            }
        }
        if claims.is_empty() {
            return Err(self.error(table.id.span(), "the list is empty; name at least one runtime".into()));
        }
        Ok(claims)
    }

    /// What all claims of one table have in common; the sides are still empty.
    fn template(&self, table: &ClaimTable, file: &File) -> Checked<UnboundClaim> {
        let id = table.id.get_ref();
        if !is_plain(id) {
            return Err(
                self.error(table.id.span(), format!("{id:?} is not a valid name; use a-z, 0-9 and -"))
            );
        }
        let source = file.source.get(table.source.get_ref()).ok_or_else(|| {
            let known = did_you_mean(table.source.get_ref(), file.source.keys().map(String::as_str));
            self.error(table.source.span(), format!("unknown source {:?}{known}", table.source.get_ref()))
        })?;
        let name = table.metric.get_ref();
        let metric = Metric::find(name).ok_or_else(|| {
            let known = did_you_mean(name, Metric::NAMES);
            self.error(table.metric.span(), format!("unknown metric {name:?}{known}"))
        })?;
        let crossover = table.cell.get_ref().contains('*');
        let unit = match (crossover, table.over.is_some() || table.over_cell.is_some()) {
            (true, false) => {
                let message = "a crossover compares two runtimes: give `over`";
                return Err(self.error(table.cell.span(), message.into()));
            }
            (true, true) => "tasks",
            (false, true) => "ratio",
            (false, false) => metric.unit(),
        };
        let expect = Expectation::parse(table.expect.get_ref(), unit)
            .map_err(|message| self.error(table.expect.span(), message))?;
        Ok(UnboundClaim {
            id: id.clone(),
            says: table.says.clone(),
            source: Source {
                title: plain_text(&source.title),
                author: plain_text(&source.author),
                date: plain_text(&source.date),
                address: source.address.as_deref().map(plain_text),
            },
            variant: table.variant,
            metric,
            of: Side::default(),
            over: None,
            crossover,
            expect,
        })
    }

    /// The cells of one side, which must be among those that the experiment runs.
    fn side(&self, cell: &Word, label: &Word, available: &[KnownCell]) -> Checked<Side> {
        let (name, runtime) = (cell.get_ref(), label.get_ref());
        let is_it = |one: &&KnownCell| one.group == *name || one.series == *name;
        let mut same: Vec<&KnownCell> = available.iter().filter(is_it).collect();
        if same.is_empty() {
            let mut known: Vec<&str> = available.iter().map(|one| one.group.as_str()).collect();
            known.dedup();
            let known = did_you_mean(name, known);
            return Err(self.error(cell.span(), format!("the experiment runs no cell {name:?}{known}")));
        }
        let known: Vec<&str> = same.iter().map(|one| one.label).collect();
        let hint = did_you_mean(runtime, known);
        same.retain(|one| one.label == runtime);
        if same.is_empty() {
            let message = format!("the experiment does not run {runtime:?} on {name}{hint}");
            return Err(self.error(label.span(), message));
        }
        same.sort_by_key(|one| one.tasks);
        let cells = same.into_iter().map(|one| CellRef {
            cell: String::new(),
            runtime: runtime.clone(),
            group: one.group.clone(),
            tasks: one.tasks,
        });
        Ok(Side { label: runtime.clone(), cells: cells.collect() })
    }
}

impl UnboundClaim {
    /// The claim, bound to the cells of a plan; a cell that the plan leaves out makes it
    /// untestable.
    pub(crate) fn bind(&self, experiment: &str, plan: &Plan) -> Claim {
        let (of, missing_of) = self.of.bind(experiment, plan);
        let (over, missing_over) =
            self.over.as_ref().map_or((vec![], None), |side| side.bind(experiment, plan));
        let missing = if self.crossover {
            let few = of.len().min(over.len());
            (few < FEWEST_SIZES).then(|| {
                let why = missing_of.or(missing_over).unwrap_or_default();
                format!("a cost model needs {FEWEST_SIZES} sizes, and the plan has {few}: {why}")
            })
        } else {
            missing_of.or(missing_over)
        };
        // A cell that the plan leaves out is named too: a reader wants to know which it is.
        let one = |side: &Side, mut found: Vec<CellRef>| found.pop().unwrap_or_else(|| side.cells[0].clone());
        let quantity = match &self.over {
            None => Quantity::Value { of: one(&self.of, of) },
            Some(_) if self.crossover => Quantity::Crossover { of, over },
            Some(other) => Quantity::Ratio { of: one(&self.of, of), over: one(other, over) },
        };
        Claim {
            experiment: experiment.into(),
            id: self.id.clone(),
            says: self.says.clone(),
            source: self.source.clone(),
            variant: self.variant,
            metric: self.metric,
            quantity,
            expect: self.expect.on(plan.cores),
            untestable: missing,
        }
    }
}

impl Side {
    /// Its cells that a plan runs, and the reason where one is missing.
    fn bind(&self, experiment: &str, plan: &Plan) -> (Vec<CellRef>, Option<String>) {
        let mut found = Vec::new();
        let mut missing = None;
        for cell in &self.cells {
            let group = format!("{experiment}_{}", cell.group);
            let planned = plan
                .cells
                .iter()
                .find(|planned| planned.cell.group == group && planned.cell.label == self.label);
            match planned {
                Some(planned) => found.push(CellRef { cell: planned.cell.id.clone(), ..cell.clone() }),
                None => missing = Some(self.why_not(experiment, cell, plan)),
            }
        }
        (found, missing)
    }

    fn why_not(&self, experiment: &str, cell: &CellRef, plan: &Plan) -> String {
        let left_out = plan.left_out.iter().find(|out| {
            (out.experiment.as_str(), out.runtime.as_str(), out.tasks)
                == (experiment, self.label.as_str(), cell.tasks)
                && cell.group.starts_with(&out.workload)
        });
        let reason = left_out.map_or("it is not in the plan", |out| &out.reason);
        format!("{} on {} is not run: {reason}", self.label, cell.group)
    }
}

//! `datapackage.json`: the columns of every CSV file of a run, as a Frictionless data package, so that
//! pandas, R and all else that reads such packages know their types, their units and what an empty cell means.
//!
//! A pure function of which files the folder holds, and of their columns: same files, same bytes.
//!
//! Source: Data Package and Table Schema of the Frictionless standards, version 1, which readers of version
//! 2 know as well. `unit` is a property of our own, as the standard lets one have.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use results::folder::{self, DATAPACKAGE};
use results::human;
use results::rows::TABLES;
use results::table::{Column, Table};
use results::value::Kind;
use serde::Serialize;

use crate::error::Error;
use crate::exported::json;

#[derive(Serialize)]
struct Package {
    profile: &'static str,
    name: &'static str,
    title: &'static str,
    description: &'static str,
    resources: Vec<Resource>,
}

#[derive(Serialize)]
struct Resource {
    profile: &'static str,
    name: String,
    path: String,
    title: String,
    format: &'static str,
    mediatype: &'static str,
    encoding: &'static str,
    schema: Schema,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    fields: Vec<Field>,
    missing_values: [&'static str; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    primary_key: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    foreign_keys: Vec<ForeignKey>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    unit: &'static str,
    description: String,
    #[serde(skip_serializing_if = "Constraints::is_empty")]
    constraints: Constraints,
}

#[derive(Default, Serialize)]
struct Constraints {
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<u32>,
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    words: Option<&'static [&'static str]>,
}

impl Constraints {
    fn is_empty(&self) -> bool {
        self.required.is_none() && self.minimum.is_none() && self.words.is_none()
    }
}

#[derive(Serialize)]
struct ForeignKey {
    fields: Vec<&'static str>,
    reference: Reference,
}

#[derive(Serialize)]
struct Reference {
    resource: &'static str,
    fields: Vec<&'static str>,
}

/// Writes the package of the run in the folder `dir`, beside its CSV files.
pub fn write(dir: &Path) -> Result<(), Error> {
    Ok(results::write::whole(dir, DATAPACKAGE, describe(dir)?.as_bytes())?)
}

/// The package of the run in the folder `dir`, as a file.
pub fn describe(dir: &Path) -> Result<String, Error> {
    let mut resources = Vec::new();
    for table in TABLES {
        if table.name() == "spans" {
            resources.extend(spans(dir, table)?);
        } else if dir.join(table.file).is_file() {
            resources.push(resource(dir, table, table.name().into(), table.file.into(), title(table))?);
        }
    }
    if folder::is_merged(dir) {
        resources.extend(of_machines(dir)?);
    }
    Ok(json(&Package {
        profile: "tabular-data-package",
        name: "kilotask-run",
        title: "A run of kilotask, a laboratory for concurrency runtimes",
        description: "Times are integer nanoseconds, sizes integer bytes. What was not measured is an empty \
                      cell, never 0. results/README.md and METHODOLOGY.md of kilotask tell more; plan.json \
                      and environment.json beside this file tell what was run, and where.",
        resources,
    }))
}

/// The spans of each cell; all have the same columns.
fn spans(dir: &Path, table: &'static Table) -> Result<Vec<Resource>, Error> {
    let mut taken = HashSet::new();
    let resource_of = |(cell, _): (String, PathBuf)| {
        let name = unused(&format!("spans-{}", plain(&cell)), &mut taken);
        resource(dir, table, name, format!("spans/{cell}.csv"), format!("{}: {cell}", title(table)))
    };
    folder::spans(dir).map_err(results::Error::reading(dir))?.into_iter().map(resource_of).collect()
}

/// What follows from the trials of each machine of a merged folder.
fn of_machines(dir: &Path) -> Result<Vec<Resource>, Error> {
    let mut taken = HashSet::new();
    let mut resources = Vec::new();
    for machine in results::merged::machines(dir)? {
        let name = machine.machine;
        for table in TABLES {
            let path = format!("{}/{name}/{}", folder::BY_MACHINE, table.file);
            if dir.join(&path).is_file() {
                let unique = unused(&format!("{}-{}", table.name(), plain(&name)), &mut taken);
                resources.push(resource(dir, table, unique, path, format!("{}: {name}", title(table)))?);
            }
        }
    }
    Ok(resources)
}

/// A cell's name in the letters that the name of a resource may have.
fn plain(cell: &str) -> String {
    let allowed =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_.".contains(letter);
    cell.to_lowercase().chars().map(|letter| if allowed(letter) { letter } else { '-' }).collect()
}

/// The name, or it with the first number that makes it one that no other resource has.
fn unused(name: &str, taken: &mut HashSet<String>) -> String {
    let mut free = name.to_string();
    let mut number = 1;
    while !taken.insert(free.clone()) {
        number += 1;
        free = format!("{name}-{number}");
    }
    free
}

fn title(table: &Table) -> String {
    format!("One row per {}", table.row)
}

fn resource(
    dir: &Path,
    table: &'static Table,
    name: String,
    path: String,
    title: String,
) -> Result<Resource, Error> {
    // The columns as they stand in the file: in one of an older version some are not there, or have another name.
    let header = results::read::header(&dir.join(&path))?;
    let column = |name: &str| table.columns.iter().find(|column| column.name == folder::name_now(name));
    let fields = header.iter().filter_map(|name| Some(field(name, column(name)?))).collect();
    let key = |of: &'static Table| -> Vec<&str> {
        of.primary_key
            .iter()
            .copied()
            .filter(|key| header.iter().any(|name| folder::name_now(name) == *key))
            .collect()
    };
    let foreign_key = |other: &'static Table| ForeignKey {
        fields: key(other),
        reference: Reference { resource: other.name(), fields: key(other) },
    };
    Ok(Resource {
        profile: "tabular-data-resource",
        name,
        path,
        title,
        format: "csv",
        mediatype: "text/csv",
        encoding: "utf-8",
        schema: Schema {
            fields,
            missing_values: [""],
            primary_key: key(table),
            foreign_keys: table.belongs_to.into_iter().map(foreign_key).collect(),
        },
    })
}

fn field(name: &str, column: &Column) -> Field {
    let Column { kind, unit, description, empty_when, .. } = *column;
    let empty_when = empty_when.map_or(String::new(), |when| format!(" Empty when: {when}."));
    Field {
        name: name.into(),
        kind: kind.name(),
        unit,
        description: format!("{}.{empty_when}", human::capitalised(description)),
        constraints: Constraints {
            required: column.empty_when.is_none().then_some(true),
            minimum: (kind == Kind::Count).then_some(0),
            words: if let Kind::Word(words) = kind { Some(words) } else { None },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{reference, run, timed, write_spans};
    use serde_json::{Value, json};

    fn package(dir: &Path) -> Value {
        serde_json::from_str(&describe(dir).unwrap()).unwrap()
    }

    fn names(package: &Value) -> String {
        let names = package["resources"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn it_lists_the_files_that_there_are_in_the_order_of_the_readme() {
        let dir = run(&[timed("a", 1, 20)]);
        assert_eq!(names(&package(dir.path())), "trials");
        aggregate::aggregate(dir.path()).unwrap();
        for cell in ["b", "A b", "a-b"] {
            write_spans(dir.path(), cell, &[(0, 1)]);
        }
        let package = package(dir.path());
        let expected = "trials spans-a-b spans-a-b-2 spans-b summary ratios scaling flags verdicts";
        assert_eq!(names(&package), expected);
        assert_eq!(package["resources"][1]["path"], "spans/A b.csv");
    }

    #[test]
    fn a_column_is_a_field_with_its_unit_its_constraints_and_when_it_is_empty() {
        let dir = run(&[timed("a", 1, 20)]);
        let fields = || package(dir.path())["resources"][0]["schema"]["fields"].as_array().unwrap().clone();
        let field = |name: &str| fields().into_iter().find(|field| field["name"] == name).unwrap();
        let mut expected = json!({
            "name": "later_makespan_ns", "type": "integer", "unit": "ns", "constraints": {"minimum": 0},
            "description": "Median makespan of the rounds after round 0. Empty when: one round.",
        });
        assert_eq!(field("later_makespan_ns"), expected);
        let of_pass = json!({"required": true, "enum": ["timed", "counted", "traced", "instructions"]});
        assert_eq!(field("pass")["constraints"], of_pass);
        assert_eq!(field("reason").get("constraints"), None);
        assert_eq!(field("started_at")["type"], "datetime");
        // An older version of the file has an older name, and lacks a column.
        let path = dir.path().join(folder::TRIALS);
        let older = std::fs::read_to_string(&path).unwrap();
        let older = older.replace("later_makespan_ns", "steady_makespan_ns").replace(",steal_ns", ",other");
        std::fs::write(&path, older).unwrap();
        expected["name"] = "steady_makespan_ns".into();
        assert_eq!(field("steady_makespan_ns"), expected);
        assert!(!fields().iter().any(|field| field["name"] == "steal_ns" || field["name"] == "other"));
    }

    #[test]
    fn rounds_belong_to_trials() {
        let package = package(&reference());
        let rounds = &package["resources"][1]["schema"];
        let key = json!(["cell", "block", "pass", "process"]);
        let expected = json!([{"fields": key, "reference": {"resource": "trials", "fields": key}}]);
        assert_eq!(rounds["foreignKeys"], expected);
        assert_eq!(rounds["primaryKey"], json!(["cell", "block", "pass", "process", "round"]));
    }

    #[test]
    fn the_committed_packages_are_those_of_their_folders() {
        for folder in [reference(), reference().join("calibration")] {
            let path = folder.join(DATAPACKAGE);
            let committed = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                committed == describe(&folder).unwrap(),
                "{} is not what its folder holds; write it again with: kilotask aggregate {}",
                path.display(),
                folder.display()
            );
        }
    }
}

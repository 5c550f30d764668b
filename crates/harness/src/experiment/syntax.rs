//! What an experiment file may say: its shape, with the place of each word.

use std::collections::BTreeMap;
use std::fmt;

use results::Source;
use serde::de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::Presets;

/// What the file says, before any of it is believed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub question: String,
    pub runtimes: Spanned<Selection>,
    pub presets: Option<Spanned<Presets>>,
    pub workload: Vec<Spanned<WorkloadTable>>,
    #[serde(default)]
    pub source: BTreeMap<String, Source>,
    #[serde(default)]
    pub claim: Vec<ClaimTable>,
}

/// A claim, as it is written. `cell` names a group of the experiment without the experiment's name; a
/// `*` in the place of the tasks asks for a crossover.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimTable {
    pub id: Spanned<String>,
    pub says: String,
    pub source: Spanned<String>,
    pub metric: Spanned<String>,
    pub cell: Spanned<String>,
    pub of: Names,
    pub over: Option<Names>,
    pub over_cell: Option<Spanned<String>>,
    pub expect: Spanned<String>,
}

/// One name, or several of which each is asked.
pub(super) struct Names(pub Vec<Spanned<String>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkloadTable {
    pub name: Spanned<String>,
    pub runtimes: Option<Spanned<Selection>>,
    pub tasks: Scalars,
    #[serde(default)]
    pub duration: Scalars,
    #[serde(default)]
    pub jitter: Scalars,
    #[serde(default)]
    pub workers: Scalars,
    pub rounds: Option<Spanned<u32>>,
    #[serde(default)]
    pub params: BTreeMap<Spanned<String>, Values>,
    /// Whether the numbers of tasks are a ladder, climbed until a runtime fails.
    #[serde(default)]
    pub ceiling: bool,
    pub memory_limit_mib: Option<u64>,
    /// The most blocks of any preset: for what takes long and hardly varies.
    pub most_blocks: Option<u32>,
    #[serde(default)]
    pub leave_out: BTreeMap<Spanned<String>, String>,
}

/// `"all"`, or a list of runtimes.
pub(super) enum Selection {
    All,
    Named(Vec<Spanned<Named>>),
    Word(String),
}

pub(super) struct Named {
    pub runtime: String,
    pub label: Option<String>,
}

/// One value or a list of values along an axis, each with its place in the file.
#[derive(Default)]
pub(super) struct Scalars(pub Vec<Spanned<Scalar>>);

/// The value or the values of a parameter.
pub(super) struct Values(pub Vec<Scalar>);

#[derive(Clone)]
pub(super) enum Scalar {
    Number(i64),
    Text(String),
}

impl<'de> Deserialize<'de> for Selection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Selection;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("\"all\" or a list of runtimes")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Selection, E> {
                Ok(if word == "all" { Selection::All } else { Selection::Word(word.into()) })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Selection, A::Error> {
                let mut named = Vec::new();
                while let Some(entry) = list.next_element()? {
                    named.push(entry);
                }
                Ok(Selection::Named(named))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            runtime: String,
            label: Option<String>,
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Named;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a runtime's name, or { runtime = \"…\", label = \"…\" }")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Named, E> {
                Ok(Named { runtime: name.into(), label: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Named, A::Error> {
                let Table { runtime, label } = Table::deserialize(MapAccessDeserializer::new(table))?;
                Ok(Named { runtime, label })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum OneOrMore {
            One(String),
            More(Vec<String>),
        }
        // The place is that of the whole value: an untagged value loses those of its parts.
        let either = Spanned::<OneOrMore>::deserialize(deserializer)?;
        let at = either.span();
        let names = match either.into_inner() {
            OneOrMore::One(name) => vec![name],
            OneOrMore::More(names) => names,
        };
        Ok(Self(names.into_iter().map(|name| Spanned::new(at.clone(), name)).collect()))
    }
}

impl<'de> Deserialize<'de> for Scalars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Scalars;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a list of values")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalars, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Scalars(values))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a number, a word, or a list of them")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Values, E> {
                Ok(Values(vec![Scalar::Number(number)]))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Values, E> {
                Ok(Values(vec![Scalar::Text(text.into())]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Values(values))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a number or a text")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar::Number(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(text.into()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

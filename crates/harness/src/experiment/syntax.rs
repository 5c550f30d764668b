//! The syntax of an experiment file, with the place of each word.

use std::collections::BTreeMap;
use std::fmt;

use results::Source;
use results::plan::PresetName;
use results::sanitize::{MAX_TEXT, of_stranger};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::presets::Presets;

/// A table `[[workload]]`, and where it stands.
pub(super) type Table = Spanned<WorkloadTable>;

/// A word, and where it stands.
pub(super) type Word = Spanned<String>;

/// What the file says, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(deserialize_with = "text")]
    pub question: String,
    pub runtimes: Spanned<Selection>,
    pub presets: Option<Spanned<Presets>>,
    pub workload: Vec<Table>,
    #[serde(default)]
    pub source: BTreeMap<String, Source>,
    #[serde(default)]
    pub claim: Vec<ClaimTable>,
}

/// A text for people, of one line that is not endless.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| plain_text(&text))
}

/// A text for people, of one line that is not endless.
pub(super) fn plain_text(text: &str) -> String {
    of_stranger(text.trim(), MAX_TEXT)
}

/// A claim, as it is written. `cell` names a group of the experiment without the experiment's name;
/// a `*` instead of the number of tasks makes it a claim about a crossover.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimTable {
    pub id: Word,
    #[serde(deserialize_with = "text")]
    pub says: String,
    pub source: Word,
    /// Whether it asks of something else what was published, and is judged after what was.
    #[serde(default)]
    pub variant: bool,
    pub metric: Word,
    pub cell: Word,
    pub of: Names,
    pub over: Option<Names>,
    pub over_cell: Option<Word>,
    pub expect: Word,
}

/// One name or several; several make a claim of each.
pub(super) struct Names(pub Vec<Word>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkloadTable {
    pub name: Word,
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
    pub params: BTreeMap<Word, OneOrMore<Scalar>>,
    /// Whether the numbers of tasks are a ladder, climbed until a runtime fails.
    #[serde(default)]
    pub ceiling: bool,
    pub memory_limit_mib: Option<Spanned<u64>>,
    /// The presets that run it; absent where all do.
    pub presets: Option<Vec<PresetName>>,
    /// The most blocks of any preset: for what takes long and hardly varies.
    pub most_blocks: Option<Spanned<u32>>,
    #[serde(default)]
    pub leave_out: BTreeMap<Word, String>,
}

/// `"all"`, or a list of runtimes.
pub(super) enum Selection {
    All,
    Named(Vec<Spanned<Named>>),
    Word(String),
}

/// A runtime, with the label that it may have.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
#[serde(expecting = "expected a runtime's name, or { runtime = \"…\", label = \"…\" }")]
pub(super) enum Named {
    Name(String),
    Table { runtime: String, label: Option<String> },
}

impl Named {
    /// The runtime's own name and its label.
    pub fn names(&self) -> (&String, &String) {
        match self {
            Self::Name(name) => (name, name),
            Self::Table { runtime, label } => (runtime, label.as_ref().unwrap_or(runtime)),
        }
    }
}

/// One value or a list of values along an axis, each with its place in the file.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Scalars(pub Vec<Spanned<Scalar>>);

#[derive(Clone, Deserialize)]
#[serde(untagged, expecting = "expected a number or a word")]
pub(super) enum Scalar {
    Number(i64),
    Text(String),
}

/// One value or a list of them.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a value or a list of values")]
pub(super) enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> OneOrMore<T> {
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
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

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The place is that of the whole value: an untagged value loses those of its parts.
        let names = Spanned::<OneOrMore<String>>::deserialize(deserializer)?;
        let placed = |name: &String| Spanned::new(names.span(), name.clone());
        Ok(Self(names.get_ref().as_slice().iter().map(placed).collect()))
    }
}

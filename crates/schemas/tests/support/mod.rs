//! Whether a value keeps to one of our schemas.
//!
//! It knows the keywords that our schemas have, and refuses any other, so that none is passed over. A library that
//! knows all of them brings 56 crates, a sixth of all that a build of the tests takes; that the schemas are what
//! other tools take them for is asked of Python's (`make interop`).

#![allow(dead_code)] // each of its users needs a part

use std::fs;

use serde_json::Value;

/// A committed schema.
pub struct Schema(Value);

impl Schema {
    pub fn committed(name: &str) -> Self {
        let text = fs::read_to_string(schemas::path(name)).expect("a committed schema");
        Self(serde_json::from_str(&text).expect("JSON"))
    }

    pub fn is_valid(&self, value: &Value) -> bool {
        self.mistake(&self.0, value).is_none()
    }

    /// The first mistake in a value, if there is any.
    pub fn mistake_in(&self, value: &Value) -> Option<String> {
        self.mistake(&self.0, value)
    }

    fn mistake(&self, schema: &Value, value: &Value) -> Option<String> {
        let keywords = schema.as_object().expect("a schema is an object");
        keywords.iter().find_map(|(keyword, rule)| self.broken(schema, keyword, rule, value))
    }

    /// How a value breaks the rule of one keyword.
    fn broken(&self, schema: &Value, keyword: &str, rule: &Value, value: &Value) -> Option<String> {
        let unless = |holds: bool| (!holds).then(|| format!("{value} breaks {keyword}: {rule}"));
        match keyword {
            "$schema" | "$defs" | "title" | "description" | "default" | "format" => None,
            "type" => unless(words(rule).iter().any(|name| is_of_type(value, name))),
            "const" => unless(value == rule),
            "enum" => unless(list(rule).contains(value)),
            "minimum" => {
                unless(value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number")))
            }
            "pattern" => {
                assert_eq!(rule, "^[0-9]{1,20}$", "the only pattern that is known here");
                let is_number =
                    |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
                unless(value.as_str().is_none_or(is_number))
            }
            "required" => {
                unless(words(rule).iter().all(|key| !value.is_object() || value.get(key).is_some()))
            }
            "properties" => {
                let rules = rule.as_object().expect("an object");
                rules.iter().find_map(|(key, rule)| self.mistake(rule, value.get(key)?))
            }
            "additionalProperties" => {
                let is_known = |key: &String| schema["properties"].get(key).is_some();
                let others = value.as_object().into_iter().flatten().filter(|(key, _)| !is_known(key));
                others.map(|(_, value)| value).find_map(|value| self.mistake(rule, value))
            }
            "items" => value.as_array().into_iter().flatten().find_map(|item| self.mistake(rule, item)),
            "oneOf" => {
                unless(list(rule).iter().filter(|one| self.mistake(one, value).is_none()).count() == 1)
            }
            "$ref" => {
                let place =
                    rule.as_str().and_then(|place| place.strip_prefix('#')).expect("a place in this schema");
                self.mistake(self.0.pointer(place).expect("a definition"), value)
            }
            other => panic!("the keyword {other} is not known here"),
        }
    }
}

/// One word or a list of them.
fn words(rule: &Value) -> Vec<&str> {
    rule.as_str().map_or_else(|| list(rule).iter().filter_map(Value::as_str).collect(), |word| vec![word])
}

fn list(rule: &Value) -> &[Value] {
    rule.as_array().expect("a list")
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is not known here"),
    }
}

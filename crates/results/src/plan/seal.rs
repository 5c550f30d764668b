//! The hash of all that a plan says, in the plan itself: what was changed afterwards, by hand or by a disk, is found out.
//!
//! It is taken over the JSON with its keys in order and without blanks, so that it does not depend on how a file is laid
//! out, nor on what a later version knows of it. Who wants to deceive can take it anew; it is no signature.

use serde::Serialize;
use serde_json::Value;

use super::Plan;
use crate::claims::sha256;
use crate::folder::SEALED_IN;
use crate::write::json_file;

/// The key of the hash.
pub(super) const KEY: &str = "plan_sha256";

/// A plan with its hash.
#[derive(Serialize)]
struct Sealed<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    plan_sha256: String,
}

impl Plan {
    /// It as a file, with the hash of all that it says.
    pub fn file(&self) -> Vec<u8> {
        json_file(&Sealed { plan: self, plan_sha256: self.sha256() })
    }

    /// The hash of all that it says, as its file has it.
    pub fn sha256(&self) -> String {
        hash(&serde_json::to_value(self).expect("a plan is JSON"))
    }

    /// Checks the hash in the JSON of a plan of a version.
    pub(super) fn check_hash(plan: &Value, version: u32) -> Result<(), String> {
        match plan[KEY].as_str() {
            None if version < SEALED_IN => Ok(()),
            None => Err(format!("its hash, `{KEY}`, is missing")),
            Some(known) if known == hash(plan) => Ok(()),
            Some(_) => Err(format!("it was changed: `{KEY}` is not the hash of what it says")),
        }
    }
}

/// The hash of all but itself.
pub(super) fn hash(plan: &Value) -> String {
    let mut text = String::new();
    write(plan, &mut text);
    sha256(text.as_bytes())
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(list) => {
            text.push('[');
            for one in list {
                write(one, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().filter(|(key, _)| *key != KEY).collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            text.push('{');
            for (key, one) in fields {
                write(&Value::String(key.clone()), text);
                text.push(':');
                write(one, text);
                text.push(',');
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_hash_is_that_of_what_is_said_and_not_of_how_it_is_laid_out() {
        let (one, other) =
            (r#"{"a":[1,{"b":"x"}],"c":null}"#, "{ \"c\": null,\n \"a\": [1, {\"b\": \"x\"}] }");
        let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        assert_eq!(hash(&read(one)), hash(&read(other)));
        for changed in
            [json!({"a": [1], "c": null}), json!({"a": [1, {"b": "y"}], "c": null}), json!({"a": 1})]
        {
            assert_ne!(hash(&read(one)), hash(&changed));
        }
        // Where one value ends and the next begins is part of it.
        assert_ne!(hash(&json!(["a", "b"])), hash(&json!(["a,b"])));
        assert_ne!(hash(&json!([[1], 2])), hash(&json!([[1, 2]])));
    }
}

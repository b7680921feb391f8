//! Bodies as the API writes them. An absent member and a null one mean the same there, so both are removed in one
//! place, and no request or answer type has to say so field by field.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of a request.
///
/// # Errors
/// When the request cannot be written as JSON.
pub(crate) fn encode(request: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    let body = without_nulls(serde_json::to_value(request)?);
    serde_json::to_vec(&body).map(Bytes::from)
}

/// What the API answered.
pub(crate) enum Reply {
    /// The request was carried out, or accepted.
    Accepted(Accepted),
    /// The request was refused.
    Refused { code: String, message: String, request_id: String },
}

/// The answer to a request that was not refused, before it is read as a type.
pub(crate) struct Accepted {
    /// The members of `Response`.
    pub(crate) body: Value,
    /// The ID of the request.
    pub(crate) request_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    response: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Head {
    error: Option<Refusal>,
    request_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    code: String,
    message: String,
}

/// Opens the envelope `{"Response": {...}}`; `None` when the bytes have another form.
pub(crate) fn open(bytes: &[u8]) -> Option<Reply> {
    let Envelope { response } = serde_json::from_slice(bytes).ok()?;
    let Head { error, request_id } = Head::deserialize(&response).ok()?;
    let request_id = request_id.unwrap_or_default();
    Some(match error {
        Some(Refusal { code, message }) => Reply::Refused { code, message, request_id },
        None => Reply::Accepted(Accepted { body: response, request_id }),
    })
}

/// Reads an answer as the type of its action.
///
/// # Errors
/// What is wrong with the answer, without any value of it.
pub(crate) fn read<T: DeserializeOwned>(body: Value) -> Result<T, String> {
    serde_json::from_value(without_nulls(body)).map_err(|error| problem(&error))
}

/// The error's text without the value found, which may be a secret, and may look like the rest of the text.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected") {
        Some((found, expected)) => {
            let kind = found.split([':', '`']).next().unwrap_or_default().trim();
            format!("{kind}, expected{expected}")
        }
        None if text.starts_with("missing field") || text.starts_with("duplicate field") => text,
        None => "a value is not of the documented form".to_owned(),
    }
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, member)| !member.is_null());
            Value::Object(members.map(|(name, member)| (name, without_nulls(member))).collect())
        }
        Value::Array(elements) => Value::Array(elements.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "PascalCase")]
    struct Keys {
        secret: u64,
        #[serde(default)]
        names: Vec<String>,
    }

    #[test]
    fn what_is_none_is_not_sent_at_any_depth() {
        let body = encode(&json!({"A": null, "B": {"C": null, "D": false}, "E": [{"F": null}]})).expect("plain JSON");
        assert_eq!(body, r#"{"B":{"D":false},"E":[{}]}"#);
    }

    #[test]
    fn a_null_list_in_an_answer_is_an_empty_list() {
        assert_eq!(read(json!({"Secret": 1, "Names": null})), Ok(Keys { secret: 1, names: vec![] }));
    }

    #[test]
    fn a_problem_with_an_answer_never_tells_its_values() {
        let problem = read::<Keys>(json!({"Secret": "hunter2"})).expect_err("a string is no number");
        assert_eq!(problem, "invalid type, expected u64");
        let problem = read::<Keys>(json!({"Secret": "a, expected hunter2"})).expect_err("a string is no number");
        assert_eq!(problem, "invalid type, expected u64");
        assert_eq!(read::<Keys>(json!({})), Err("missing field `Secret`".to_owned()));
    }

    #[test]
    fn refusals_and_answers_are_told_apart_and_anything_else_is_neither() {
        let refused = br#"{"Response":{"Error":{"Code":"A.B","Message":"no"},"RequestId":"r"}}"#;
        assert!(matches!(open(refused), Some(Reply::Refused { code, .. }) if code == "A.B"));
        assert!(matches!(open(br#"{"Response":{"RequestId":"r"}}"#), Some(Reply::Accepted(a)) if a.request_id == "r"));
        assert!(open(b"<html>502</html>").is_none());
        assert!(open(b"{}").is_none());
        assert!(open(br#"{"Response":"text"}"#).is_none());
    }
}

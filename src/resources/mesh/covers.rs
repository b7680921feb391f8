//! Whether a write would change anything.

use serde::Serialize;
use serde_json::Value;

/// Whether an object as the API answers it holds everything that a request asks for. What the request leaves out may be
/// anything.
pub(super) fn covers<T: Serialize>(answer: &T, request: &T) -> bool {
    let [answer, request] = [answer, request].map(|object| serde_json::to_value(object).unwrap_or_default());
    holds(&answer, &request)
}

/// A wanted part, unless the answer has it already.
pub(super) fn uncovered<T: Serialize>(wanted: Option<T>, answer: Option<&T>) -> Option<T> {
    wanted.filter(|wanted| answer.is_none_or(|answer| !covers(answer, wanted)))
}

fn holds(answer: &Value, request: &Value) -> bool {
    match (answer, request) {
        (_, Value::Null) => true,
        (Value::Object(answer), Value::Object(request)) => {
            request.iter().all(|(name, wanted)| holds(answer.get(name).unwrap_or(&Value::Null), wanted))
        }
        (Value::Array(answer), Value::Array(request)) => {
            answer.len() == request.len() && answer.iter().zip(request).all(|(answer, wanted)| holds(answer, wanted))
        }
        (answer, request) => answer == request,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_covered_when_all_it_asks_for_is_there() {
        let answer = json!({"A": 1, "B": {"C": true, "D": "x"}, "E": [{"F": 1, "G": 2}]});
        for request in [json!({}), json!({"B": {"D": "x"}, "A": null}), json!({"E": [{"G": 2}]})] {
            assert!(covers(&answer, &request), "{request}");
        }
        for request in [json!({"A": 2}), json!({"X": 1}), json!({"E": []}), json!({"E": [{"G": 3}]})] {
            assert!(!covers(&answer, &request), "{request}");
        }
    }
}

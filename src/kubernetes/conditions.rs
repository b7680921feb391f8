//! What else than a rollout can be waited for: conditions, fields, and failures that no waiting mends.

use serde_json::Value;

use crate::wait::Probe;

/// Whether an object reports a condition, for example `Ready` as `True`.
pub fn has_condition(live: &Value, kind: &str, status: &str) -> Probe<()> {
    match condition(live, kind) {
        Some(found) if found["status"] == status => Probe::Done(()),
        Some(found) => Probe::Pending(told(kind, found)),
        None => Probe::Pending(format!("no condition {kind} yet")),
    }
}

/// Whether a field of an object has a value, or any value where none is named. The path is as in
/// `status.loadBalancer.ingress[0].ip`.
pub fn has_field(live: &Value, path: &str, value: Option<&str>) -> Probe<()> {
    let found = match at(live, path) {
        None | Some(Value::Null) => return Probe::Pending(format!("{path} is not set yet")),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match value {
        Some(wanted) if wanted != found => Probe::Pending(format!("{path} is {found}")),
        None if found.is_empty() => Probe::Pending(format!("{path} is empty")),
        _ => Probe::Done(()),
    }
}

/// Why a workload has failed for good, as its own controller says of its latest change.
pub fn failure(live: &Value) -> Option<String> {
    let number = |path: &str| live.pointer(path).and_then(Value::as_i64).unwrap_or_default();
    if number("/status/observedGeneration") < number("/metadata/generation") {
        return None;
    }
    let (kind, status) = match live["kind"].as_str()? {
        "Deployment" => ("Progressing", "False"),
        "Job" => ("Failed", "True"),
        _ => return None,
    };
    condition(live, kind).filter(|found| found["status"] == status).map(|found| told(kind, found))
}

/// Whether a path is one that [`has_field`] can follow.
pub fn is_path(path: &str) -> bool {
    let name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/');
    path.split('.').all(|part| {
        let (field, indexes) = part.split_at(part.find('[').unwrap_or(part.len()));
        !field.is_empty() && field.chars().all(name) && (indexes.is_empty() || self::indexes(indexes).is_some())
    })
}

fn at<'a>(live: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(live, |value, part| {
        let (field, rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        indexes(rest)?.into_iter().try_fold(value.get(field)?, |value, index| value.get(index))
    })
}

/// The numbers of `[0][1]`.
fn indexes(text: &str) -> Option<Vec<usize>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    inner.split("][").map(|index| index.parse().ok()).collect()
}

fn condition<'a>(live: &'a Value, kind: &str) -> Option<&'a Value> {
    live.pointer("/status/conditions")?.as_array()?.iter().find(|condition| condition["type"] == kind)
}

fn told(kind: &str, condition: &Value) -> String {
    let part = |name: &str| condition[name].as_str().filter(|text| !text.is_empty()).map(|text| format!(": {text}"));
    let parts = [part("reason"), part("message")].into_iter().flatten().collect::<String>();
    format!("{kind} is {}{parts}", condition["status"].as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_condition_is_waited_for_and_told() {
        let live = json!({"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Waiting", "message": "no node"}]}});
        assert_eq!(has_condition(&live, "Ready", "False"), Probe::Done(()));
        assert_eq!(has_condition(&live, "Ready", "True"), Probe::Pending("Ready is False: Waiting: no node".into()));
        assert_eq!(has_condition(&json!({}), "Ready", "True"), Probe::Pending("no condition Ready yet".into()));
    }

    #[test]
    fn a_field_is_found_by_its_path() {
        let live = json!({"status": {"phase": "Active", "count": 2, "ingress": [{"ip": "10.0.0.1"}], "empty": ""}});
        assert_eq!(has_field(&live, "status.phase", Some("Active")), Probe::Done(()));
        assert_eq!(has_field(&live, "status.count", Some("2")), Probe::Done(()));
        assert_eq!(has_field(&live, "status.ingress[0].ip", None), Probe::Done(()));
        assert_eq!(
            has_field(&live, "status.ingress[0].ip", Some("x")),
            Probe::Pending("status.ingress[0].ip is 10.0.0.1".into())
        );
        for path in ["status.ingress[1].ip", "status.none", "spec.a"] {
            assert_eq!(has_field(&live, path, None), Probe::Pending(format!("{path} is not set yet")));
        }
        assert!(matches!(has_field(&live, "status.empty", None), Probe::Pending(_)));
    }

    #[test]
    fn a_path_is_known_by_its_form() {
        for good in ["status", "status.a[0].b", "status.a[0][1]", "metadata.labels.app-x"] {
            assert!(is_path(good), "{good}");
        }
        for bad in ["", ".status", "status.", "a[", "a[x]", "[0]", "{.status}", "a b"] {
            assert!(!is_path(bad), "{bad}");
        }
    }

    #[test]
    fn a_rollout_past_its_deadline_has_failed() {
        let progressing = |status: &str| {
            json!({"kind": "Deployment", "status": {"conditions": [
            {"type": "Progressing", "status": status, "reason": "ProgressDeadlineExceeded"}]}})
        };
        assert_eq!(failure(&progressing("False")).unwrap(), "Progressing is False: ProgressDeadlineExceeded");
        assert_eq!(failure(&progressing("True")), None);
        let mut changed = progressing("False");
        changed["metadata"]["generation"] = json!(2);
        assert_eq!(failure(&changed), None, "it is about the change before");
        let job = json!({"kind": "Job", "status": {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}});
        assert!(failure(&job).is_some());
    }
}

//! Trust policies: the documents that say who may assume a role (CAM documents, "Role").

use serde::Deserialize;
use serde_json::{Value, json};

use crate::front::ApiError;
use crate::state::Trust;

#[derive(Deserialize)]
struct Document {
    statement: OneOrMore<Statement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    #[serde(rename = "effect")]
    _effect: Allow,
    #[serde(rename = "action")]
    _action: OneOrMore<String>,
    principal: Principals,
    #[serde(default)]
    condition: Conditions,
}

/// The only effect that a trust policy can have.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Allow {
    Allow,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Principals {
    qcs: Option<OneOrMore<String>>,
    service: Option<OneOrMore<String>>,
    federated: Option<OneOrMore<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Conditions {
    string_equal: Option<StringEqual>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StringEqual {
    #[serde(rename = "sts:external_id")]
    external_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> OneOrMore<T> {
    fn list(self) -> Vec<T> {
        match self {
            Self::One(item) => vec![item],
            Self::More(items) => items,
        }
    }
}

/// Reads a trust policy.
///
/// # Errors
/// `InvalidParameter.StatementError` where it is none, or says what the simulator cannot check.
pub(super) fn parse(text: &str) -> Result<Trust, ApiError> {
    let document: Document = serde_json::from_str(text).map_err(|error| {
        ApiError::new("InvalidParameter.StatementError", format!("`PolicyDocument` is no trust policy: {error}."))
    })?;
    let mut trust = Trust::default();
    for statement in document.statement.list() {
        let Principals { qcs, service, federated } = statement.principal;
        for name in qcs.map(OneOrMore::list).unwrap_or_default() {
            trust.uins.push(uin(&name)?);
        }
        trust.services.extend(service.map(OneOrMore::list).unwrap_or_default());
        let providers = federated.map(OneOrMore::list).unwrap_or_default();
        trust.providers.extend(providers.iter().filter_map(|it| it.rsplit('/').next()).map(str::to_owned));
        trust.external_id = statement.condition.string_equal.and_then(|it| it.external_id).or(trust.external_id);
    }
    Ok(trust)
}

/// The account of `qcs::cam::uin/1:root`, or the user of `qcs::cam::uin/1:uin/2`.
fn uin(name: &str) -> Result<String, ApiError> {
    let parts = name.strip_prefix("qcs::cam::uin/").and_then(|rest| rest.split_once(':'));
    match parts {
        Some((account, "root")) => Ok(account.to_owned()),
        Some((_, user)) if user.starts_with("uin/") => Ok(user.trim_start_matches("uin/").to_owned()),
        _ => Err(ApiError::new("InvalidParameter.PrincipalQcsError", format!("`{name}` is no account or user."))),
    }
}

/// The trust policy of a role.
pub(super) fn document(trust: &Trust) -> Value {
    let mut principal = json!({});
    let mut add = |name: &str, values: Vec<String>| {
        if !values.is_empty() {
            principal[name] = json!(values);
        }
    };
    add("qcs", trust.uins.iter().map(|uin| format!("qcs::cam::uin/{uin}:root")).collect());
    add("service", trust.services.clone());
    add("federated", trust.providers.iter().map(|name| format!("oidc-provider/{name}")).collect());
    let mut statement = json!({ "effect": "allow", "action": ["name/sts:AssumeRole"], "principal": principal });
    if let Some(id) = &trust.external_id {
        statement["condition"] = json!({ "string_equal": { "sts:external_id": id } });
    }
    json!({ "version": "2.0", "statement": [statement] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_can_be_written_and_read_again() {
        let text = json!({"version": "2.0", "statement": [{
            "action": "name/sts:AssumeRole",
            "effect": "allow",
            "principal": {"qcs": ["qcs::cam::uin/1:root", "qcs::cam::uin/1:uin/2"], "service": "tke.cloud.tencent.com"},
            "condition": {"string_equal": {"sts:external_id": "secret"}},
        }]});
        let trust = parse(&text.to_string()).unwrap();
        assert_eq!(trust.uins, ["1", "2"]);
        assert_eq!(trust.services, ["tke.cloud.tencent.com"]);
        assert_eq!(trust.external_id.as_deref(), Some("secret"));
        assert_eq!(parse(&document(&trust).to_string()).unwrap(), trust);
    }

    #[test]
    fn what_cannot_be_checked_is_refused() {
        let statement = |change: Value| {
            let mut statement = json!({"action": "a", "effect": "allow", "principal": {"qcs": "qcs::cam::uin/1:root"}});
            statement.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            json!({ "statement": [statement] }).to_string()
        };
        assert!(parse(&statement(json!({}))).is_ok());
        for change in [
            json!({"effect": "deny"}),
            json!({"principal": {"qcs": "somebody"}}),
            json!({"condition": {"ip_equal": {"qcs:ip": "10.0.0.1"}}}),
        ] {
            assert!(parse(&statement(change.clone())).is_err(), "{change}");
        }
    }
}

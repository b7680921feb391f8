//! What a rule of a virtual service does with requests: redirects, answers, faults, rewrites, retries, CORS, copies.

use http::{Method, StatusCode};
use regex::bytes::RegexBuilder;
use serde_json::Value;

use super::hosts::{duration_fault, list, number_fault, text};

/// For what a request can be tried again, beside statuses.
const RETRY_ON: [&str; 16] = [
    "5xx",
    "gateway-error",
    "reset",
    "reset-before-request",
    "connect-failure",
    "retriable-4xx",
    "refused-stream",
    "retriable-status-codes",
    "retriable-headers",
    "envoy-ratelimited",
    "http3-post-connect-failure",
    "cancelled",
    "deadline-exceeded",
    "internal",
    "resource-exhausted",
    "unavailable",
];

/// The longest expression that Istio takes.
const LONGEST_EXPRESSION: usize = 1024;

/// What is wrong with the policies of a rule.
pub(super) fn faults(route: &Value) -> Vec<String> {
    let percents =
        [&route["mirrorPercentage"], &route["fault"]["abort"]["percentage"], &route["fault"]["delay"]["percentage"]];
    let mut faults = redirect_faults(&route["redirect"]);
    faults.extend(status_fault(&route["directResponse"]["status"]));
    faults.extend(rewrite_fault(&route["rewrite"]));
    faults.extend(injection_faults(&route["fault"]));
    faults.extend(retry_faults(&route["retries"]));
    faults.extend(cors_faults(&route["corsPolicy"]));
    faults.extend(percents.into_iter().filter_map(|percentage| percent_fault(&percentage["value"])));
    faults
}

/// What is wrong with an expression.
pub(super) fn expression_fault(place: &str, expression: &str) -> Option<String> {
    if expression.is_empty() {
        return Some(format!("{place:?}: regex string match should not be empty"));
    }
    if expression.len() > LONGEST_EXPRESSION {
        return Some(format!("{place:?}: regex is too large, max length allowed is {LONGEST_EXPRESSION}"));
    }
    let is_valid = RegexBuilder::new(expression).unicode(false).build().is_ok();
    let style = "Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)";
    (!is_valid).then(|| format!("{place:?}: error parsing regexp: `{expression}`; {style}"))
}

fn redirect_faults(redirect: &Value) -> Vec<String> {
    if redirect.is_null() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    if ["uri", "authority", "scheme", "port", "derivePort"].iter().all(|part| redirect[part].is_null()) {
        faults.push("redirect must specify URI, authority, scheme, or port".to_owned());
    }
    if !redirect["port"].is_null() && !redirect["derivePort"].is_null() {
        faults.push("redirect must have at most one of port and derivePort".to_owned());
    }
    let code = redirect["redirectCode"].as_i64().filter(|code| !(300..=399).contains(code));
    faults.extend(code.map(|code| format!("{code} is not a valid redirect code, must be 3xx")));
    faults.extend(redirect["port"].as_i64().and_then(|port| number_fault(Some(port))));
    faults
}

fn status_fault(status: &Value) -> Option<String> {
    let status = status.as_i64().filter(|status| !(200..=600).contains(status))?;
    Some(format!("HTTP status {status} is not in range 200-599"))
}

fn rewrite_fault(rewrite: &Value) -> Option<String> {
    let parts = ["uri", "authority", "uriRegexRewrite"];
    let is_empty = !rewrite.is_null() && parts.iter().all(|part| rewrite[part].is_null());
    is_empty.then(|| "rewrite must specify at least one of URI, UriRegexRewrite, or authority".to_owned())
}

fn injection_faults(fault: &Value) -> Vec<String> {
    let (abort, delay) = (&fault["abort"], &fault["delay"]);
    let is_empty = !fault.is_null() && abort.is_null() && delay.is_null();
    let empty = is_empty.then(|| "HTTP fault injection must have an abort and/or a delay".to_owned());
    let wait = delay["fixedDelay"].as_str().and_then(duration_fault);
    [empty, status_fault(&abort["httpStatus"]), wait].into_iter().flatten().collect()
}

fn retry_faults(retries: &Value) -> Vec<String> {
    let attempts = retries["attempts"].as_i64().unwrap_or(0);
    let has_policy = ["perTryTimeout", "retryOn", "retryRemoteLocalities"].iter().any(|name| !retries[name].is_null());
    let mut faults = Vec::new();
    if attempts < 0 {
        faults.push("attempts cannot be negative".to_owned());
    }
    if attempts == 0 && has_policy {
        faults.push("http retry policy configured when attempts are set to 0 (disabled)".to_owned());
    }
    faults.extend(retries["perTryTimeout"].as_str().and_then(duration_fault));
    let policies = text(retries, "retryOn").split(',').filter(|policy| !policy.is_empty());
    let unknown = policies.filter(|policy| !RETRY_ON.contains(policy) && !is_status(policy));
    faults.extend(unknown.map(|policy| format!("{policy:?} is not a valid retryOn policy")));
    faults
}

/// Whether a text is a status that has a name.
fn is_status(text: &str) -> bool {
    text.parse().is_ok_and(|code| StatusCode::from_u16(code).is_ok_and(|status| status.canonical_reason().is_some()))
}

fn cors_faults(policy: &Value) -> Vec<String> {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::CONNECT,
        Method::OPTIONS,
        Method::TRACE,
    ];
    let is_known = |name: &&str| *name == "*" || known.iter().any(|method| method == name);
    let methods = list(policy, "allowMethods").iter().filter_map(Value::as_str).filter(|name| !is_known(name));
    let mut faults: Vec<_> = methods.map(|name| format!("{name:?} is not a supported HTTP method")).collect();
    let expressions = list(policy, "allowOrigins").iter().filter_map(|origin| origin["regex"].as_str());
    faults.extend(expressions.filter_map(|expression| expression_fault("corsPolicy.allowOrigins", expression)));
    faults.extend(policy["maxAge"].as_str().and_then(duration_fault));
    faults
}

fn percent_fault(value: &Value) -> Option<String> {
    let percent = value.as_f64().filter(|percent| !(0.0..=100.0).contains(percent))?;
    Some(format!("percentage {percent} is not in range [0.0, 100.0]"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_usual_policies_are_valid() {
        for route in [
            json!({"redirect": {"uri": "/b", "redirectCode": 302}}),
            json!({"directResponse": {"status": 503, "body": {"string": "down"}}}),
            json!({"rewrite": {"uri": "/"}, "retries": {"attempts": 3, "perTryTimeout": "2s", "retryOn": "5xx,reset,429"}}),
            json!({"fault": {"abort": {"httpStatus": 503, "percentage": {"value": 10}}, "delay": {"fixedDelay": "1s"}}}),
            json!({"corsPolicy": {"allowOrigins": [{"regex": "https://.*"}], "allowMethods": ["GET", "*"], "maxAge": "24h"}}),
            json!({"mirrorPercentage": {"value": 50.0}}),
        ] {
            assert_eq!(faults(&route), [""; 0], "{route}");
        }
    }

    #[test]
    fn each_fault_of_a_policy_is_told() {
        for route in [
            json!({"redirect": {}}),
            json!({"redirect": {"uri": "/", "redirectCode": 200}}),
            json!({"redirect": {"uri": "/", "port": 80, "derivePort": "FROM_REQUEST_PORT"}}),
            json!({"directResponse": {"status": 99}}),
            json!({"directResponse": {"status": 700}}),
            json!({"rewrite": {}}),
            json!({"fault": {}}),
            json!({"fault": {"abort": {"httpStatus": 1000}}}),
            json!({"fault": {"abort": {"httpStatus": 503, "percentage": {"value": -1}}}}),
            json!({"fault": {"delay": {"fixedDelay": "0s"}}}),
            json!({"retries": {"attempts": -1}}),
            json!({"retries": {"attempts": 0, "retryOn": "5xx"}}),
            json!({"retries": {"attempts": 1, "retryOn": "5xx,nonsense"}}),
            json!({"corsPolicy": {"allowMethods": ["GET", "NOPE"]}}),
            json!({"corsPolicy": {"allowOrigins": [{"regex": "*"}]}}),
            json!({"mirrorPercentage": {"value": 101}}),
        ] {
            assert_eq!(faults(&route).len(), 1, "{route}: {:?}", faults(&route));
        }
    }

    #[test]
    fn expressions_are_those_of_re2() {
        for (expression, valid) in [
            ("/v[0-9]+", true),
            (r"\d{2}\/", true),
            ("(?i)abc", true),
            ("*", false),
            ("/(", false),
            ("/(?=a)", false),
            ("", false),
        ] {
            assert_eq!(expression_fault("uri", expression).is_none(), valid, "{expression}");
        }
        assert!(expression_fault("uri", &"a".repeat(1025)).is_some());
    }
}

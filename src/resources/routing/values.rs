//! Values in Istio's objects, checked by form: durations, headers, paths and regular expressions.
//!
//! Source: Istio's reference and validation of virtual services.

use std::time::Duration;

use crate::framework::parse_duration;

/// The longest regular expression that Istio takes.
const LONGEST_REGEX: usize = 1024;

/// What a retry can be made for, besides status codes.
const RETRY_POLICIES: &[&str] = &[
    "5xx",
    "cancelled",
    "connect-failure",
    "deadline-exceeded",
    "envoy-ratelimited",
    "gateway-error",
    "internal",
    "refused-stream",
    "reset",
    "reset-before-request",
    "resource-exhausted",
    "retriable-4xx",
    "retriable-headers",
    "retriable-status-codes",
    "unavailable",
];

/// A duration of whole milliseconds.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn duration(text: &str) -> Result<(), String> {
    let whole = |length: &Duration| length.subsec_nanos().is_multiple_of(1_000_000);
    match parse_duration(text).filter(whole) {
        Some(_) => Ok(()),
        None => {
            Err(format!("Expected a duration of whole milliseconds such as `5s`, `500ms` or `1m30s`; found `{text}`."))
        }
    }
}

/// Whether two texts mean the same duration.
pub(super) fn same_duration(one: &str, other: &str) -> bool {
    parse_duration(one).is_some_and(|length| parse_duration(other) == Some(length))
}

/// The name of a header in a change of headers.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn header(name: &str) -> Result<(), String> {
    if name.eq_ignore_ascii_case("host") {
        return Err("Expected another header than `host`: `rewrite { host = … }` changes that one.".into());
    }
    if is_token(name) {
        Ok(())
    } else {
        Err(format!("Expected the name of a header such as `x-served-by`; found `{name}`."))
    }
}

/// The name of a header in a match. Istio wants lower case, and ignores what has a condition of its own.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn matched_header(name: &str) -> Result<(), String> {
    if matches!(name, "uri" | "scheme" | "method" | "authority") {
        return Err(format!("Expected a header; Istio ignores `{name}` here, since it is no header."));
    }
    if is_token(name) && !name.chars().any(|c| c.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(format!("Expected the name of a header in lower case such as `x-user`; found `{name}`."))
}

/// An HTTP method.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn method(text: &str) -> Result<(), String> {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(format!("Expected a method in capitals such as `GET`; found `{text}`."))
}

/// An absolute path.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn path(text: &str) -> Result<(), String> {
    if text.starts_with('/') && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '#') {
        return Ok(());
    }
    Err(format!("Expected a path that begins with `/`; found `{text}`."))
}

/// A regular expression that Envoy's engine, RE2, takes.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn regex(text: &str) -> Result<(), String> {
    if text.is_empty() || text.len() > LONGEST_REGEX {
        return Err(format!("Expected a regular expression of 1 to {LONGEST_REGEX} bytes."));
    }
    // These exist only in RE2: what they enclose is taken literally.
    if text.contains(r"\Q") || text.contains(r"\C") {
        return Ok(());
    }
    match regex::Regex::new(text) {
        Ok(_) => Ok(()),
        Err(regex::Error::CompiledTooBig(_)) => {
            Err("Expected a simpler regular expression: this one grows too big.".into())
        }
        Err(_) => Err(format!(
            "Expected a regular expression of RE2, which knows neither look-around nor back references; found `{text}`."
        )),
    }
}

/// What a retry is made for: a policy of Envoy's or a status code.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn retry(text: &str) -> Result<(), String> {
    let is_status = text.parse::<u16>().is_ok_and(|code| (100..600).contains(&code));
    if is_status || RETRY_POLICIES.contains(&text) {
        return Ok(());
    }
    Err(format!("Expected a status code or one of `{}`.", RETRY_POLICIES.join("`, `")))
}

/// A status code of a redirect.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn redirect_code(code: &i64) -> Result<(), String> {
    if matches!(code, 301 | 302 | 303 | 307 | 308) { Ok(()) } else { Err("Expected 301, 302, 303, 307 or 308.".into()) }
}

/// A token of HTTP (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(check: fn(&str) -> Result<(), String>, text: &str) -> bool {
        check(text).is_ok()
    }

    #[test]
    fn durations_are_whole_milliseconds_and_compared_by_their_length() {
        for good in ["5s", "500ms", "1m30s", "0.5s", "1h"] {
            assert!(passes(duration, good), "{good}");
        }
        for bad in ["", "0s", "5", "1.5ms", "10us", "-1s", "soon"] {
            assert!(!passes(duration, bad), "{bad}");
        }
        assert!(same_duration("60s", "1m") && !same_duration("60s", "61s"));
        assert!(!same_duration("x", "y"));
    }

    #[test]
    fn headers_are_tokens_and_those_to_match_lower_case() {
        assert!(header("X-Served-By").is_ok() && header("a b").is_err() && header("").is_err());
        assert!(header("Host").unwrap_err().contains("rewrite"));
        assert!(matched_header("x-user").is_ok() && matched_header("X-User").is_err());
        assert!(matched_header("method").unwrap_err().contains("ignores"));
    }

    #[test]
    fn a_regular_expression_is_one_of_re2() {
        for good in ["^/v[0-9]+/.*$", r"\d{3}", "(a|b)*", r"\Qa.b\E"] {
            assert!(passes(regex, good), "{good}");
        }
        for bad in ["", "(", "(?=a)", r"(a)\1", "a**{", "[b-a]"] {
            assert!(!passes(regex, bad), "{bad}");
        }
        assert!(!passes(regex, &"a".repeat(1025)));
    }

    #[test]
    fn paths_methods_codes_and_retries_are_checked() {
        assert!(passes(path, "/") && passes(path, "/a/b") && !passes(path, "a") && !passes(path, "/a b"));
        assert!(passes(method, "GET") && !passes(method, "get") && !passes(method, ""));
        assert!(redirect_code(&301).is_ok() && redirect_code(&304).is_err());
        assert!(passes(retry, "5xx") && passes(retry, "503") && !passes(retry, "6xx") && !passes(retry, "700"));
    }
}

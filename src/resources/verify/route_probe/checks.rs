//! The arguments of a probe, checked by form.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::cloud::tls::Trust;
use crate::framework::parse_duration;

/// How long a probe may go on.
pub(super) const LONGEST: Duration = Duration::from_secs(60 * 60);

pub(super) fn host(host: &str) -> Result<(), String> {
    let name =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if host.parse::<IpAddr>().is_ok() || host.trim_end_matches('.').split('.').all(name) {
        return Ok(());
    }
    Err(format!("Expected a host such as `cluster1.example.com`, without scheme, port and path; found `{host}`."))
}

pub(super) fn path(path: &str) -> Result<(), String> {
    if path.starts_with('/') && path.parse::<http::uri::PathAndQuery>().is_ok() && !path.contains('#') {
        return Ok(());
    }
    Err(format!("Expected a path that begins with `/`; found `{path}`."))
}

pub(super) fn headers(headers: &BTreeMap<String, String>) -> Result<(), String> {
    for (name, value) in headers {
        if name.eq_ignore_ascii_case("host") {
            return Err("Expected another header than `host`: the argument `host` is that one.".into());
        }
        if name.parse::<http::HeaderName>().is_err() || value.parse::<http::HeaderValue>().is_err() {
            return Err(format!(
                "Expected names and values of headers; found `{name}` with a value or a name that is none."
            ));
        }
    }
    Ok(())
}

pub(super) fn address(address: &str) -> Result<(), String> {
    match address.parse::<IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("Expected an address such as `203.0.113.10`; found `{address}`.")),
    }
}

pub(super) fn proxy(proxy: &str) -> Result<(), String> {
    let is_url = proxy.parse::<http::Uri>().is_ok_and(|uri| uri.scheme_str() == Some("http") && uri.host().is_some());
    if is_url { Ok(()) } else { Err("Expected the URL of an HTTP proxy such as `http://127.0.0.1:3128`.".into()) }
}

pub(super) fn certificate(pem: &str) -> Result<(), String> {
    Trust::of_pem(pem).map(drop)
}

pub(super) fn timeout(text: &str) -> Result<(), String> {
    match parse_duration(text).filter(|length| *length <= LONGEST) {
        Some(_) => Ok(()),
        None => Err(format!("Expected a positive duration of at most an hour such as `30s` or `5m`; found `{text}`.")),
    }
}

pub(super) fn regex(text: &str) -> Result<(), String> {
    regex::Regex::new(text).map(drop).map_err(|_| format!("Expected a regular expression; found `{text}`."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_by_form() {
        let text = |text: &str| text.to_owned();
        assert!(host(&text("a.example.com")).is_ok() && host(&text("10.0.0.1")).is_ok());
        for wrong in ["", "http://a", "a/b", "a:80", "a..b", "*.a.com"] {
            assert!(host(&text(wrong)).is_err(), "{wrong}");
        }
        assert!(path(&text("/a?b=c")).is_ok() && path(&text("a")).is_err() && path(&text("/a#b")).is_err());
        assert!(proxy(&text("http://p:3128")).is_ok() && proxy(&text("socks5://p")).is_err());
        assert!(timeout(&text("5m")).is_ok() && timeout(&text("2h")).is_err());
        assert!(headers(&[(text("Host"), text("a"))].into()).is_err());
        assert!(certificate(&text("nonsense")).is_err() && regex(&text("(")).is_err());
    }
}

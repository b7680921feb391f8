//! Host names, ports and durations in Istio's objects.

use serde_json::Value;

use crate::kubernetes::names::is_label;

/// The protocols that a port can have.
const PROTOCOLS: [&str; 11] =
    ["HTTP", "HTTP2", "GRPC", "GRPC-WEB", "MONGO", "REDIS", "MYSQL", "TCP", "UDP", "HTTPS", "TLS"];

/// The items of a list; none when there is no list.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text of a field; empty when there is none.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What is wrong with a host name; a wildcard may stand for its first label.
pub(super) fn host_fault(host: &str) -> Option<String> {
    let name = host.strip_prefix("*.").unwrap_or(host);
    let labels = name.trim_end_matches('.').split('.');
    let is_valid = name == "*" || labels.clone().all(|label| is_label(&label.to_lowercase()));
    (!is_valid || host.is_empty()).then(|| format!("domain name {host:?} invalid"))
}

/// Whether a host, which may be a wildcard, stands for all that another one stands for.
pub(super) fn covers(host: &str, other: &str) -> bool {
    match host.strip_prefix('*') {
        Some(suffix) => other.strip_prefix('*').unwrap_or(other).ends_with(suffix),
        None => host == other,
    }
}

/// What is wrong with the namespaces that an object is exported to. A service entry may be exported to nobody.
pub(super) fn export_faults(namespace: &str, names: &[Value], to_nobody: bool) -> Vec<String> {
    let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
    let meant: Vec<_> = names.iter().map(|name| if *name == "." { namespace } else { *name }).collect();
    let is_valid = |name: &&str| *name == "*" || is_label(name) || (to_nobody && *name == "~");
    let mut faults = Vec::new();
    if !meant.iter().all(is_valid) {
        faults.push("only .,*, or a valid DNS 1123 label is allowed as exportTo entry".to_owned());
    }
    let repeated = meant.iter().enumerate().filter(|(place, name)| meant[..*place].contains(name));
    faults.extend(repeated.map(|(_, name)| format!("duplicate entries in exportTo for entry {name}")));
    if names.len() > 1 && meant.contains(&"*") {
        faults.push("cannot have both public (*) and non-public exportTo values for a resource".to_owned());
    }
    if names.len() > 1 && meant.contains(&"~") {
        faults.push("cannot export service entry to no one (~) and someone".to_owned());
    }
    faults
}

/// Whether a host name has no dot, so that it means a service next to the object.
pub(super) fn is_short(host: &str) -> bool {
    host != "*" && !host.contains('.')
}

/// What is wrong with a port's number.
pub(super) fn number_fault(number: Option<i64>) -> Option<String> {
    let number = number.unwrap_or(0);
    (!(1..=65_535).contains(&number)).then(|| format!("port number {number} must be in the range 1..65535"))
}

/// What is wrong with a port's protocol.
pub(super) fn protocol_fault(protocol: &str) -> Option<String> {
    let known = PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(protocol));
    (!known).then(|| format!("unsupported protocol: {protocol}"))
}

/// What is wrong with a duration: at least a millisecond, in whole milliseconds.
pub(super) fn duration_fault(text: &str) -> Option<String> {
    match milliseconds(text) {
        None => Some(format!("invalid duration: {text:?}")),
        Some(millis) if millis < 1.0 => Some("duration must be greater than 1ms".to_owned()),
        Some(millis) if millis.fract() != 0.0 => Some("only durations to ms precision are supported".to_owned()),
        Some(_) => None,
    }
}

/// A duration such as `1m30s` or `0.5s`, in milliseconds.
fn milliseconds(text: &str) -> Option<f64> {
    let units = [("ms", 1.0), ("us", 0.001), ("h", 3_600_000.0), ("m", 60_000.0), ("s", 1_000.0)];
    let (mut rest, mut total) = (text, 0.0);
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let (unit, factor) = units.iter().find(|(unit, _)| rest[end..].starts_with(unit))?;
        total += number * factor;
        rest = &rest[end + unit.len()..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_with_at_most_one_wildcard_in_front() {
        for (host, valid) in [
            ("a.example.com", true),
            ("*.example.com", true),
            ("*", true),
            ("reviews", true),
            ("", false),
            ("a.*.com", false),
            ("a b", false),
            ("http://a.com", false),
        ] {
            assert_eq!(host_fault(host).is_none(), valid, "{host}");
        }
    }

    #[test]
    fn a_wildcard_covers_what_ends_as_it_does() {
        assert!(
            covers("*", "*.a.com")
                && covers("*.com", "*.a.com")
                && covers("*.com", "a.com")
                && covers("a.com", "a.com")
        );
        assert!(!covers("*.a.com", "a.com") && !covers("*.a.com", "*.com") && !covers("a.com", "*.com"));
    }

    #[test]
    fn an_object_is_exported_to_each_namespace_once() {
        let faults = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| Value::from(*name)).collect();
            export_faults("test", &names, false).len()
        };
        for good in [&["*"][..], &["."], &[".", "other"], &["a", "b"], &[]] {
            assert_eq!(faults(good), 0, "{good:?}");
        }
        for bad in [&["a/b"][..], &[".", "test"], &["a", "a"], &["*", "a"], &["~"]] {
            assert_eq!(faults(bad), 1, "{bad:?}");
        }
        assert_eq!(export_faults("test", &["~".into()], true), [""; 0]);
    }

    #[test]
    fn durations_are_whole_milliseconds() {
        for (text, valid) in [
            ("10s", true),
            ("1m30s", true),
            ("0.5s", true),
            ("500us", false),
            ("1.5ms", false),
            ("x", false),
            ("", false),
        ] {
            assert_eq!(duration_fault(text).is_none(), valid, "{text}");
        }
    }
}

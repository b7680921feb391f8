//! Values of DNS records: which are possible, and which mean the same.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether a text can be the value of a record of this type.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn check(kind: &str, value: &str) -> Result<(), String> {
    let (is_possible, expected) = match kind {
        "A" => (value.parse::<Ipv4Addr>().is_ok(), "an IPv4 address such as `203.0.113.10`"),
        "AAAA" => (value.parse::<Ipv6Addr>().is_ok(), "an IPv6 address such as `2001:db8::1`"),
        "CNAME" | "MX" | "NS" => (is_host(value), "a host name such as `lb.example.com`"),
        "SRV" => (is_srv(value), "priority, weight, port and host such as `10 5 5060 sip.example.com`"),
        "CAA" => (is_caa(value), "flags, tag and value such as `0 issue \"letsencrypt.org\"`"),
        _ => (!value.is_empty(), "a text that is not empty"),
    };
    if is_possible { Ok(()) } else { Err(format!("expected {expected} for a record of type {kind}, found `{value}`")) }
}

/// Whether a text is a name of labels, each of letters, digits, hyphens and underscores, with or without a full stop at the
/// end.
pub(super) fn is_host(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Whether a text is a label. Letters of any script are left to the API.
pub(super) fn is_label(label: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(inner)
}

fn is_srv(value: &str) -> bool {
    let parts: Vec<&str> = value.split_whitespace().collect();
    let [numbers @ .., host] = parts.as_slice() else { return false };
    numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u16>().is_ok()) && is_host(host)
}

fn is_caa(value: &str) -> bool {
    let mut parts = value.splitn(3, ' ');
    let flags = parts.next().is_some_and(|flags| flags.parse::<u8>().is_ok());
    let tag = parts.next().is_some_and(|tag| !tag.is_empty() && tag.chars().all(|c| c.is_ascii_alphanumeric()));
    flags && tag && parts.next().is_some_and(|value| !value.is_empty())
}

/// One spelling of all that mean the same: the API adds full stops to host names, name servers also quotes.
pub(super) fn canonical(kind: &str, value: &str) -> String {
    match kind {
        "A" | "TXT" => value.to_owned(),
        "AAAA" => value.parse::<Ipv6Addr>().map_or_else(|_| value.to_owned(), |address| address.to_string()),
        "CAA" => value.replace('"', "").split_whitespace().collect::<Vec<_>>().join(" "),
        _ => {
            let words: Vec<&str> = value.split_whitespace().collect();
            words.join(" ").trim_end_matches('.').to_lowercase()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_by_their_type() {
        for (kind, value) in [
            ("A", "203.0.113.10"),
            ("AAAA", "2001:db8::1"),
            ("CNAME", "lb.example.com."),
            ("MX", "mail.example.com"),
            ("NS", "ns1.example.com"),
            ("SRV", "10 5 5060 sip.example.com"),
            ("CAA", "0 issue \"letsencrypt.org\""),
            ("TXT", "v=spf1 -all"),
        ] {
            assert_eq!(check(kind, value), Ok(()), "{kind} {value}");
        }
        for (kind, value) in [
            ("A", "2001:db8::1"),
            ("A", "203.0.113"),
            ("AAAA", "203.0.113.10"),
            ("CNAME", "a..b"),
            ("CNAME", "-a.b"),
            ("MX", "10 mail.example.com"),
            ("SRV", "10 5 sip.example.com"),
            ("SRV", "10 5 99999 sip.example.com"),
            ("CAA", "issue letsencrypt.org"),
            ("TXT", ""),
        ] {
            let error = check(kind, value).unwrap_err();
            assert!(
                error.starts_with("expected a")
                    || error.starts_with("expected priority")
                    || error.starts_with("expected flags")
            );
            assert!(error.ends_with(&format!("for a record of type {kind}, found `{value}`")), "{error}");
        }
    }

    #[test]
    fn spellings_that_mean_the_same_are_one() {
        for (kind, one, other) in [
            ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
            ("CNAME", "LB.example.com.", "lb.example.com"),
            ("MX", "10 mail.example.com.", "10 mail.example.com"),
            ("SRV", "10  5 5060 sip.example.com.", "10 5 5060 sip.example.com"),
            ("CAA", "0 issue \"letsencrypt.org\"", "0 issue letsencrypt.org"),
        ] {
            assert_eq!(canonical(kind, one), canonical(kind, other));
        }
        assert_ne!(canonical("TXT", "a."), canonical("TXT", "a"));
        assert_ne!(canonical("TXT", "A"), canonical("TXT", "a"));
    }
}

//! The name of a set of records.

use std::fmt;
use std::str::FromStr;

use super::value::{is_host, is_label};

/// All records of one name, type and line in a zone. Its text is for example `example.com#www#A#0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSetId {
    /// The domain.
    pub zone: String,
    /// The name within the domain; `@` is the domain itself.
    pub name: String,
    /// The type.
    pub kind: String,
    /// The line, `0` for the default one.
    pub line_id: String,
}

impl RecordSetId {
    /// The whole name.
    pub(super) fn fqdn(&self) -> String {
        let Self { zone, name, .. } = self;
        if name == "@" { zone.clone() } else { format!("{name}.{zone}") }
    }
}

impl fmt::Display for RecordSetId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zone, name, kind, line_id } = self;
        write!(formatter, "{zone}#{name}#{kind}#{line_id}")
    }
}

impl FromStr for RecordSetId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<String> = text.split('#').map(str::to_owned).collect();
        let Ok([zone, name, kind, line_id]) = <[String; 4]>::try_from(parts) else {
            let example = "example.com#www#A#0";
            return Err(format!("expected zone, name, type and line such as `{example}`, found `{text}`"));
        };
        check_zone(&zone)?;
        check_name(&name)?;
        if kind.is_empty() || line_id.is_empty() {
            return Err(format!("expected a type such as `A` and a line such as `0`, found `{text}`"));
        }
        Ok(Self { zone, name, kind, line_id })
    }
}

/// A domain, for `#[tf(check = ..)]`.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn check_zone(text: &str) -> Result<(), String> {
    let is_zone = is_host(text) && text.contains('.') && !text.ends_with('.') && text.to_lowercase() == text;
    if is_zone { Ok(()) } else { Err(format!("expected a domain in lower case such as `example.com`, found `{text}`")) }
}

/// A name within a domain, for `#[tf(check = ..)]`.
///
/// # Errors
/// A sentence that says what was expected.
pub(super) fn check_name(text: &str) -> Result<(), String> {
    let labels = text.strip_prefix("*.").unwrap_or(text);
    let is_name = ["@", "*"].contains(&text) || labels.split('.').all(is_label);
    if is_name && text.to_lowercase() == text {
        return Ok(());
    }
    Err(format!("expected a name in lower case such as `www`, `*`, or `@` for the domain itself, found `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_named_by_its_four_parts() {
        let id: RecordSetId = "example.com#www#A#0".parse().unwrap();
        assert_eq!((id.fqdn().as_str(), id.to_string().as_str()), ("www.example.com", "example.com#www#A#0"));
        assert_eq!("example.com#@#MX#10=1".parse::<RecordSetId>().unwrap().fqdn(), "example.com");
        for wrong in
            ["", "example.com", "example.com#www#A", "example#www#A#0", "example.com#a b#A#0", "example.com#www##0"]
        {
            assert!(
                wrong.parse::<RecordSetId>().unwrap_err().ends_with(&format!("found `{wrong}`")) || wrong.contains('#')
            );
        }
    }

    #[test]
    fn zones_and_names_are_checked_by_form() {
        for name in ["@", "*", "www", "a.b", "*.dev", "_sip._tcp", "xn--fiqs8s"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", "www.", "WWW", "a..b", "a*", "-a"] {
            assert!(check_name(name).is_err(), "{name}");
        }
        for zone in ["example.com", "imroc.cc", "xn--fiqs8s.cn"] {
            assert_eq!(check_zone(zone), Ok(()), "{zone}");
        }
        for zone in ["", "com", "example.com.", "Example.com", "a b.com"] {
            assert!(check_zone(zone).is_err(), "{zone}");
        }
    }
}

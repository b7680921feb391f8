//! Host names of Istio's objects: a name, a wildcard such as `*.imroc.cc`, or `*`.

use std::fmt;

/// The domain under which short names of services are meant.
const CLUSTER_DOMAIN: &str = "svc.cluster.local";

/// A host name or a wildcard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Host(String);

impl Host {
    /// A host as an object writes it.
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_ascii_lowercase())
    }

    /// A host in an object of `namespace`: a name without a dot is a service of that namespace.
    pub(super) fn in_namespace(text: &str, namespace: &str) -> Self {
        let short = !text.contains('.') && text != "*" && !text.is_empty();
        if short { Self::new(&format!("{text}.{namespace}.{CLUSTER_DOMAIN}")) } else { Self::new(text) }
    }

    /// The text after the star.
    fn suffix(&self) -> Option<&str> {
        self.0.strip_prefix('*')
    }

    /// Whether it stands for several names.
    pub(super) fn is_wildcard(&self) -> bool {
        self.suffix().is_some()
    }

    /// Whether all that `other` stands for is covered. `*.foo.com` does not cover `foo.com`.
    pub(super) fn covers(&self, other: &Host) -> bool {
        match self.suffix() {
            None => self == other,
            Some(mine) => other.suffix().unwrap_or(&other.0).ends_with(mine),
        }
    }

    /// What is covered by both hosts, which is one of the two if anything.
    pub(super) fn overlap<'h>(&'h self, other: &'h Host) -> Option<&'h Host> {
        if other.covers(self) { Some(self) } else { self.covers(other).then_some(other) }
    }

    /// How closely it names its hosts: of several that cover a name, the greatest decides.
    pub(super) fn closeness(&self) -> (bool, usize) {
        (!self.is_wildcard(), self.0.len())
    }

    /// The namespace of the service that it names, if it is the full name of one.
    pub(super) fn service_namespace(&self) -> Option<&str> {
        let (_, namespace) = self.0.strip_suffix(CLUSTER_DOMAIN)?.strip_suffix('.')?.rsplit_once('.')?;
        Some(namespace)
    }

    /// The name.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Splits `host:port` of a `Host` header.
pub(super) fn split_port(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        // In `[::1]` the colons are the address's own.
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::{Host, split_port};

    fn host(text: &str) -> Host {
        Host::new(text)
    }

    #[test]
    fn a_wildcard_covers_names_below_it_only() {
        assert!(host("*.foo.com").covers(&host("a.foo.com")));
        assert!(host("*.foo.com").covers(&host("a.b.foo.com")));
        assert!(host("*.foo.com").covers(&host("*.b.foo.com")));
        assert!(!host("*.foo.com").covers(&host("foo.com")));
        assert!(!host("*.foo.com").covers(&host("*.com")));
        assert!(host("*").covers(&host("foo.com")));
    }

    #[test]
    fn the_overlap_is_the_narrower_of_the_two() {
        assert_eq!(host("*.foo.com").overlap(&host("a.foo.com")), Some(&host("a.foo.com")));
        assert_eq!(host("a.foo.com").overlap(&host("*.foo.com")), Some(&host("a.foo.com")));
        assert_eq!(host("*.com").overlap(&host("*.foo.com")), Some(&host("*.foo.com")));
        assert_eq!(host("a.foo.com").overlap(&host("b.foo.com")), None);
    }

    #[test]
    fn letters_match_in_either_case() {
        assert!(host("*.Foo.com").covers(&host("A.foo.COM")));
    }

    #[test]
    fn a_short_name_is_a_service_of_the_objects_namespace() {
        assert_eq!(Host::in_namespace("web", "test").as_str(), "web.test.svc.cluster.local");
        assert_eq!(Host::in_namespace("web.test", "other").as_str(), "web.test");
        assert_eq!(Host::in_namespace("*", "test").as_str(), "*");
    }

    #[test]
    fn only_full_names_tell_the_namespace_of_a_service() {
        assert_eq!(host("web.test.svc.cluster.local").service_namespace(), Some("test"));
        assert_eq!(host("web.test").service_namespace(), None);
    }

    #[test]
    fn the_port_of_an_authority_is_split_off() {
        assert_eq!(split_port("foo.com:8080"), ("foo.com", Some(8080)));
        assert_eq!(split_port("foo.com"), ("foo.com", None));
        assert_eq!(split_port("[::1]"), ("[::1]", None));
        assert_eq!(split_port("[::1]:80"), ("[::1]", Some(80)));
    }

    const HOST: &str = r"(\*|(\*\.)?[ab](\.[ab]){0,3})";

    proptest! {
        #[test]
        fn a_name_is_in_the_overlap_exactly_when_both_cover_it(one in HOST, two in HOST, name in r"[ab](\.[ab]){0,3}") {
            let (one, two, name) = (host(&one), host(&two), host(&name));
            let both = one.covers(&name) && two.covers(&name);
            let overlap = one.overlap(&two);
            prop_assert_eq!(overlap.is_some_and(|overlap| overlap.covers(&name)), both);
        }

        #[test]
        fn of_two_that_cover_a_name_the_closer_is_covered_by_the_other(one in HOST, two in HOST, name in r"[ab](\.[ab]){0,3}") {
            let (one, two, name) = (host(&one), host(&two), host(&name));
            if one.covers(&name) && two.covers(&name) && one.closeness() < two.closeness() {
                prop_assert!(one.covers(&two));
            }
        }
    }
}

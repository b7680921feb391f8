//! Where the Istio versions of a mesh differ in how a gateway routes.

use std::str::FromStr;

/// An Istio version, as far as routing depends on it: all of Istio 1 by its minor number.
///
/// Each difference was read in Istio's sources at the tags around it, or is one that `tests/real/envoy_differential.py` found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    minor: u32,
}

impl Version {
    /// Whether several weights must add up to 100, as was the rule up to 1.14. Later a share is a weight over their sum.
    pub(super) fn weights_are_percentages(self) -> bool {
        self.minor < 15
    }

    /// Whether a wildcard host covers only the server's own port of the `Host` header. From 1.15 on the port is ignored.
    pub(super) fn wildcards_heed_ports(self) -> bool {
        self.minor < 15
    }

    /// Whether a query parameter can be matched by prefix. Before 1.18 such a condition asked for its presence only.
    pub(super) fn query_prefixes_count(self) -> bool {
        self.minor >= 18
    }

    /// Whether `withoutHeaders` holds where the header is absent. Before 1.22 it did not (Istio issue 49537).
    pub(super) fn absent_headers_are_without(self) -> bool {
        self.minor >= 22
    }

    /// Whether each value of a header that is there several times is matched by itself. Before, they were one text with
    /// commas (Envoy's `match_headers_individually`, true in the Envoy of 1.31).
    pub(super) fn header_values_match_by_themselves(self) -> bool {
        self.minor >= 31
    }

    /// Whether the expression `.*` for a path counts as matching everything, so that it goes behind other rules. It does in
    /// 1.31; 1.18 looked for a lone star.
    pub(super) fn any_expression_is_catch_all(self) -> bool {
        self.minor >= 31
    }
}

/// The text is no version of Istio 1, such as `1.18.5`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of Istio 1, such as 1.18.5")]
pub struct UnknownVersion(String);

impl FromStr for Version {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let minor = text.strip_prefix("1.").and_then(|rest| rest.split('.').next()?.parse().ok());
        minor.map(|minor| Self { minor }).ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn a_version_is_known_by_its_minor_number() {
        assert_eq!("1.18.5".parse::<Version>(), Ok(Version { minor: 18 }));
        assert_eq!("1.18.0".parse::<Version>(), "1.18.5".parse::<Version>());
    }

    #[test]
    fn other_texts_are_refused_by_name() {
        for text in ["", "1", "2.0.0", "1.x.0", "v1.18"] {
            assert!(text.parse::<Version>().unwrap_err().to_string().contains(&format!("`{text}`")));
        }
    }
}

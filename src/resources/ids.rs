//! IDs of single objects: a prefix and eight letters or digits, as the API reference shows them.

use std::fmt;
use std::str::FromStr;

/// An ID with a fixed prefix, for example `ccn-gree226l` with the prefix `ccn-`.
macro_rules! ids {
    ($($(#[$documentation:meta])* $name:ident = $prefix:literal, $example:literal;)*) => {$(
        $(#[$documentation])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The text of the ID.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                check(text, $prefix, $example).map(|()| Self(text.to_owned()))
            }
        }
    )*};
}

ids! {
    /// The ID of a CCN.
    CcnId = "ccn-", "ccn-gree226l";
    /// The ID of a cluster: of TKE, serverless, a hub or registered.
    ClusterId = "cls-", "cls-65r1c5nu";
    /// The ID of a mesh.
    MeshId = "mesh-", "mesh-rofjmxxx";
}

fn check(text: &str, prefix: &str, example: &str) -> Result<(), String> {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    if !rest.is_empty() && rest.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
        return Ok(());
    }
    Err(format!("expected an ID such as `{example}`, found `{text}`"))
}

/// Checks of attributes that hold an ID, for `#[tf(check = ..)]`.
pub mod checks {
    use super::check;

    macro_rules! checks {
        ($($name:ident = $prefix:literal, $example:literal;)*) => {$(
            /// The ID must have its prefix.
            ///
            /// # Errors
            /// A sentence that says what was expected.
            pub fn $name(text: &str) -> Result<(), String> {
                check(text, $prefix, $example)
            }
        )*};
    }

    checks! {
        ccn = "ccn-", "ccn-gree226l";
        cluster = "cls-", "cls-65r1c5nu";
        load_balancer = "lb-", "lb-6rtdhlq1";
        mesh = "mesh-", "mesh-rofjmxxx";
        subnet = "subnet-", "subnet-5o0m3rtc";
        vpc = "vpc-", "vpc-86v957zb";
    }

    /// A region such as `ap-guangzhou`.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn region(text: &str) -> Result<(), String> {
        let parts: Vec<&str> = text.split('-').collect();
        let plain =
            |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if parts.len() >= 2 && parts.iter().all(plain) {
            return Ok(());
        }
        Err(format!("expected a region such as `ap-guangzhou`, found `{text}`"))
    }

    /// A root account ID: digits.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn account(text: &str) -> Result<(), String> {
        if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
            return Ok(());
        }
        Err(format!("expected the ID of a root account such as `100000000001`, found `{text}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_by_its_prefix() {
        assert_eq!("ccn-gree226l".parse::<CcnId>().unwrap().as_str(), "ccn-gree226l");
        for wrong in ["", "ccn-", "vpc-gree226l", "ccn-GREE", "ccn gree226l", "ccn-a#b"] {
            let expected = format!("expected an ID such as `ccn-gree226l`, found `{wrong}`");
            assert_eq!(wrong.parse::<CcnId>().unwrap_err(), expected);
        }
    }

    #[test]
    fn regions_and_accounts_are_checked_by_form() {
        assert!(checks::region("ap-guangzhou").is_ok() && checks::region("ap-shenzhen-fsi").is_ok());
        assert!(checks::region("guangzhou").is_err() && checks::region("AP-x").is_err());
        assert!(checks::account("100000000001").is_ok() && checks::account("10-a").is_err());
    }
}

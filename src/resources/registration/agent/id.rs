//! The ID of an agent.

use std::fmt;
use std::str::FromStr;

use crate::resources::ids::ClusterId;

/// The cluster that holds the agent and the registration that it reports to: `cls-mem00003#cls-65r1c5nu`; without the first
/// part for the cluster of the provider's `kubernetes` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentId {
    /// The cluster's ID.
    pub cluster_id: Option<String>,
    /// The registration's ID.
    pub registration_id: String,
}

impl fmt::Display for AgentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cluster_id) = &self.cluster_id {
            write!(formatter, "{cluster_id}#")?;
        }
        formatter.write_str(&self.registration_id)
    }
}

impl FromStr for AgentId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (cluster_id, registration_id) =
            text.split_once('#').map_or((None, text), |(first, rest)| (Some(first), rest));
        let read = |id: &str| id.parse::<ClusterId>().map(|id| id.to_string());
        let read_both = || Ok((cluster_id.map(read).transpose()?, read(registration_id)?));
        let (cluster_id, registration_id) = read_both().map_err(|_: String| {
            format!(
                "expected cluster and registration as `cls-mem00003#cls-65r1c5nu`, or only the registration for the cluster of the \
                 provider's `kubernetes` block, found `{text}`"
            )
        })?;
        Ok(Self { cluster_id, registration_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form() {
        for text in ["cls-mem00003#cls-65r1c5nu", "cls-65r1c5nu"] {
            assert_eq!(text.parse::<AgentId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_text_that_is_no_id_is_refused_with_an_example() {
        for text in ["", "#", "cls-65r1c5nu#", "#cls-65r1c5nu", "mesh-a#cls-b", "cls-a#cls-b#cls-c"] {
            assert!(text.parse::<AgentId>().unwrap_err().contains("`cls-mem00003#cls-65r1c5nu`"), "{text}");
        }
    }
}

//! The agent manifest of a registered cluster.

use serde::Deserialize;
use serde_json::json;

use super::{registration, running_hub, wrong_state};
use crate::clock::utc;
use crate::front::{Action, Answer, Call};
use crate::state::{AgentToken, RegistrationState};
use crate::world::ManifestRule;

/// The objects that a TDCC manifest has, as Clusternet's agent needs them. How TDCC gives the agent its rights is not
/// known; the role of the open project is used. That the cluster registers under its id is assumed: clients of hubs look
/// it up by that name.
const MANIFEST: &str = include_str!("manifest.yaml");

/// Hands out the manifest by which a cluster's agent registers it, and renews its token if asked.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::services) struct DescribeExternalClusterSpec {
    cluster_id: String,
    is_extranet: Option<bool>,
    is_refresh_expiration_time: Option<bool>,
}

impl Action for DescribeExternalClusterSpec {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        super::resource(call, &self.cluster_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        let state = registration(call, &self.cluster_id)?.phase.state();
        let parent = running_hub(call, &owner)?.url(self.is_extranet.unwrap_or(false));
        let waits = state == RegistrationState::WaitingRegister;
        if !waits && call.cloud.settings.manifest_once_registered == ManifestRule::Refuse {
            return Err(wrong_state("The cluster is registered already."));
        }
        if self.is_refresh_expiration_time == Some(true) {
            call.writes = true;
            let expires = call.cloud.settings.agent_token_lifetime.after(call.cloud.timing.now);
            let token = AgentToken::new(expires, &call.cloud.issued);
            if let Some(it) = call.cloud.registrations.owned_mut(&owner, &self.cluster_id) {
                it.token = token;
            }
        }
        let token = &registration(call, &self.cluster_id)?.token;
        let values = [
            ("PARENT_URL_VALUE", parent.as_str()),
            ("REG_TOKEN_VALUE", token.reveal()),
            ("CLUSTER_NAME_VALUE", &self.cluster_id),
        ];
        let spec = values.iter().fold(MANIFEST.to_owned(), |text, (name, value)| text.replace(name, value));
        Ok(json!({ "Spec": spec, "Expiration": utc(token.expires) }))
    }
}

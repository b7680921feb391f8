//! How the owner of a CCN answers a request of another account, and how that account asks again.

use serde::Deserialize;
use serde_json::json;

use super::instances::{self, CcnInstance};
use crate::front::{Action, Answer, ApiError, Call};
use crate::state::{AttachmentState, Phase, Uin};

/// Lets in the instances of another account. Only the owner of the CCN can.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AcceptAttachCcnInstances {
    ccn_id: String,
    instances: Vec<CcnInstance>,
}

impl Action for AcceptAttachCcnInstances {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        instances::ccn_resource(call, &self.ccn_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        check_pending(call, &self.ccn_id, &self.instances)?;
        for instance in &self.instances {
            instances::check_route_table(call.cloud, &self.ccn_id, instance)?;
        }
        let (phase, now) = (instances::attaching(call.cloud), call.cloud.timing.now);
        instances::change(call.cloud, &self.ccn_id, &self.instances, |it, instance| {
            it.phase = phase.clone();
            it.attached = now;
            if let Some(text) = instance.description.as_ref().filter(|text| !text.is_empty()) {
                it.description.clone_from(text);
            }
        });
        Ok(json!({}))
    }
}

/// Refuses the instances of another account. Only the owner of the CCN can.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RejectAttachCcnInstances {
    ccn_id: String,
    instances: Vec<CcnInstance>,
}

impl Action for RejectAttachCcnInstances {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        instances::ccn_resource(call, &self.ccn_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        check_pending(call, &self.ccn_id, &self.instances)?;
        instances::change(call.cloud, &self.ccn_id, &self.instances, |it, _| {
            it.phase = Phase::settled(AttachmentState::Rejected);
        });
        Ok(json!({}))
    }
}

/// Asks again after a request has expired. Only the owner of the instances can.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ResetAttachCcnInstances {
    ccn_id: String,
    ccn_uin: String,
    instances: Vec<CcnInstance>,
}

impl Action for ResetAttachCcnInstances {
    fn run(self, call: &mut Call<'_>) -> Answer {
        instances::check_instances(&self.instances)?;
        let caller = call.uin()?;
        instances::check_ccn(call.cloud, &Uin::from(self.ccn_uin.as_str()), &self.ccn_id)?;
        for instance in &self.instances {
            let found = call.cloud.ccns.attachment(&self.ccn_id, &instance.instance_id);
            let own = found.filter(|it| it.vpc_owner == caller);
            let state = own.ok_or_else(|| ApiError::not_found(&instance.instance_id))?.phase.state();
            if state != AttachmentState::Expired {
                return Err(ApiError::new("UnsupportedOperation", "Only an expired request can be made again."));
            }
        }
        let (phase, now) = (instances::pending(call.cloud), call.cloud.timing.now);
        instances::change(call.cloud, &self.ccn_id, &self.instances, |it, _| {
            it.phase = phase.clone();
            it.attached = now;
        });
        Ok(json!({}))
    }
}

/// Checks that the caller owns the CCN and that all instances wait for its answer.
fn check_pending(call: &Call<'_>, ccn_id: &str, instances: &[CcnInstance]) -> Result<(), ApiError> {
    instances::check_instances(instances)?;
    instances::check_ccn(call.cloud, &call.uin()?, ccn_id)?;
    for instance in instances {
        let state = instances::find(call.cloud, ccn_id, instance, None)?.phase.state();
        if state != AttachmentState::Pending {
            let message = format!("The instance `{}` is not waiting for an answer.", instance.instance_id);
            return Err(ApiError::new("UnsupportedOperation.NotPendingCcnInstance", message));
        }
    }
    Ok(())
}

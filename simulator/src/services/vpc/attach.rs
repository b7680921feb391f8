//! How a VPC comes into a CCN and out of it: by one account, or by two that must agree.

use serde::Deserialize;
use serde_json::json;

use super::super::check_id;
use super::instances::{self, CcnInstance};
use crate::front::{Action, Answer, ApiError, Call};
use crate::state::{Attachment, AttachmentState, Cloud, Phase, Uin};
use crate::world::{DetachRight, Step};

/// Attaches the caller's VPCs to a CCN of its own, or asks the owner of another one to let them in.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AttachCcnInstances {
    ccn_id: String,
    instances: Vec<CcnInstance>,
    #[serde(default)]
    ccn_uin: String,
}

impl Action for AttachCcnInstances {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        instances::ccn_resource(call, &self.ccn_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        instances::check_instances(&self.instances)?;
        let caller = call.uin()?;
        let ccn_owner = if self.ccn_uin.is_empty() { caller.clone() } else { Uin::from(self.ccn_uin.as_str()) };
        if call.cloud.identity.account(&ccn_owner).is_none() {
            return Err(ApiError::new("UnsupportedOperation.UinNotFound", format!("There is no uin {ccn_owner}.")));
        }
        instances::check_ccn(call.cloud, &ccn_owner, &self.ccn_id)?;
        for instance in &self.instances {
            self.check_attachable(call.cloud, &caller, instance)?;
        }
        self.check_quota(call.cloud)?;
        for instance in self.instances {
            attach(call.cloud, &caller, &ccn_owner, &self.ccn_id, instance);
        }
        Ok(json!({}))
    }
}

impl AttachCcnInstances {
    fn check_attachable(&self, cloud: &Cloud, caller: &Uin, instance: &CcnInstance) -> Result<(), ApiError> {
        let vpc = cloud.networks.owned(caller, &instance.instance_id);
        if vpc.is_none_or(|vpc| vpc.region != instance.instance_region) {
            return Err(ApiError::not_found(&instance.instance_id));
        }
        instances::check_route_table(cloud, &self.ccn_id, instance)?;
        let attachments = || cloud.ccns.attachments.iter().filter(|it| it.vpc_id == instance.instance_id);
        if attachments().any(|it| it.ccn_id == self.ccn_id && !can_ask_again(it.phase.state())) {
            return Err(ApiError::new("UnsupportedOperation.CcnAttached", "The instance is attached already."));
        }
        let elsewhere = attachments().filter(|it| it.ccn_id != self.ccn_id && !can_ask_again(it.phase.state()));
        if elsewhere.count() >= cloud.quotas.instance_ccns {
            return Err(ApiError::new(
                "LimitExceeded.CurrentInstanceAttachedCcnInstances",
                "The instance is attached to as many CCNs as it can be.",
            ));
        }
        Ok(())
    }

    fn check_quota(&self, cloud: &Cloud) -> Result<(), ApiError> {
        let attached = cloud.ccns.attachments.iter().filter(|it| it.ccn_id == self.ccn_id).count();
        match attached + self.instances.len() > cloud.quotas.ccn_instances {
            true => Err(ApiError::quota("instances of a CCN", cloud.quotas.ccn_instances)),
            false => Ok(()),
        }
    }
}

/// Whether a row in this state does not keep its VPC from asking anew. The documents do not say; a refused request
/// can be made again here, an expired one needs `ResetAttachCcnInstances`.
fn can_ask_again(state: AttachmentState) -> bool {
    matches!(state, AttachmentState::Rejected | AttachmentState::Deleted)
}

fn attach(cloud: &mut Cloud, vpc_owner: &Uin, ccn_owner: &Uin, ccn_id: &str, instance: CcnInstance) {
    let phase = if vpc_owner == ccn_owner { instances::attaching(cloud) } else { instances::pending(cloud) };
    let attachments = &mut cloud.ccns.attachments;
    attachments.retain(|it| it.ccn_id != ccn_id || it.vpc_id != instance.instance_id);
    attachments.push(Attachment {
        ccn_id: ccn_id.to_owned(),
        ccn_owner: ccn_owner.clone(),
        vpc_id: instance.instance_id,
        vpc_owner: vpc_owner.clone(),
        region: instance.instance_region,
        description: instance.description.unwrap_or_default(),
        order_type: instance.order_type.unwrap_or_else(|| "PayByCcnOwner".into()),
        phase,
        attached: cloud.timing.now,
    });
}

/// Takes instances out of a CCN. A request that was never accepted is withdrawn at once.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DetachCcnInstances {
    ccn_id: String,
    instances: Vec<CcnInstance>,
}

impl Action for DetachCcnInstances {
    fn resource(&self, call: &Call<'_>) -> Option<String> {
        instances::ccn_resource(call, &self.ccn_id)
    }

    fn run(self, call: &mut Call<'_>) -> Answer {
        instances::check_instances(&self.instances)?;
        check_id("ccn", &self.ccn_id)?;
        let caller = call.uin()?;
        instances::check_concerned(call.cloud, &caller, &self.ccn_id)?;
        for instance in &self.instances {
            let attachment = instances::find(call.cloud, &self.ccn_id, instance, Some(&caller))?;
            check_detachable(attachment, &caller, call.cloud.settings.detach)?;
        }
        let timing = &call.cloud.timing;
        let detaching = timing.begin(
            Step::Detach,
            AttachmentState::Detaching,
            AttachmentState::Deleted,
            AttachmentState::DetachFailed,
        );
        let gone = Phase::changing(AttachmentState::Deleted, timing.now, AttachmentState::Deleted);
        instances::change(call.cloud, &self.ccn_id, &self.instances, |it, _| {
            let connected = matches!(it.phase.state(), AttachmentState::Active | AttachmentState::DetachFailed);
            it.phase = if connected { detaching.clone() } else { gone.clone() };
        });
        Ok(json!({}))
    }
}

fn check_detachable(attachment: &Attachment, caller: &Uin, right: DetachRight) -> Result<(), ApiError> {
    let allowed = match right {
        DetachRight::Both => true,
        DetachRight::CcnOwner => attachment.ccn_owner == *caller,
        DetachRight::InstanceOwner => attachment.vpc_owner == *caller,
    };
    if !allowed {
        let message = "The instance can be detached by the other account only.";
        return Err(ApiError::new("UnsupportedOperation.AppIdMismatch", message));
    }
    if matches!(attachment.phase.state(), AttachmentState::Attaching | AttachmentState::Detaching) {
        let message = "Another task of the instance is running.";
        return Err(ApiError::new("UnsupportedOperation.MutexOperationTaskRunning", message));
    }
    Ok(())
}

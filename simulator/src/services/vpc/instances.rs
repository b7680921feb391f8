//! The instances in requests about attachments, and the rows they stand for.

use serde::Deserialize;

use super::super::{check_id, check_length, check_one_of};
use crate::front::{ApiError, Call};
use crate::state::{Attachment, AttachmentState, Cloud, Phase, Uin};
use crate::world::Step;

/// An instance in a request. Only VPCs are modelled.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CcnInstance {
    pub(super) instance_id: String,
    pub(super) instance_region: String,
    instance_type: String,
    pub(super) description: Option<String>,
    route_table_id: Option<String>,
    pub(super) order_type: Option<String>,
}

impl CcnInstance {
    /// Checks what can be wrong with an instance by itself. The stock provider sends an empty type for `VPC`.
    fn check(&self) -> Result<(), ApiError> {
        check_one_of("InstanceType", &self.instance_type, &["VPC", "DIRECTCONNECT", "BMVPC", "VPNGW", ""])?;
        if !["VPC", ""].contains(&self.instance_type.as_str()) {
            return Err(ApiError::new("UnsupportedOperation", "The simulator knows instances of type VPC only."));
        }
        check_id("vpc", &self.instance_id)?;
        check_length("Description", self.description.as_deref().unwrap_or_default(), 100)
    }
}

/// Checks a request's list of instances.
pub(super) fn check_instances(instances: &[CcnInstance]) -> Result<(), ApiError> {
    if instances.is_empty() {
        return Err(ApiError::invalid_value("`Instances` must not be empty."));
    }
    instances.iter().try_for_each(CcnInstance::check)?;
    let twice = |(index, it): (usize, &CcnInstance)| instances[..index].iter().any(|a| a.instance_id == it.instance_id);
    if instances.iter().enumerate().any(twice) {
        return Err(ApiError::new("InvalidParameterValue.Duplicate", "An instance is given twice."));
    }
    Ok(())
}

/// What begins when both sides agree.
pub(super) fn attaching(cloud: &Cloud) -> Phase<AttachmentState> {
    let states = (AttachmentState::Attaching, AttachmentState::Active, AttachmentState::Failed);
    cloud.timing.begin(Step::Attach, states.0, states.1, states.2)
}

/// What begins when the owner of the CCN is asked.
pub(super) fn pending(cloud: &Cloud) -> Phase<AttachmentState> {
    let expiry = cloud.settings.request_expiry.after(cloud.timing.now);
    Phase::changing(AttachmentState::Pending, expiry, AttachmentState::Expired)
}

/// Changes the rows of a request's instances.
pub(super) fn change(
    cloud: &mut Cloud,
    ccn_id: &str,
    instances: &[CcnInstance],
    change: impl Fn(&mut Attachment, &CcnInstance),
) {
    for instance in instances {
        if let Some(attachment) = cloud.ccns.attachment_mut(ccn_id, &instance.instance_id) {
            change(attachment, instance);
        }
    }
}

/// The row of an instance, where it is in the right region and, if asked, concerns the account.
pub(super) fn find<'a>(
    cloud: &'a Cloud,
    ccn_id: &str,
    instance: &CcnInstance,
    concerned: Option<&Uin>,
) -> Result<&'a Attachment, ApiError> {
    let found = cloud.ccns.attachment(ccn_id, &instance.instance_id).filter(|it| {
        it.region == instance.instance_region
            && it.phase.state() != AttachmentState::Deleted
            && concerned.is_none_or(|account| it.concerns(account))
    });
    found.ok_or_else(|| {
        let message = format!("The instance `{}` is not attached to `{ccn_id}`.", instance.instance_id);
        ApiError::new("UnsupportedOperation.CcnNotAttached", message)
    })
}

/// Checks that a CCN exists and is the account's.
pub(super) fn check_ccn(cloud: &Cloud, owner: &Uin, ccn_id: &str) -> Result<(), ApiError> {
    check_id("ccn", ccn_id)?;
    cloud.ccns.owned(owner, ccn_id).map(|_| ()).ok_or_else(|| ApiError::not_found(ccn_id))
}

/// Checks that a CCN is the account's, or that a VPC of the account has to do with it.
pub(super) fn check_concerned(cloud: &Cloud, account: &Uin, ccn_id: &str) -> Result<(), ApiError> {
    let mut rows = cloud.ccns.attachments.iter();
    if cloud.ccns.owned(account, ccn_id).is_some() || rows.any(|it| it.ccn_id == ccn_id && it.concerns(account)) {
        return Ok(());
    }
    Err(ApiError::not_found(ccn_id))
}

/// Checks the route table that a request names: a CCN has one.
pub(super) fn check_route_table(cloud: &Cloud, ccn_id: &str, instance: &CcnInstance) -> Result<(), ApiError> {
    let own = cloud.ccns.ccns.get(ccn_id).map(|ccn| ccn.route_table_id.as_str());
    match instance.route_table_id.as_deref() {
        None | Some("") => Ok(()),
        given if given == own => Ok(()),
        _ => {
            let message = "The CCN has no such route table.";
            Err(ApiError::new("UnsupportedOperation.CcnRouteTableNotExist", message))
        }
    }
}

/// How policies name a CCN (CAM documents, vpc).
pub(super) fn ccn_resource(call: &Call<'_>, ccn_id: &str) -> Option<String> {
    let owner = call.cloud.ccns.ccns.get(ccn_id).map(|ccn| ccn.owner.clone()).or_else(|| call.uin().ok())?;
    Some(format!("qcs::vpc::uin/{owner}:ccn/{ccn_id}"))
}

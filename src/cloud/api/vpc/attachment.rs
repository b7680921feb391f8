//! What is attached to a CCN, and how an instance of another account comes to be.
//!
//! The account that owns the instance attaches it, naming the root uin of the CCN's owner; the owner of the CCN accepts
//! or rejects. None of the actions returns a task: look at the state of the attachment.

use serde::{Deserialize, Serialize};

use crate::cloud::api::{Filter, states};

states! {
    /// The state of an attachment (API reference, `CcnAttachedInstance`).
    pub enum AttachmentState {
        /// Waits for the owner of the CCN.
        Pending = "PENDING",
        /// Being attached.
        Attaching = "ATTACHING",
        /// Connected.
        Active = "ACTIVE",
        /// The owner of the CCN did not answer in time; only a reset opens the request again.
        Expired = "EXPIRED",
        /// The owner of the CCN refused.
        Rejected = "REJECTED",
        /// Attaching failed; the cloud detaches the instance after two hours.
        Failed = "FAILED",
        /// Being detached.
        Detaching = "DETACHING",
        /// Detaching failed; the cloud detaches the instance after two hours.
        DetachFailed = "DETACHFAILED",
        /// Detached.
        Deleted = "DELETED",
    }
}

/// An instance to attach, or that is attached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CcnInstance {
    /// For example `vpc-cbk1ksua`.
    pub instance_id: String,
    /// For example `ap-guangzhou`.
    pub instance_region: String,
    /// `VPC`, `DIRECTCONNECT`, `BMVPC` or `VPNGW`; only `VPC` between accounts.
    pub instance_type: String,
    /// What the attachment is for.
    pub description: Option<String>,
    /// The route table of the CCN to use, for example `ccnrtb-gree226l`.
    pub route_table_id: Option<String>,
    /// Who pays: `PayByCcnOwner` or `PayByInstanceOwner`.
    pub order_type: Option<String>,
}

/// Attaches instances; to another account's CCN, it asks that account to accept them.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttachCcnInstances {
    /// The CCN.
    pub ccn_id: String,
    /// The instances, which belong to the caller.
    pub instances: Vec<CcnInstance>,
    /// The root uin of the CCN's owner; the caller's own where absent.
    pub ccn_uin: Option<String>,
}

/// Detaches instances.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DetachCcnInstances {
    /// The CCN.
    pub ccn_id: String,
    /// The instances.
    pub instances: Vec<CcnInstance>,
}

/// Accepts pending requests of other accounts; for the owner of the CCN only.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AcceptAttachCcnInstances {
    /// The CCN.
    pub ccn_id: String,
    /// The instances; a description and a route table can be given here.
    pub instances: Vec<CcnInstance>,
}

/// Rejects pending requests of other accounts; for the owner of the CCN only.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RejectAttachCcnInstances {
    /// The CCN.
    pub ccn_id: String,
    /// The instances.
    pub instances: Vec<CcnInstance>,
}

/// Opens expired requests again; for the owner of the instances.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResetAttachCcnInstances {
    /// The CCN.
    pub ccn_id: String,
    /// The root uin of the CCN's owner.
    pub ccn_uin: String,
    /// The instances.
    pub instances: Vec<CcnInstance>,
}

/// Changes the descriptions of attachments.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyCcnAttachedInstancesAttribute {
    /// The CCN.
    pub ccn_id: String,
    /// The instances, with their descriptions.
    pub instances: Vec<CcnInstance>,
}

/// Lists attachments; the owner of the CCN and the owner of the instance both see one.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeCcnAttachedInstances {
    /// Only those of this CCN.
    pub ccn_id: Option<String>,
    /// By `ccn-id`, `instance-type`, `instance-region` or `instance-id`.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
}

impl DescribeCcnAttachedInstances {
    /// Looks for one attachment. One that is gone makes an empty list.
    pub fn of_instance(ccn_id: &str, instance_type: &str, instance_region: &str, instance_id: &str) -> Self {
        let filters = vec![
            Filter::new("instance-type", instance_type),
            Filter::new("instance-region", instance_region),
            Filter::new("instance-id", instance_id),
        ];
        Self { ccn_id: Some(ccn_id.to_owned()), filters: Some(filters), ..Self::default() }
    }
}

/// The answer of [`DescribeCcnAttachedInstances`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeCcnAttachedInstancesResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The attachments of this page.
    #[serde(default)]
    pub instance_set: Vec<CcnAttachedInstance>,
}

/// An attachment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CcnAttachedInstance {
    /// The CCN.
    pub ccn_id: String,
    /// `VPC`, `DIRECTCONNECT`, `BMVPC` or `VPNGW`.
    pub instance_type: String,
    /// The instance.
    pub instance_id: String,
    /// The instance's name.
    pub instance_name: Option<String>,
    /// The instance's region.
    pub instance_region: String,
    /// The root uin of the instance's owner.
    pub instance_uin: Option<String>,
    /// The CIDRs that the instance brings.
    #[serde(default)]
    pub cidr_block: Vec<String>,
    /// The state.
    pub state: AttachmentState,
    /// When it was attached, for example `2018-09-21 14:09:53`.
    pub attached_time: Option<String>,
    /// The root uin of the CCN's owner.
    pub ccn_uin: Option<String>,
    /// What the attachment is for.
    pub description: Option<String>,
    /// The route table of the CCN in use.
    pub route_table_id: Option<String>,
}

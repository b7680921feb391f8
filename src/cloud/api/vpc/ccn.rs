//! Cloud Connect Networks.

use serde::{Deserialize, Serialize};

use crate::cloud::api::{Filter, states};
use crate::cloud::tags::Tag;

states! {
    /// The state of a CCN (API reference, `CCN`).
    pub enum CcnState {
        /// In order.
        Available = "AVAILABLE",
        /// Cut off, because the account is in arrears.
        Isolated = "ISOLATED",
    }
}

/// A CCN.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ccn {
    /// The ID, for example `ccn-gree226l`.
    pub ccn_id: String,
    /// The name; it need not be unique.
    pub ccn_name: String,
    /// What the CCN is for.
    pub ccn_description: Option<String>,
    /// How many instances are attached.
    pub instance_count: Option<u64>,
    /// When it was created, for example `2018-09-21 14:09:53`.
    pub create_time: Option<String>,
    /// The state.
    pub state: CcnState,
    /// The service level: `PT`, `AU` or `AG`.
    pub qos_level: Option<String>,
    /// `PREPAID` or `POSTPAID`.
    pub instance_charge_type: Option<String>,
    /// `BANDWIDTH` or `TRAFFIC`.
    pub instance_metering_type: Option<String>,
    /// `OUTER_REGION_LIMIT` or `INTER_REGION_LIMIT`.
    pub bandwidth_limit_type: Option<String>,
    /// The tags that were bound when the CCN was created, or are bound now.
    #[serde(default)]
    pub tag_set: Vec<Tag>,
    /// Whether routes of equal cost are all used.
    #[serde(rename = "RouteECMPFlag")]
    pub route_ecmp_flag: Option<bool>,
    /// Whether routes may overlap.
    pub route_overlap_flag: Option<bool>,
}

/// Creates a CCN. Names are not unique and there is no client token: a [mark](crate::cloud::mark) finds a lost one.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateCcn {
    /// The name, up to 60 bytes.
    pub ccn_name: String,
    /// What the CCN is for, up to 100 bytes.
    pub ccn_description: Option<String>,
    /// The service level: `PT`, `AU` (where absent) or `AG`.
    pub qos_level: Option<String>,
    /// `PREPAID` or `POSTPAID` (where absent).
    pub instance_charge_type: Option<String>,
    /// `BANDWIDTH` or `TRAFFIC`.
    pub instance_metering_type: Option<String>,
    /// `OUTER_REGION_LIMIT` (where absent) or `INTER_REGION_LIMIT`, the only one for a prepaid CCN.
    pub bandwidth_limit_type: Option<String>,
    /// The tags to bind.
    pub tags: Option<Vec<Tag>>,
}

/// The answer of [`CreateCcn`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateCcnResponse {
    /// The new CCN.
    pub ccn: Ccn,
}

/// Lists the caller's own CCNs. IDs and filters exclude each other.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeCcns {
    /// Only these CCNs, up to 100.
    pub ccn_ids: Option<Vec<String>>,
    /// By `ccn-id`, `ccn-name`, `ccn-description`, `state`, `tag-key` or `tag:<key>`.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
}

impl DescribeCcns {
    /// Looks for one CCN. A CCN that is gone, or another account's, makes an empty list.
    pub fn by_id(ccn_id: &str) -> Self {
        Self { filters: Some(vec![Filter::new("ccn-id", ccn_id)]), ..Self::default() }
    }
}

/// The answer of [`DescribeCcns`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeCcnsResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The CCNs of this page.
    #[serde(default)]
    pub ccn_set: Vec<Ccn>,
}

/// Changes what may be changed of a CCN; what is `None` stays.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyCcnAttribute {
    /// The CCN.
    pub ccn_id: String,
    /// The name; the reference asks for this or the description, whatever else is changed.
    pub ccn_name: Option<String>,
    /// What the CCN is for; an empty text removes it.
    pub ccn_description: Option<String>,
    /// Whether routes of equal cost are all used.
    #[serde(rename = "RouteECMPFlag")]
    pub route_ecmp_flag: Option<bool>,
    /// Whether routes may overlap; it cannot be switched off.
    pub route_overlap_flag: Option<bool>,
}

/// Changes how the bandwidth of a postpaid CCN is limited.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyCcnRegionBandwidthLimitsType {
    /// The CCN.
    pub ccn_id: String,
    /// `OUTER_REGION_LIMIT` or `INTER_REGION_LIMIT`.
    pub bandwidth_limit_type: Option<String>,
}

/// Deletes a CCN, which must have no attachment left.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteCcn {
    /// The CCN.
    pub ccn_id: String,
}

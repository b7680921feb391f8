//! The routes of a CCN.

use serde::{Deserialize, Serialize};

use crate::cloud::api::Filter;

/// Lists the routes of a CCN. IDs and filters exclude each other.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeCcnRoutes {
    /// The CCN.
    pub ccn_id: String,
    /// Only these routes.
    pub route_ids: Option<Vec<String>>,
    /// By `route-id`, `cidr-block`, `instance-type`, `instance-region`, `instance-id` or `route-table-id`.
    pub filters: Option<Vec<Filter>>,
    /// How many to skip.
    pub offset: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
}

/// The answer of [`DescribeCcnRoutes`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeCcnRoutesResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The routes of this page.
    #[serde(default)]
    pub route_set: Vec<CcnRoute>,
}

/// A route of a CCN.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CcnRoute {
    /// For example `ccnr-gree226l`.
    pub route_id: String,
    /// Where it leads to.
    pub destination_cidr_block: String,
    /// The type of the instance that brought it.
    pub instance_type: Option<String>,
    /// The instance that brought it.
    pub instance_id: String,
    /// The instance's name.
    pub instance_name: Option<String>,
    /// The instance's region.
    pub instance_region: Option<String>,
    /// The root uin of the instance's owner.
    pub instance_uin: Option<String>,
    /// Whether it is used; a route that overlaps another one is not.
    pub enabled: bool,
    /// When it was changed last.
    pub update_time: Option<String>,
    /// For example `Running`.
    pub extra_state: Option<String>,
    /// The route table that it is in.
    pub route_table_id: Option<String>,
}

/// Switches routes on. If one of them overlaps another route, all stay off.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EnableCcnRoutes {
    /// The CCN.
    pub ccn_id: String,
    /// The routes.
    pub route_ids: Vec<String>,
}

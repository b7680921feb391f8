//! Cloud Connect Networks themselves.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::list::{self, Filter};
use super::super::{check_id, check_length, check_one_of};
use super::{Tag, add_tags, tag_set, tag_values};
use crate::clock::beijing;
use crate::front::{Action, Answer, ApiError, Call};
use crate::ids;
use crate::state::{AttachmentState, Ccn, Cloud, Tagged, Uin};

/// Makes a CCN. Names need not be unique.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateCcn {
    ccn_name: String,
    #[serde(default)]
    ccn_description: String,
    qos_level: Option<String>,
    instance_charge_type: Option<String>,
    instance_metering_type: Option<String>,
    bandwidth_limit_type: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Action for CreateCcn {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        let ccn = self.ccn(call.cloud, &owner)?;
        let quota = call.cloud.quotas.ccns;
        if call.cloud.ccns.ccns.values().filter(|it| it.owner == owner).count() >= quota {
            return Err(ApiError::quota("CCNs", quota));
        }
        add_tags(call.cloud, tagged(&ccn), self.tags);
        let answer = json!({ "Ccn": view(call.cloud, &ccn) });
        call.cloud.ccns.ccns.insert(ccn.id.clone(), ccn);
        Ok(answer)
    }
}

impl CreateCcn {
    fn ccn(&self, cloud: &Cloud, owner: &Uin) -> Result<Ccn, ApiError> {
        check_texts(Some(&self.ccn_name), Some(&self.ccn_description))?;
        let one_of = |what: &str, given: &Option<String>, known: &[&str]| {
            let text = given.as_deref().unwrap_or(known[0]);
            check_one_of(what, text, known).map(|()| text.to_owned())
        };
        let charge_type = one_of("InstanceChargeType", &self.instance_charge_type, &["POSTPAID", "PREPAID"])?;
        let bandwidth_limit_type = one_of("BandwidthLimitType", &self.bandwidth_limit_type, &LIMIT_TYPES)?;
        if charge_type == "PREPAID" && bandwidth_limit_type != "INTER_REGION_LIMIT" {
            return Err(ApiError::new(
                "UnsupportedOperation.PrepaidCcnOnlySupportInterRegionLimit",
                "A prepaid CCN supports the limit between regions only.",
            ));
        }
        Ok(Ccn {
            id: ids::resource("ccn"),
            owner: owner.clone(),
            name: self.ccn_name.clone(),
            description: self.ccn_description.clone(),
            qos: one_of("QosLevel", &self.qos_level, &["AU", "PT", "AG"])?,
            charge_type,
            metering_type: one_of("InstanceMeteringType", &self.instance_metering_type, &["BANDWIDTH", "TRAFFIC"])?,
            bandwidth_limit_type,
            ecmp: false,
            overlap: false,
            route_table_id: ids::resource("ccnrtb"),
            created: cloud.timing.now,
            routes: Vec::new(),
        })
    }
}

/// The first is the default.
const LIMIT_TYPES: [&str; 2] = ["OUTER_REGION_LIMIT", "INTER_REGION_LIMIT"];

/// Lists the caller's own CCNs.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeCcns {
    #[serde(default)]
    ccn_ids: Vec<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    offset: Option<u64>,
    limit: Option<u64>,
    order_field: Option<String>,
    order_direction: Option<String>,
}

impl Action for DescribeCcns {
    fn run(self, call: &mut Call<'_>) -> Answer {
        list::check_either(&self.ccn_ids, &self.filters)?;
        let known = ["ccn-id", "ccn-name", "ccn-description", "state", "tag-key", "tag:"];
        list::check_filters(&self.filters, &known)?;
        self.ccn_ids.iter().try_for_each(|id| check_id("ccn", id))?;
        let (cloud, owner) = (&*call.cloud, call.uin()?);
        let wanted = |ccn: &&Ccn| {
            ccn.owner == owner
                && (self.ccn_ids.is_empty() || self.ccn_ids.contains(&ccn.id))
                && list::keeps(&self.filters, |name| filter_values(cloud, ccn, name))
        };
        let mut ccns: Vec<&Ccn> = cloud.ccns.ccns.values().filter(wanted).collect();
        match self.order_field.as_deref() {
            Some("CcnName") => ccns.sort_by(|a, b| a.name.cmp(&b.name)),
            Some("CcnId" | "State" | "QosLevel") => {}
            _ => ccns.sort_by_key(|ccn| ccn.created),
        }
        if self.order_direction.as_deref() == Some("DESC") {
            ccns.reverse();
        }
        let page = list::page(ccns, self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(|ccn| view(cloud, ccn)).collect();
        Ok(json!({ "TotalCount": page.total, "CcnSet": set }))
    }
}

fn filter_values(cloud: &Cloud, ccn: &Ccn, name: &str) -> Vec<String> {
    match name {
        "ccn-id" => vec![ccn.id.clone()],
        "ccn-name" => vec![ccn.name.clone()],
        "ccn-description" => vec![ccn.description.clone()],
        "state" => vec!["AVAILABLE".into()],
        tag => tag_values(cloud, &tagged(ccn), tag),
    }
}

/// Changes a CCN. Overlapping routes, once allowed, stay allowed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ModifyCcnAttribute {
    ccn_id: String,
    ccn_name: Option<String>,
    ccn_description: Option<String>,
    #[serde(rename = "RouteECMPFlag")]
    route_ecmp_flag: Option<bool>,
    route_overlap_flag: Option<bool>,
}

impl Action for ModifyCcnAttribute {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_texts(self.ccn_name.as_ref(), self.ccn_description.as_ref())?;
        let ccn = owned(call, &self.ccn_id)?;
        if ccn.overlap && self.route_overlap_flag == Some(false) {
            return Err(ApiError::new(
                "UnsupportedOperation.CcnRouteOverlapFlagDisableNotSupported",
                "Overlapping routes cannot be forbidden once they are allowed.",
            ));
        }
        ccn.overlap = self.route_overlap_flag.unwrap_or(ccn.overlap);
        ccn.ecmp = self.route_ecmp_flag.unwrap_or(ccn.ecmp);
        ccn.name = self.ccn_name.unwrap_or_else(|| ccn.name.clone());
        ccn.description = self.ccn_description.unwrap_or_else(|| ccn.description.clone());
        Ok(json!({}))
    }
}

/// Changes how a CCN's bandwidth is limited; postpaid ones only.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ModifyCcnRegionBandwidthLimitsType {
    ccn_id: String,
    bandwidth_limit_type: Option<String>,
}

impl Action for ModifyCcnRegionBandwidthLimitsType {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let limit_type = self.bandwidth_limit_type.unwrap_or_else(|| LIMIT_TYPES[0].into());
        check_one_of("BandwidthLimitType", &limit_type, &LIMIT_TYPES)?;
        let ccn = owned(call, &self.ccn_id)?;
        if ccn.charge_type != "POSTPAID" {
            return Err(ApiError::new(
                "UnsupportedOperation.NotPostpaidCcnOperation",
                "The limit of a prepaid CCN cannot be changed.",
            ));
        }
        ccn.bandwidth_limit_type = limit_type;
        Ok(json!({}))
    }
}

/// Deletes a CCN without instances.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteCcn {
    ccn_id: String,
}

impl Action for DeleteCcn {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let ccn = owned(call, &self.ccn_id)?;
        let resource = tagged(ccn);
        let attachments = &mut call.cloud.ccns.attachments;
        let exists = |state: AttachmentState| state != AttachmentState::Deleted;
        if attachments.iter().any(|it| it.ccn_id == self.ccn_id && exists(it.phase.state())) {
            return Err(ApiError::new(
                "UnsupportedOperation.ExistCcnInstancesNotSupportDeleteCcn",
                "A CCN with instances cannot be deleted.",
            ));
        }
        attachments.retain(|it| it.ccn_id != self.ccn_id);
        call.cloud.ccns.ccns.remove(&self.ccn_id);
        call.cloud.tags.forget(&resource);
        Ok(json!({}))
    }
}

/// The caller's own CCN, to change it.
fn owned<'a>(call: &'a mut Call<'_>, ccn_id: &str) -> Result<&'a mut Ccn, ApiError> {
    check_id("ccn", ccn_id)?;
    let owner = call.uin()?;
    call.cloud.ccns.owned_mut(&owner, ccn_id).ok_or_else(|| ApiError::not_found(ccn_id))
}

fn check_texts(name: Option<&String>, description: Option<&String>) -> Result<(), ApiError> {
    name.map_or(Ok(()), |name| check_length("CcnName", name, 60))?;
    description.map_or(Ok(()), |text| check_length("CcnDescription", text, 100))
}

fn tagged(ccn: &Ccn) -> Tagged {
    Tagged::new(&ccn.owner, "vpc", "ccn", &ccn.id)
}

fn view(cloud: &Cloud, ccn: &Ccn) -> Value {
    let instances = cloud.ccns.attachments.iter().filter(|it| it.ccn_id == ccn.id).count();
    json!({
        "CcnId": ccn.id,
        "CcnName": ccn.name,
        "CcnDescription": ccn.description,
        "InstanceCount": instances,
        "CreateTime": beijing(ccn.created),
        "State": "AVAILABLE",
        "QosLevel": ccn.qos,
        "InstanceChargeType": ccn.charge_type,
        "InstanceMeteringType": ccn.metering_type,
        "BandwidthLimitType": ccn.bandwidth_limit_type,
        "TagSet": tag_set(cloud, &tagged(ccn)),
        "RoutePriorityFlag": false,
        "RouteTableCount": 1,
        "RouteTableFlag": false,
        "IsSecurityLock": false,
        "RouteBroadcastPolicyFlag": false,
        "RouteECMPFlag": ccn.ecmp,
        "RouteOverlapFlag": ccn.overlap,
        "TrafficMarkingPolicyFlag": false,
        "RouteSelectPolicyFlag": false,
        "DirectConnectAccelerateChannelFlag": false,
        "Ipv6Flag": false,
    })
}

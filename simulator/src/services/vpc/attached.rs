//! What is attached to CCNs, as both sides see it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::check_id;
use super::super::list::{self, Filter};
use super::instances::{self, CcnInstance};
use crate::clock::beijing;
use crate::front::{Action, Answer, Call};
use crate::state::{Attachment, Cloud};

/// Changes the descriptions of attachments. Both sides can.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ModifyCcnAttachedInstancesAttribute {
    ccn_id: String,
    instances: Vec<CcnInstance>,
}

impl Action for ModifyCcnAttachedInstancesAttribute {
    fn run(self, call: &mut Call<'_>) -> Answer {
        instances::check_instances(&self.instances)?;
        check_id("ccn", &self.ccn_id)?;
        let caller = call.uin()?;
        instances::check_concerned(call.cloud, &caller, &self.ccn_id)?;
        for instance in &self.instances {
            instances::find(call.cloud, &self.ccn_id, instance, Some(&caller))?;
        }
        instances::change(call.cloud, &self.ccn_id, &self.instances, |it, instance| {
            it.description = instance.description.clone().unwrap_or_default();
        });
        Ok(json!({}))
    }
}

/// Lists the attachments whose CCN or VPC is the caller's.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeCcnAttachedInstances {
    offset: Option<u64>,
    limit: Option<u64>,
    #[serde(default)]
    filters: Vec<Filter>,
    ccn_id: Option<String>,
    order_field: Option<String>,
    order_direction: Option<String>,
}

impl Action for DescribeCcnAttachedInstances {
    fn run(self, call: &mut Call<'_>) -> Answer {
        list::check_filters(&self.filters, &["ccn-id", "instance-type", "instance-region", "instance-id"])?;
        self.ccn_id.iter().try_for_each(|id| check_id("ccn", id))?;
        let (cloud, caller) = (&*call.cloud, call.uin()?);
        let wanted = |it: &&Attachment| {
            it.concerns(&caller)
                && self.ccn_id.as_ref().is_none_or(|id| *id == it.ccn_id)
                && list::keeps(&self.filters, |name| vec![filter_value(it, name).to_owned()])
        };
        let mut rows: Vec<&Attachment> = cloud.ccns.attachments.iter().filter(wanted).collect();
        match self.order_field.as_deref() {
            Some("CcnId") => rows.sort_by(|a, b| a.ccn_id.cmp(&b.ccn_id)),
            Some("InstanceId" | "InstanceName") => rows.sort_by(|a, b| a.vpc_id.cmp(&b.vpc_id)),
            Some("InstanceRegion") => rows.sort_by(|a, b| a.region.cmp(&b.region)),
            _ => rows.sort_by_key(|it| it.attached),
        }
        if self.order_direction.as_deref() == Some("DESC") {
            rows.reverse();
        }
        let page = list::page(rows, self.offset, self.limit)?;
        let set: Value = page.items.into_iter().map(|it| view(cloud, it)).collect();
        Ok(json!({ "TotalCount": page.total, "InstanceSet": set }))
    }
}

fn filter_value<'a>(attachment: &'a Attachment, name: &str) -> &'a str {
    match name {
        "ccn-id" => &attachment.ccn_id,
        "instance-type" => "VPC",
        "instance-region" => &attachment.region,
        _ => &attachment.vpc_id,
    }
}

fn view(cloud: &Cloud, attachment: &Attachment) -> Value {
    let vpc = cloud.networks.vpcs.get(&attachment.vpc_id);
    let ccn = cloud.ccns.ccns.get(&attachment.ccn_id);
    json!({
        "CcnId": attachment.ccn_id,
        "InstanceType": "VPC",
        "InstanceId": attachment.vpc_id,
        "InstanceName": vpc.map(|vpc| vpc.name.as_str()).unwrap_or_default(),
        "InstanceRegion": attachment.region,
        "InstanceUin": attachment.vpc_owner,
        "CidrBlock": vpc.map(|vpc| vec![vpc.cidr]).unwrap_or_default(),
        "State": attachment.phase.state(),
        "AttachedTime": beijing(attachment.attached),
        "CcnUin": attachment.ccn_owner,
        "InstanceArea": "",
        "Description": attachment.description,
        "RouteTableId": ccn.map(|ccn| ccn.route_table_id.as_str()).unwrap_or_default(),
        "RouteTableName": DEFAULT_TABLE,
    })
}

/// The name of the route table that every CCN has (API reference, sample of `DescribeCcnRouteTables`).
pub(super) const DEFAULT_TABLE: &str = "_default_rtb";

//! tag: the tags of any resource (API reference, tag 2018-08-13).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::list;
use crate::front::{Action, Answer, ApiError, Call, RegionRule, Service};
use crate::state::{Tagged, Uin};

pub(super) fn service() -> Service {
    Service::new("tag", "2018-08-13", RegionRule::Ignored)
        .read::<DescribeResourceTagsByResourceIds>("DescribeResourceTagsByResourceIds")
        .ignoring(&["Category"])
        .write::<ModifyResourceTags>("ModifyResourceTags")
}

/// Lists the tags of resources of one kind.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DescribeResourceTagsByResourceIds {
    service_type: String,
    resource_prefix: String,
    resource_ids: Vec<String>,
    resource_region: String,
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeResourceTagsByResourceIds {
    fn run(self, call: &mut Call<'_>) -> Answer {
        if self.resource_region.is_empty() {
            return Err(ApiError::new("InvalidParameterValue.RegionInvalid", "`ResourceRegion` is empty."));
        }
        let (cloud, owner) = (&*call.cloud, call.uin()?);
        let (offset, limit) = (self.offset.unwrap_or(0), self.limit.unwrap_or(15));
        let mut tags: Vec<Value> = Vec::new();
        for id in &self.resource_ids {
            let resource = Tagged::new(&owner, &self.service_type, &self.resource_prefix, id);
            let row = |(key, value)| {
                json!({
                    "TagKey": key,
                    "TagValue": value,
                    "ResourceId": id,
                    "TagKeyMd5": "",
                    "TagValueMd5": "",
                    "ServiceType": self.service_type,
                    "Category": "Custom",
                })
            };
            tags.extend(cloud.tags.of(&resource).map(row));
        }
        let page = list::page_within(tags, Some(offset), Some(limit), 15, 1000)?;
        Ok(json!({ "TotalCount": page.total, "Offset": offset, "Limit": limit, "Tags": page.items }))
    }
}

/// Changes the tags of a resource, named in six segments: `qcs::vpc:ap-guangzhou:uin/:ccn/ccn-0a1b2c3d`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ModifyResourceTags {
    resource: String,
    #[serde(default)]
    replace_tags: Vec<ReplaceTag>,
    #[serde(default)]
    delete_tags: Vec<DeleteTag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ReplaceTag {
    tag_key: String,
    tag_value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeleteTag {
    tag_key: String,
}

impl Action for ModifyResourceTags {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        let resource = parse(&owner, &self.resource).ok_or_else(|| {
            let message = format!("`{}` is not a six-segment name of the caller's own.", self.resource);
            ApiError::new("InvalidParameterValue.ResourceDescriptionError", message)
        })?;
        let replaced: BTreeMap<String, String> =
            self.replace_tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect();
        if self.delete_tags.iter().any(|tag| replaced.contains_key(&tag.tag_key)) {
            let message = "A tag is both replaced and deleted.";
            return Err(ApiError::new("InvalidParameterValue.DeleteTagsParamError", message));
        }
        self.delete_tags.iter().for_each(|tag| call.cloud.tags.remove(&resource, &tag.tag_key));
        call.cloud.tags.set(resource, replaced);
        Ok(json!({}))
    }
}

/// Reads a six-segment name. The account may be left out.
fn parse(owner: &Uin, name: &str) -> Option<Tagged> {
    let segments: Vec<&str> = name.splitn(6, ':').collect();
    let ["qcs", _, service, _, account, resource] = segments[..] else { return None };
    let account = account.strip_prefix("uin/")?;
    let (prefix, id) = resource.split_once('/')?;
    (account.is_empty() || account == owner.as_str()).then(|| Tagged::new(owner, service, prefix, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_six_segment_name_is_read_with_and_without_the_account() {
        let owner = Uin::from("1");
        let expected = Some(Tagged::new(&owner, "vpc", "ccn", "ccn-0a1b2c3d"));
        assert_eq!(parse(&owner, "qcs::vpc:ap-guangzhou:uin/:ccn/ccn-0a1b2c3d"), expected);
        assert_eq!(parse(&owner, "qcs::vpc:ap-guangzhou:uin/1:ccn/ccn-0a1b2c3d"), expected);
        for name in ["qcs::vpc:ap-guangzhou:uin/2:ccn/ccn-0a1b2c3d", "ccn-0a1b2c3d", "qcs::vpc::uin/:ccn"] {
            assert_eq!(parse(&owner, name), None, "{name}");
        }
    }
}

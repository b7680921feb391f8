//! Tag service (`tag`): the tags of resources of any service.

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::cloud::action::actions;

actions! { "tag", "2018-08-13";
    Read DescribeResourceTagsByResourceIds -> DescribeResourceTagsByResourceIdsResponse,
    Write ModifyResourceTags -> Empty,
}

/// Lists the tags of resources of one kind.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeResourceTagsByResourceIds {
    /// The service, for example `vpc`.
    pub service_type: String,
    /// The kind, for example `ccn`.
    pub resource_prefix: String,
    /// The resources.
    pub resource_ids: Vec<String>,
    /// The region of the resources.
    pub resource_region: String,
    /// How many tags to skip: a multiple of `limit`.
    pub offset: Option<u64>,
    /// How many tags to return at most.
    pub limit: Option<u64>,
}

/// The answer of [`DescribeResourceTagsByResourceIds`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeResourceTagsByResourceIdsResponse {
    /// How many there are in all.
    pub total_count: u64,
    /// The tags of this page.
    #[serde(default)]
    pub tags: Vec<TagResource>,
}

/// A tag of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagResource {
    /// The tag's name.
    pub tag_key: String,
    /// The tag's value.
    pub tag_value: String,
    /// The resource that has the tag.
    pub resource_id: String,
}

impl From<TagResource> for (String, String) {
    fn from(TagResource { tag_key, tag_value, .. }: TagResource) -> Self {
        (tag_key, tag_value)
    }
}

/// Sets and removes tags of one resource.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyResourceTags {
    /// The resource's name in six segments.
    pub resource: String,
    /// The tags to set.
    pub replace_tags: Option<Vec<TagPair>>,
    /// The tags to remove.
    pub delete_tags: Option<Vec<TagKeyObject>>,
}

/// A tag with its value, as this service and the load balancer's (`TagInfo`) write it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagPair {
    /// The tag's name.
    pub tag_key: String,
    /// The tag's value.
    pub tag_value: String,
}

impl From<TagPair> for (String, String) {
    fn from(TagPair { tag_key, tag_value }: TagPair) -> Self {
        (tag_key, tag_value)
    }
}

/// The name of a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagKeyObject {
    /// The tag's name.
    pub tag_key: String,
}

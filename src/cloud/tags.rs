//! Tags: as maps, without our own marks, and how to change them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::api::tag::{ModifyResourceTags, TagKeyObject, TagPair};
use super::client::Client;
use super::error::Error;
use super::mark;
use crate::scope::Scope;

/// A tag, as most services write it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// The name.
    pub key: String,
    /// The value; it may be empty.
    #[serde(default)]
    pub value: String,
}

impl From<Tag> for (String, String) {
    fn from(Tag { key, value }: Tag) -> Self {
        (key, value)
    }
}

/// The tags of a map, as most services take them.
pub fn from_map(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// The tags that users know of: all but our [creation marks](mark).
pub fn without_marks(tags: impl IntoIterator<Item: Into<(String, String)>>) -> BTreeMap<String, String> {
    tags.into_iter().map(Into::into).filter(|(key, _)| key != mark::KEY).collect()
}

/// The name of a resource for [`Client::change_tags`], in its six segments: `resource` is such as `ccn/ccn-gree226l`.
/// The account is left empty, which stands for the caller's own (as the stock provider names resources).
pub fn resource_name(service: &str, region: &str, resource: &str) -> String {
    format!("qcs::{service}:{region}:uin/:{resource}")
}

impl Client {
    /// Changes the tags of a resource from `before` to `after`, leaving tags that are in neither as they are. `resource`
    /// is the resource's name in six segments, see [`resource_name`]. Sends nothing where nothing changes.
    ///
    /// # Errors
    /// As of [`Client::send`].
    ///
    /// # Cancellation
    /// As of [`Client::send`] for a write.
    pub async fn change_tags(
        &self,
        scope: &Scope,
        resource: &str,
        before: &BTreeMap<String, String>,
        after: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        match change(resource, before, after) {
            Some(request) => self.send(scope, &request).await.map(drop),
            None => Ok(()),
        }
    }
}

fn change(
    resource: &str,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Option<ModifyResourceTags> {
    let changed = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
    let pair = |(key, value): (&String, &String)| TagPair { tag_key: key.clone(), tag_value: value.clone() };
    let replace_tags = some(changed.map(pair).collect());
    let removed = before.keys().filter(|key| !after.contains_key(*key));
    let delete_tags = some(removed.map(|key| TagKeyObject { tag_key: key.clone() }).collect());
    let changes = replace_tags.is_some() || delete_tags.is_some();
    changes.then(|| ModifyResourceTags { resource: resource.to_owned(), replace_tags, delete_tags })
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::cloud::script::{Script, accept};

    fn map<const N: usize>(tags: [(&str, &str); N]) -> BTreeMap<String, String> {
        tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn only_what_differs_is_changed() {
        let before = map([("keep", "1"), ("change", "1"), ("remove", "1")]);
        let after = map([("keep", "1"), ("change", "2"), ("add", "")]);
        let request = change("qcs::vpc:ap-guangzhou:uin/:ccn/ccn-1", &before, &after).expect("there are changes");
        let replaced = request.replace_tags.unwrap_or_default().into_iter().map(Into::into);
        assert_eq!(replaced.collect::<BTreeMap<String, String>>(), map([("add", ""), ("change", "2")]));
        let deleted = request.delete_tags.unwrap_or_default().into_iter().map(|tag| tag.tag_key);
        assert_eq!(deleted.collect::<Vec<_>>(), ["remove"]);
    }

    #[test]
    fn a_list_of_no_changes_is_not_sent() {
        let request = change("r", &BTreeMap::new(), &map([("a", "1")])).expect("there is a change");
        assert_eq!(request.delete_tags, None);
    }

    #[tokio::test(start_paused = true)]
    async fn tags_are_changed_by_the_resources_name() {
        let script = Script::new([accept(json!({}))]);
        let (scope, client) = (Scope::unstopped(Duration::from_secs(60)), script.client());
        let name = "qcs::vpc:ap-guangzhou:uin/:ccn/ccn-1";
        client.change_tags(&scope, name, &map([("a", "1")]), &map([("b", "2")])).await.expect("it is accepted");
        let expected = json!({
            "Resource": name, "ReplaceTags": [{"TagKey": "b", "TagValue": "2"}], "DeleteTags": [{"TagKey": "a"}],
        });
        assert_eq!(script.seen()[0].body(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_differs_nothing_is_sent() {
        let (scope, client) = (Scope::unstopped(Duration::from_secs(60)), Script::new([]).client());
        for tags in [map([("a", "1")]), BTreeMap::new()] {
            client.change_tags(&scope, "r", &tags, &tags).await.expect("nothing is to do");
        }
    }

    #[test]
    fn marks_are_not_shown() {
        let tags = [("team", "network"), (mark::KEY, "0123456789abcdef")];
        let tags = tags.map(|(key, value)| Tag { key: key.into(), value: value.into() });
        assert_eq!(without_marks(tags), map([("team", "network")]));
    }

    #[test]
    fn a_resource_name_has_six_segments() {
        let name = resource_name("vpc", "ap-guangzhou", "ccn/ccn-gree226l");
        assert_eq!(name, "qcs::vpc:ap-guangzhou:uin/:ccn/ccn-gree226l");
    }
}

//! Marks on what we create, by which it is found again when the answer to its creation was lost.
//!
//! Names are not unique in this API, and most creates have no client token. So a create carries a mark: as a tag where
//! the object has tags, else as a text in its description. The mark is kept in private state before the create is sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::api::Filter;
use super::api::vpc::{Ccn, DescribeCcns};
use super::client::Client;
use super::error::Error;
use super::page;
use super::tags::Tag;
use crate::scope::Scope;

/// The key of the tag that is a mark.
pub const KEY: &str = "tcmesh-create";

/// A mark: a random text that no other create has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mark(String);

impl Mark {
    /// A new mark.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn random() -> Result<Self, Error> {
        match getrandom::u64() {
            Ok(nonce) => Ok(Self(format!("{nonce:016x}"))),
            Err(error) => Err(Error::Configuration {
                argument: "operating system".to_owned(),
                problem: format!("it has no randomness to give: {error}"),
            }),
        }
    }

    /// The mark as a tag.
    pub fn tag(&self) -> Tag {
        Tag { key: KEY.to_owned(), value: self.0.clone() }
    }

    /// The mark as a short text, for descriptions: `tcmesh-create:0123456789abcdef`.
    pub fn text(&self) -> String {
        format!("{KEY}:{self}")
    }

    /// Whether one of `tags` is this mark.
    pub fn is_on<T: Clone + Into<(String, String)>>(&self, tags: &[T]) -> bool {
        tags.iter().cloned().map(Into::into).any(|(key, value)| key == KEY && value == self.0)
    }

    /// The CCN that was created with this mark, if there is one.
    ///
    /// # Errors
    /// As of [`Client::send`].
    pub async fn find_ccn(&self, scope: &Scope, client: &Client) -> Result<Option<Ccn>, Error> {
        let filters = Some(vec![Filter::new(format!("tag:{KEY}"), &self.0)]);
        let found = page::all(scope, client, DescribeCcns { filters, ..DescribeCcns::default() }).await?;
        // An API that does not know the filter would answer with every CCN.
        Ok(found.into_iter().find(|ccn| self.is_on(&ccn.tag_set)))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::cloud::script::{Script, accept};

    fn scope() -> Scope {
        Scope::unstopped(Duration::from_secs(600))
    }

    fn ccn(id: &str, mark: &str) -> serde_json::Value {
        json!({"CcnId": id, "CcnName": "hub", "State": "AVAILABLE", "TagSet": [{"Key": KEY, "Value": mark}]})
    }

    #[tokio::test(start_paused = true)]
    async fn a_ccn_is_found_by_its_mark_and_not_by_its_name() {
        let rows = [ccn("ccn-1", "fedcba9876543210"), ccn("ccn-2", "0123456789abcdef")];
        let script = Script::new([accept(json!({"TotalCount": 2, "CcnSet": rows}))]);
        let mark = Mark("0123456789abcdef".into());
        let found = mark.find_ccn(&scope(), &script.client()).await.expect("an answer");
        assert_eq!(found.map(|ccn| ccn.ccn_id).as_deref(), Some("ccn-2"));
        let filters = json!([{"Name": "tag:tcmesh-create", "Values": ["0123456789abcdef"]}]);
        assert_eq!(script.seen()[0].body()["Filters"], filters);
    }

    #[tokio::test(start_paused = true)]
    async fn where_no_ccn_has_the_mark_none_is_found() {
        let script = Script::new([accept(json!({"TotalCount": 0}))]);
        let found = Mark("0123456789abcdef".into()).find_ccn(&scope(), &script.client()).await;
        assert_eq!(found.expect("an answer"), None);
    }

    #[test]
    fn two_marks_differ() {
        let [one, other] = [Mark::random(), Mark::random()].map(|mark| mark.expect("the system has randomness"));
        assert_ne!(one, other);
        assert_eq!(one.to_string().len(), 16);
    }

    #[test]
    fn a_mark_is_recognised_among_tags_and_by_nothing_else() {
        let mark = Mark("0123456789abcdef".into());
        let other = Tag { key: "team".into(), value: "0123456789abcdef".into() };
        assert!(mark.is_on(&[other.clone(), mark.tag()]));
        assert!(!mark.is_on(&[other]));
        assert_eq!(mark.text(), "tcmesh-create:0123456789abcdef");
    }

    #[test]
    fn a_mark_survives_private_state() {
        let mark = Mark("0123456789abcdef".into());
        let kept = serde_json::to_value(&mark).expect("a string");
        assert_eq!(serde_json::from_value::<Mark>(kept).ok(), Some(mark));
    }
}

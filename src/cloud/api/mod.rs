//! The actions of the API, one file or directory a product. Types and fields are named as the API reference names them.
//!
//! Requests leave out what is `None`. In answers, members that decide something (IDs, states) are required, so that an
//! answer without them is an error and not an empty text; the others are options or empty lists.

pub mod cam;
pub mod clb;
pub mod dnspod;
mod states;
pub mod sts;
pub mod tag;
pub mod tcm;
pub mod tdcc;
pub mod tke;
pub mod vpc;

pub(crate) use states::states;

use serde::{Deserialize, Serialize};

use super::tags::Tag;

/// The answer of an action that answers nothing but its request ID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Empty {}

/// Lets through what has one of the values; several filters of a request must all let it through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Filter {
    /// What to look at, for example `instance-id`.
    pub name: String,
    /// The values.
    pub values: Vec<String>,
}

impl Filter {
    /// A filter for a single value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), values: vec![value.into()] }
    }
}

/// The tags of one kind of resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagSpecification {
    /// The kind, for example `cluster`.
    pub resource_type: String,
    /// The tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::cloud::action::Action;
    use crate::cloud::json;

    /// What the vendor's own client sent in the signing vector `id`: service, version, action and body.
    fn sent_by_the_vendor(id: &str) -> (String, String, String, Value) {
        let file: Value = serde_json::from_str(include_str!("../../../tests/data/tc3-vectors.json")).expect("JSON");
        let vectors = file["vectors"].as_array().expect("a list");
        let vector = vectors.iter().find(|vector| vector["id"] == id).expect("the vector is there");
        let text = |name: &str| vector[name].as_str().expect("a text").to_owned();
        (text("service"), text("version"), text("action"), serde_json::from_str(&text("payload")).expect("JSON"))
    }

    #[track_caller]
    fn assert_sent_as<A: Action>(id: &str, action: &A) {
        let body = serde_json::from_slice(&json::encode(action).expect("a request is JSON")).expect("JSON");
        let ours = (A::SERVICE.to_owned(), A::VERSION.to_owned(), A::NAME.to_owned(), body);
        assert_eq!(ours, sent_by_the_vendor(id));
    }

    #[test]
    fn requests_of_a_ccn_are_those_of_the_vendors_client() {
        let instance = vpc::CcnInstance {
            instance_id: "vpc-aaaa1111".into(),
            instance_region: "ap-guangzhou".into(),
            instance_type: "VPC".into(),
            ..Default::default()
        };
        let (ccn_id, instances) = ("ccn-fake0001".to_owned(), vec![instance]);
        let owner = Some("100000000001".to_owned());
        let attach = vpc::AttachCcnInstances { ccn_id: ccn_id.clone(), instances: instances.clone(), ccn_uin: owner };
        assert_sent_as("v03-attach-cross-account", &attach);
        let accept = vpc::AcceptAttachCcnInstances { ccn_id: ccn_id.clone(), instances: instances.clone() };
        assert_sent_as("v04-accept-attach", &accept);
        assert_sent_as("v05-detach-no-region", &vpc::DetachCcnInstances { ccn_id: ccn_id.clone(), instances });
        let (offset, limit) = (Some(0), Some(100));
        assert_sent_as(
            "v06-with-token",
            &vpc::DescribeCcnRoutes { ccn_id: ccn_id.clone(), offset, limit, ..Default::default() },
        );
        assert_sent_as("v24-ip-host", &vpc::DeleteCcn { ccn_id });
    }

    #[test]
    fn texts_lists_and_numbers_are_written_as_the_vendors_client_writes_them() {
        let filters = Some(vec![Filter::new("vpc-id", "vpc-aaaa1111")]);
        let (offset, limit) = (Some("0".to_owned()), Some("100".to_owned()));
        assert_sent_as("v20-regional-host", &vpc::DescribeVpcs { filters, offset, limit, ..Default::default() });
        assert_sent_as("v22-internal-host", &tke::DescribeClusters::by_id("cls-fake0001"));
        assert_sent_as("v36-eks-cred", &tke::DescribeEKSClusterCredential { cluster_id: "cls-fake0002".into() });
        let record = dnspod::CreateRecord {
            domain: "example.com".into(),
            record_type: "A".into(),
            record_line: dnspod::DEFAULT_LINE.into(),
            value: "192.0.2.10".into(),
            sub_domain: Some("api".into()),
            ttl: Some(600),
            ..Default::default()
        };
        assert_sent_as("v09-chinese-recordline", &record);
        let role = sts::AssumeRole {
            role_arn: "qcs::cam::uin/100000000001:roleName/fake".into(),
            role_session_name: "tf".into(),
            duration_seconds: Some(7_200),
            ..Default::default()
        };
        assert_sent_as("v16-day-end", &role);
        assert_sent_as("v18-leap-day", &sts::GetCallerIdentity {});
    }
}

//! Public DNS (`dnspod`). The region of a request does not matter.

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::cloud::action::actions;
use crate::cloud::page::paged;

actions! { "dnspod", "2021-03-23";
    Read DescribeDomain -> DescribeDomainResponse,
    WriteOnce CreateRecord -> CreateRecordResponse,
    Write ModifyRecord -> ModifyRecordResponse,
    Read DescribeRecord -> DescribeRecordResponse,
    Read DescribeRecordList -> DescribeRecordListResponse,
    Write DeleteRecord -> Empty,
}

paged! {
    DescribeRecordList: record_list of RecordListItem, total record_count_info.total_count, 3000;
}

/// The name of the default line, which the API wants in Chinese; `RecordLineId` is [`DEFAULT_LINE_ID`].
pub const DEFAULT_LINE: &str = "\u{9ed8}\u{8ba4}";
/// The ID of the default line. An ID wins over a name.
pub const DEFAULT_LINE_ID: &str = "0";

/// Looks for a domain.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeDomain {
    /// The domain, for example `example.com`.
    pub domain: String,
}

/// The answer of [`DescribeDomain`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeDomainResponse {
    /// The domain.
    pub domain_info: DomainInfo,
}

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DomainInfo {
    /// The ID.
    pub domain_id: u64,
    /// The name.
    pub domain: String,
    /// `ENABLE`, `PAUSE` or `SPAM`, in either case.
    pub status: Option<String>,
    /// The plan, for example `DP_FREE`.
    pub grade: Option<String>,
    /// The name servers that the service gave the domain.
    #[serde(default)]
    pub dnspod_ns_list: Vec<String>,
    /// The name servers that the domain is delegated to.
    #[serde(default)]
    pub actual_ns_list: Vec<String>,
}

/// Creates a record. A second one that is equal is refused as `InvalidParameter.DomainRecordExist`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRecord {
    /// The domain.
    pub domain: String,
    /// The name within the domain; `@` is the domain itself.
    pub sub_domain: Option<String>,
    /// For example `A`.
    pub record_type: String,
    /// The line's name; required also where the ID is given: [`DEFAULT_LINE`].
    pub record_line: String,
    /// The line's ID: [`DEFAULT_LINE_ID`].
    pub record_line_id: Option<String>,
    /// The value.
    pub value: String,
    /// The preference, for `MX` and others.
    #[serde(rename = "MX")]
    pub mx: Option<u64>,
    /// How long it may be cached, in seconds.
    #[serde(rename = "TTL")]
    pub ttl: Option<u64>,
    /// The weight among records of one name.
    pub weight: Option<u64>,
    /// `ENABLE` (where absent) or `DISABLE`.
    pub status: Option<String>,
    /// A note.
    pub remark: Option<String>,
}

/// The answer of [`CreateRecord`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRecordResponse {
    /// The record's ID.
    pub record_id: u64,
}

/// Gives a record new values; all are sent.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyRecord {
    /// The domain.
    pub domain: String,
    /// The record.
    pub record_id: u64,
    /// The name within the domain; `@` is the domain itself.
    pub sub_domain: Option<String>,
    /// For example `A`.
    pub record_type: String,
    /// The line's name; required also where the ID is given.
    pub record_line: String,
    /// The line's ID.
    pub record_line_id: Option<String>,
    /// The value.
    pub value: String,
    /// The preference, for `MX` and others.
    #[serde(rename = "MX")]
    pub mx: Option<u64>,
    /// How long it may be cached, in seconds.
    #[serde(rename = "TTL")]
    pub ttl: Option<u64>,
    /// The weight among records of one name.
    pub weight: Option<u64>,
    /// `ENABLE` or `DISABLE`.
    pub status: Option<String>,
    /// A note.
    pub remark: Option<String>,
}

/// The answer of [`ModifyRecord`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyRecordResponse {
    /// The record's ID.
    pub record_id: u64,
}

/// Looks for a record by its ID; new records are found at once.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeRecord {
    /// The domain.
    pub domain: String,
    /// The record.
    pub record_id: u64,
}

/// The answer of [`DescribeRecord`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeRecordResponse {
    /// The record.
    pub record_info: RecordInfo,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RecordInfo {
    /// The ID.
    pub id: u64,
    /// The name within the domain.
    pub sub_domain: String,
    /// For example `A`.
    pub record_type: String,
    /// The line's name.
    pub record_line: Option<String>,
    /// The line's ID.
    pub record_line_id: Option<String>,
    /// The value.
    pub value: String,
    /// The weight among records of one name.
    pub weight: Option<u64>,
    /// The preference, for `MX` and others.
    #[serde(rename = "MX")]
    pub mx: Option<u64>,
    /// How long it may be cached, in seconds.
    #[serde(rename = "TTL")]
    pub ttl: Option<u64>,
    /// 1 where it is answered, 0 where it is switched off.
    pub enabled: Option<u64>,
    /// A note.
    pub remark: Option<String>,
}

/// Lists records. New ones may be missing for half a minute.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeRecordList {
    /// The domain.
    pub domain: String,
    /// Only this name within the domain.
    pub sub_domain: Option<String>,
    /// Only this type.
    pub record_type: Option<String>,
    /// Only this line.
    pub record_line_id: Option<String>,
    /// `no` makes the answer an empty list, and not an error, where there is nothing.
    pub error_on_empty: Option<String>,
    /// How many to skip.
    pub offset: Option<u64>,
    /// How many to return at most.
    pub limit: Option<u64>,
}

impl DescribeRecordList {
    /// All records of a domain, or none.
    pub fn of(domain: &str) -> Self {
        Self { domain: domain.to_owned(), error_on_empty: Some("no".to_owned()), ..Self::default() }
    }
}

/// The answer of [`DescribeRecordList`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeRecordListResponse {
    /// How many there are.
    pub record_count_info: RecordCountInfo,
    /// The records of this page.
    #[serde(default)]
    pub record_list: Vec<RecordListItem>,
}

/// How many records there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RecordCountInfo {
    /// On all pages; it may count the domain's own name server records too.
    pub total_count: u64,
}

/// A record in a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RecordListItem {
    /// The ID.
    pub record_id: u64,
    /// The name within the domain.
    pub name: String,
    /// For example `A`.
    pub r#type: String,
    /// The line's name.
    pub line: Option<String>,
    /// The line's ID.
    pub line_id: Option<String>,
    /// The value.
    pub value: String,
    /// `ENABLE` or `DISABLE`.
    pub status: Option<String>,
    /// The weight among records of one name.
    pub weight: Option<u64>,
    /// The preference, for `MX` and others.
    #[serde(rename = "MX")]
    pub mx: Option<u64>,
    /// How long it may be cached, in seconds.
    #[serde(rename = "TTL")]
    pub ttl: Option<u64>,
    /// A note.
    pub remark: Option<String>,
}

/// Deletes a record.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteRecord {
    /// The domain.
    pub domain: String,
    /// The record.
    pub record_id: u64,
}

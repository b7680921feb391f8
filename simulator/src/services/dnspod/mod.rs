//! dnspod: records of hosted domains (API reference, dnspod 2021-03-23). Names and regions: none is used.

mod domains;
mod read;
mod write;

use crate::front::{ApiError, Call, RegionRule, Service};
use crate::state::Zone;

/// The one line that is modelled, for all clients: its name and its number.
const DEFAULT_LINE: (&str, &str) = ("默认", "0");

pub(super) fn service() -> Service {
    Service::new("dnspod", "2021-03-23", RegionRule::Ignored)
        .read::<domains::DescribeDomain>("DescribeDomain")
        .read::<domains::DescribeDomainList>("DescribeDomainList")
        .ignoring(&["Type", "GroupId"])
        .write::<write::CreateRecord>("CreateRecord")
        .ignoring(&["DnssecConflictMode", "GroupId"])
        .write::<write::ModifyRecord>("ModifyRecord")
        .ignoring(&["DnssecConflictMode"])
        .write::<write::DeleteRecord>("DeleteRecord")
        .read::<read::DescribeRecord>("DescribeRecord")
        .read::<read::DescribeRecordList>("DescribeRecordList")
        .ignoring(&["GroupId", "SortField", "SortType"])
}

/// The account's domain; its number wins over its name.
fn zone<'a>(call: &'a mut Call<'_>, name: &str, id: Option<u64>) -> Result<&'a mut Zone, ApiError> {
    let owner = call.uin()?;
    let zone = call.cloud.zones.owned_mut(&owner, name, id);
    zone.ok_or_else(|| {
        ApiError::new("InvalidParameterValue.DomainNotExists", format!("The domain `{name}` does not exist."))
    })
}

fn no_such_record(id: u64) -> ApiError {
    ApiError::new("InvalidParameter.RecordIdInvalid", format!("There is no record {id}."))
}

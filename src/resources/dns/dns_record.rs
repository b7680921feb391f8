//! `tcmesh_dns_record`: the DNS records of one name and type, in `DNSPod`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::answers::Expected;
use super::records::{Place, Wanted, is_enabled};
use super::set_id::{RecordSetId, check_name, check_zone};
use super::value::{self, canonical};
use crate::cloud::Client;
use crate::cloud::api::dnspod::{DEFAULT_LINE, DEFAULT_LINE_ID, RecordInfo};
use crate::dns;
use crate::framework::{
    Change, Computed, Diagnostic, Diagnostics, Error, Model, Planned, Prior, Progress, Resource, Timeouts,
};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::scope::Scope;

/// The DNS records of one name and type in a domain that DNSPod hosts. Use the keys of the account that owns the domain.
///
/// One object holds all records of the name and the type (and the line), so that a name with several addresses is one object.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct DnsRecord {
    /// Domain, name, type and line, for example `example.com#www#A#0`.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account that owns the domain, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The domain, for example `example.com`.
    #[tf(required, force_new, check = check_zone)]
    pub zone: String,
    /// The name within the domain, for example `www`, `*` or `*.dev`; `@` is the domain itself.
    #[tf(required, force_new, check = check_name)]
    pub name: String,
    /// The type: `A`, `AAAA`, `CNAME`, `MX`, `NS`, `TXT`, `SRV` or `CAA`.
    #[tf(required, force_new, one_of("A", "AAAA", "CNAME", "MX", "NS", "TXT", "SRV", "CAA"))]
    pub r#type: String,
    /// The values, for example `["203.0.113.10"]`. Each is a record of its own in the console.
    #[tf(required, length(1..=100))]
    pub values: BTreeSet<String>,
    /// How long the records may be cached, in seconds, for example `600`. Free domains have a minimum of 600.
    #[tf(optional, default = 600, range(1..=604800))]
    pub ttl: i64,
    /// The name of the line whose clients get these records, as DNSPod writes it; the default line where neither this nor
    /// `line_id` is set.
    #[tf(optional, computed, force_new)]
    pub line: Computed<String>,
    /// The ID of the line, for example `0`, which is the default one. Set this or `line`.
    #[tf(optional, computed, force_new)]
    pub line_id: Computed<String>,
    /// The preference of `MX` records, for example `10`.
    #[tf(optional, range(1..=65535))]
    pub mx: Option<i64>,
    /// A note, for example `The ingress gateway`.
    #[tf(optional, length(1..=200))]
    pub remark: Option<String>,
    /// What creating does where there are such records already: `error`; `adopt_if_equal` takes them as they are where they are what
    /// is configured, and is an error else; `overwrite` changes them.
    #[tf(optional, default = "error", config_only, one_of("error", "adopt_if_equal", "overwrite"))]
    pub on_conflict: String,
    /// The name server that is asked whether the records are there, for example `119.29.29.29` or `127.0.0.1:5353`; all name servers
    /// that DNSPod gave the domain where it is left out.
    #[tf(optional, config_only, check = dns::check_server)]
    pub resolver: Option<String>,
    /// Whether an apply lasts until the records are answered, for example `false` where name servers cannot be reached from here.
    /// Records of a line other than the default one are waited for only where `resolver` is set.
    #[tf(optional, default = true, config_only)]
    pub wait_for_answer: bool,
    /// The whole name, for example `www.example.com`.
    #[tf(computed)]
    pub fqdn: Computed<String>,
}

impl DnsRecord {
    fn of(found: &[RecordInfo], id: &RecordSetId, account_id: String, prior: &Self) -> Self {
        let answered = found.iter().filter(|record| is_enabled(record));
        let number = |number: Option<u64>| number.and_then(|number| i64::try_from(number).ok());
        let ttl = odd_one(answered.clone().filter_map(|record| number(record.ttl)), &prior.ttl);
        let mx = odd_one(answered.clone().map(|record| number(record.mx).filter(|_| id.kind == "MX")), &prior.mx);
        let remark = |record: &RecordInfo| record.remark.clone().filter(|remark| !remark.is_empty());
        Self {
            id: id.to_string().into(),
            account_id: account_id.into(),
            zone: id.zone.clone(),
            name: id.name.clone(),
            r#type: id.kind.clone(),
            values: answered.clone().map(|record| spelled(&id.kind, &record.value, &prior.values)).collect(),
            ttl: ttl.unwrap_or(prior.ttl),
            line: found.iter().find_map(|record| record.record_line.clone()).into(),
            line_id: id.line_id.clone().into(),
            mx: mx.flatten(),
            remark: odd_one(answered.map(remark), &prior.remark).flatten(),
            fqdn: id.fqdn().into(),
            ..Self::default()
        }
    }

    fn wanted(&self) -> Wanted {
        let number = |number: i64| u64::try_from(number).unwrap_or_default();
        let remark = self.remark.clone().unwrap_or_default();
        Wanted { values: self.values.clone(), ttl: number(self.ttl), mx: self.mx.map(number), remark }
    }

    /// Where the planned records are. The ID of a line that is given by its name is not known yet.
    fn place(&self) -> Place {
        let (line_id, line) = (self.line_id.get().cloned(), self.line.get());
        Place {
            zone: self.zone.clone(),
            name: self.name.clone(),
            kind: self.r#type.clone(),
            line_id: line_id.or_else(|| line.is_none().then(|| DEFAULT_LINE_ID.to_owned())),
            line: line.map_or(DEFAULT_LINE, String::as_str).to_owned(),
        }
    }
}

/// Of what several records have, that which is not known: then a plan shows the difference.
fn odd_one<T: PartialEq>(mut found: impl Iterator<Item = T> + Clone, known: &T) -> Option<T> {
    found.clone().find(|value| value != known).or_else(|| found.next())
}

/// The value in the spelling that Terraform has, where it means the same.
fn spelled(kind: &str, value: &str, known: &BTreeSet<String>) -> String {
    let plain = canonical(kind, value);
    known.iter().find(|known| canonical(kind, known) == plain).cloned().unwrap_or(plain)
}

/// The resource.
pub struct DnsRecordResource(Arc<Context>);

/// Where the IDs of the records are noted.
const RECORDS: &str = "records";

impl Resource for DnsRecordResource {
    const NAME: &'static str = "dns_record";
    const TIMEOUTS: Timeouts =
        Timeouts { create: Duration::from_secs(600), update: Duration::from_secs(600), ..Timeouts::DEFAULT };
    type Configuration = Context;
    type Model = DnsRecord;
    type Id = RecordSetId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    fn check(planned: &Planned<'_, DnsRecord>, diagnostics: &mut Diagnostics) {
        check(planned, diagnostics);
    }

    async fn check_owner(&self, scope: &Scope, prior: &DnsRecord) -> Result<(), Error> {
        self.0.check_account(scope, &prior.account_id).await
    }

    async fn create(
        &self,
        scope: &Scope,
        _: &DnsRecord,
        plan: &DnsRecord,
        progress: &mut Progress<DnsRecord>,
    ) -> Result<(), Error> {
        let (client, place) = (&self.0.cloud, plan.place());
        let account_id = client.account(scope).await?;
        let existing = match place.look(scope, client, &[]).await {
            Err(error) if error.code() == Some(NO_SUCH_DOMAIN) => return Err(no_such_zone(plan, &account_id).into()),
            found => found.doing(|| format!("look for records {} of {} in {}", plan.r#type, plan.name, plan.zone))?,
        };
        if let Some(conflict) = conflict(plan, &existing) {
            return Err(conflict.into());
        }
        let (mut id, mut records) = (None, Vec::new());
        let mut keep = |record: &RecordInfo| {
            let known = set_id(&place, record);
            records.push(record.id);
            progress.private_mut().set(RECORDS, &records);
            progress.keep(DnsRecord {
                id: known.to_string().into(),
                account_id: account_id.clone().into(),
                line_id: known.line_id.clone().into(),
                fqdn: known.fqdn().into(),
                ..plan.clone()
            });
            id = Some(known);
        };
        existing.iter().for_each(&mut keep);
        place.converge(scope, client, &plan.wanted(), existing, &mut keep).await?;
        match id {
            Some(id) => answered(scope, client, &id, plan).await,
            None => Ok(()),
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        id: &RecordSetId,
        prior: &Prior<DnsRecord>,
    ) -> Result<Option<DnsRecord>, Error> {
        let client = &self.0.cloud;
        let account_id = client.account(scope).await?;
        let known: Vec<u64> = prior.private().get(RECORDS).unwrap_or_default();
        let found = Place::from(id).look(scope, client, &known).await;
        let found = found.doing(|| format!("read the records {} of {}", id.kind, id.fqdn()))?;
        Ok((!found.is_empty()).then(|| DnsRecord::of(&found, id, account_id, prior)))
    }

    async fn update(
        &self,
        scope: &Scope,
        id: &RecordSetId,
        change: &Change<'_, DnsRecord>,
        progress: &mut Progress<DnsRecord>,
    ) -> Result<(), Error> {
        let (client, place) = (&self.0.cloud, Place::from(id));
        let mut known: Vec<u64> = change.prior.private().get(RECORDS).unwrap_or_default();
        let current = place.look(scope, client, &known).await;
        let current = current.doing(|| format!("change the records {} of {}", id.kind, id.fqdn()))?;
        let mut told = |record: &RecordInfo| {
            known.push(record.id);
            progress.private_mut().set(RECORDS, &known);
        };
        let records = place.converge(scope, client, &change.plan.wanted(), current, &mut told).await?;
        progress.private_mut().set(RECORDS, records);
        answered(scope, client, id, change.plan).await
    }

    async fn delete(&self, scope: &Scope, id: &RecordSetId, prior: &Prior<DnsRecord>) -> Result<(), Error> {
        let (client, place) = (&self.0.cloud, Place::from(id));
        let known: Vec<u64> = prior.private().get(RECORDS).unwrap_or_default();
        let found = place.look(scope, client, &known).await;
        for record in found.doing(|| format!("delete the records {} of {}", id.kind, id.fqdn()))? {
            let is_ours =
                prior.values.iter().any(|value| canonical(&id.kind, value) == canonical(&id.kind, &record.value));
            if is_ours || known.contains(&record.id) {
                place.delete(scope, client, &record).await?;
            }
        }
        Ok(())
    }
}

/// What the API says of a domain that the caller's account does not have.
const NO_SUCH_DOMAIN: &str = "InvalidParameterValue.DomainNotExists";

fn set_id(place: &Place, record: &RecordInfo) -> RecordSetId {
    let line_id = record.record_line_id.clone().or_else(|| place.line_id.clone());
    RecordSetId {
        zone: place.zone.clone(),
        name: place.name.clone(),
        kind: place.kind.clone(),
        line_id: line_id.unwrap_or_else(|| DEFAULT_LINE_ID.to_owned()),
    }
}

/// Waits until the records are answered, where that is wanted and can be seen from here.
async fn answered(scope: &Scope, client: &Client, id: &RecordSetId, plan: &DnsRecord) -> Result<(), Error> {
    let resolver = plan.resolver.as_deref();
    // A line is for clients elsewhere; its answers are not given to this one.
    if !plan.wait_for_answer || (id.line_id != DEFAULT_LINE_ID && resolver.is_none()) {
        return Ok(());
    }
    let Wanted { values, mx, .. } = plan.wanted();
    Expected { id, values: &values, mx, resolver }.until_answered(scope, client).await
}

fn check(planned: &Planned<'_, DnsRecord>, diagnostics: &mut Diagnostics) {
    if planned.is_configured("line") && planned.is_configured("line_id") {
        diagnostics.error("line_id", "Two lines", "Set one of `line` and `line_id`: they name the same.");
    }
    let Some(kind) = planned.known::<String>("type") else { return };
    let values: BTreeSet<String> = planned.known("values").unwrap_or_default();
    for problem in values.iter().filter_map(|value| value::check(&kind, value).err()) {
        diagnostics.error("values", "Invalid value", problem);
    }
    if kind == "CNAME" && values.len() > 1 {
        diagnostics.error("values", "Several aliases", "A name has one alias: expected one value for type CNAME.");
    }
    if kind == "MX" && planned.is_null("mx") {
        diagnostics.error("mx", "Missing preference", "Records of type MX need `mx`, for example `10`.");
    } else if kind != "MX" && !planned.is_null("mx") {
        diagnostics.error("mx", "Preference of no use", "Only records of type MX have a preference.");
    }
}

/// The error for records that are there already, unless they may be taken or changed.
fn conflict(plan: &DnsRecord, existing: &[RecordInfo]) -> Option<Diagnostic> {
    let first = existing.first()?;
    let kind = &plan.r#type;
    let set = |values: &mut dyn Iterator<Item = &String>| -> BTreeSet<String> {
        values.map(|value| canonical(kind, value)).collect()
    };
    let found = set(&mut existing.iter().map(|record| &record.value));
    let wanted = plan.wanted();
    let equal = found == set(&mut plan.values.iter()) && existing.iter().all(|record| wanted.is_met_by(record));
    match plan.on_conflict.as_str() {
        "overwrite" => return None,
        "adopt_if_equal" if equal => return None,
        _ => {}
    }
    let id = set_id(&plan.place(), first);
    let values = found.into_iter().collect::<Vec<_>>().join("`, `");
    let detail = format!(
        "{} has records of type {kind} already: `{values}`. Nothing was changed. Remove them, set `on_conflict` to \
         `adopt_if_equal` or `overwrite`, or import them:\n\nimport {{\n  to = tcmesh_dns_record.example\n  id = \"{id}\"\n}}",
        id.fqdn()
    );
    Some(Diagnostic::error("The records exist already", detail).at("name"))
}

fn no_such_zone(plan: &DnsRecord, account_id: &str) -> Diagnostic {
    let detail = format!(
        "Account {account_id} has no domain `{}` in DNSPod. Nothing was changed. Add it in the console, or choose the provider \
         configuration (alias) of the account that has it.",
        plan.zone
    );
    Diagnostic::error("No such domain", detail).at("zone")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::framework::value::Value;

    fn record(value: &str, ttl: u64) -> RecordInfo {
        let json = json!({
            "Id": 1, "SubDomain": "www", "RecordType": "CNAME", "RecordLineId": "0", "Value": value, "TTL": ttl, "Enabled": 1,
        });
        serde_json::from_value(json).unwrap()
    }

    fn plan(values: &[&str], on_conflict: &str) -> DnsRecord {
        DnsRecord {
            zone: "example.com".into(),
            name: "www".into(),
            r#type: "CNAME".into(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            ttl: 600,
            on_conflict: on_conflict.into(),
            line: Computed::Unknown,
            line_id: Computed::Unknown,
            ..DnsRecord::default()
        }
    }

    #[test]
    fn values_are_read_in_the_spelling_of_the_configuration() {
        let id = "example.com#www#CNAME#0".parse().unwrap();
        let prior = plan(&["LB.example.com."], "error");
        let read = |prior: &DnsRecord| DnsRecord::of(&[record("lb.example.com.", 600)], &id, "1".into(), prior).values;
        assert_eq!(read(&prior), prior.values);
        assert_eq!(read(&DnsRecord::default()), BTreeSet::from(["lb.example.com".to_owned()]));
    }

    #[test]
    fn of_records_that_differ_the_one_that_is_not_as_it_was_is_shown() {
        let id = "example.com#www#CNAME#0".parse().unwrap();
        let found = [record("a.example.com", 600), record("b.example.com", 60)];
        assert_eq!(DnsRecord::of(&found, &id, "1".into(), &plan(&[], "error")).ttl, 60);
    }

    #[test]
    fn a_record_that_is_switched_off_is_not_among_the_values() {
        let id = "example.com#www#CNAME#0".parse().unwrap();
        let off = RecordInfo { enabled: Some(0), ..record("a.example.com", 60) };
        let read = DnsRecord::of(&[off], &id, "1".into(), &plan(&["a.example.com"], "error"));
        assert_eq!((read.values.len(), read.ttl), (0, 600));
    }

    #[test]
    fn records_that_are_there_already_are_taken_only_as_far_as_allowed() {
        let (equal, other) = (record("LB.example.com.", 600), record("lb.example.com", 60));
        let told = |on_conflict: &str, found: &RecordInfo| {
            conflict(&plan(&["lb.example.com"], on_conflict), std::slice::from_ref(found)).is_some()
        };
        assert!(told("error", &equal) && told("error", &other));
        assert!(!told("adopt_if_equal", &equal) && told("adopt_if_equal", &other));
        assert!(!told("overwrite", &equal) && !told("overwrite", &other));
        assert!(conflict(&plan(&["lb.example.com"], "error"), &[]).is_none());
    }

    #[test]
    fn a_conflict_names_what_is_there_and_how_to_import_it() {
        let diagnostic = conflict(&plan(&["a.example.com"], "error"), &[record("lb.example.com.", 600)]).unwrap();
        let expected = "www.example.com has records of type CNAME already: `lb.example.com`. Nothing was changed.";
        assert!(diagnostic.detail.starts_with(expected), "{}", diagnostic.detail);
        assert!(diagnostic.detail.contains("id = \"example.com#www#CNAME#0\""), "{}", diagnostic.detail);
    }

    fn problems(kind: &str, values: &[&str], mx: Option<i64>) -> Vec<String> {
        let object = DnsRecord { r#type: kind.into(), mx, ..plan(values, "error") }.to_object();
        let mut diagnostics = Diagnostics::default();
        check(&Planned::new(&object, &Value::Null, &Value::Null), &mut diagnostics);
        diagnostics.iter().map(|found| found.path.to_string()).collect()
    }

    #[test]
    fn type_values_and_preference_must_fit() {
        assert_eq!(problems("A", &["203.0.113.1", "203.0.113.2"], None), [""; 0]);
        assert_eq!(problems("A", &["203.0.113.1", "lb.example.com"], None), ["values"]);
        assert_eq!(problems("CNAME", &["a.example.com", "b.example.com"], None), ["values"]);
        assert_eq!(problems("MX", &["a.example.com"], Some(10)), [""; 0]);
        assert_eq!(problems("MX", &["a.example.com"], None), ["mx"]);
        assert_eq!(problems("TXT", &["hello"], Some(10)), ["mx"]);
    }
}

//! What an authoritative name server answers (RFC 1034, 4.3.2), from the records as they are served.

use hickory_proto::op::{Message, Metadata, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use crate::state::{self, NAME_SERVERS, Zone, Zones};

/// How many aliases are followed before a circle is assumed.
const ALIASES: usize = 8;

/// How long an absence may be kept, in seconds.
const NEGATIVE_TTL: u32 = 180;

/// Answers a request.
pub(super) fn answer(zones: &Zones, request: &Message) -> Message {
    let mut response = Message::response(request.metadata.id, request.metadata.op_code);
    response.metadata = Metadata::response_from_request(&request.metadata);
    response.add_queries(request.queries.iter().cloned());
    match (request.metadata.op_code, request.queries.as_slice()) {
        (OpCode::Query, [query]) => look_up(zones, query.name(), query.query_type(), &mut response),
        (OpCode::Query, _) => response.metadata.response_code = ResponseCode::FormErr,
        _ => response.metadata.response_code = ResponseCode::NotImp,
    }
    response
}

/// Follows aliases from `name` until records of the type are found or there is nothing more to say.
fn look_up(zones: &Zones, name: &Name, wanted: RecordType, response: &mut Message) {
    let mut name = name.clone();
    for _ in 0..ALIASES {
        let Some((zone, relative)) = find_zone(zones, &name) else {
            // An alias may lead out of the hosted domains; the client asks on elsewhere.
            if response.answers.is_empty() {
                response.metadata.response_code = ResponseCode::Refused;
            }
            return;
        };
        response.metadata.authoritative = true;
        let found = find_records(zone, &relative);
        if wanted == RecordType::SOA && relative == "@" {
            response.add_answer(start_of_authority(zone));
            return;
        }
        let alias = found.iter().find(|record| record.kind == "CNAME").filter(|_| wanted != RecordType::CNAME);
        if let Some(alias) = alias {
            response.answers.extend(wire_record(&name, alias));
            let Ok(target) = host(&alias.value) else { return };
            name = target;
            continue;
        }
        let records: Vec<Record> = found.iter().filter_map(|record| wire_record(&name, record)).collect();
        let of_type = records.into_iter().filter(|it| wanted == RecordType::ANY || it.record_type() == wanted);
        let before = response.answers.len();
        response.answers.extend(of_type);
        if response.answers.len() == before {
            deny(zone, &relative, found.is_empty(), response);
        }
        return;
    }
}

/// Says that there are no such records: the name has others, or does not exist.
fn deny(zone: &Zone, relative: &str, no_records: bool, response: &mut Message) {
    let below = format!(".{relative}");
    let has_names_below = zone.served.iter().any(|record| record.name.ends_with(&below));
    if no_records && relative != "@" && !has_names_below {
        response.metadata.response_code = ResponseCode::NXDomain;
    }
    response.add_authority(start_of_authority(zone));
}

/// The domain that a name is in, the longest one, and the name before it: `@` for the domain itself.
fn find_zone<'a>(zones: &'a Zones, name: &Name) -> Option<(&'a Zone, String)> {
    let name = name.to_ascii().to_ascii_lowercase();
    let name = name.trim_end_matches('.');
    let relative = |zone: &'a Zone| match name.strip_suffix(zone.name.as_str())? {
        "" => Some((zone, "@".to_owned())),
        rest => rest.strip_suffix('.').map(|rest| (zone, rest.to_owned())),
    };
    zones.zones.values().filter_map(relative).max_by_key(|(zone, _)| zone.name.len())
}

/// The records of a name, else those of the nearest wildcard above it (RFC 4592).
fn find_records<'a>(zone: &'a Zone, relative: &str) -> Vec<&'a state::Record> {
    let of = |name: &str| -> Vec<&'a state::Record> {
        zone.served.iter().filter(|record| record.name.eq_ignore_ascii_case(name)).collect()
    };
    let exact = of(relative);
    if !exact.is_empty() || relative == "@" {
        return exact;
    }
    let mut above = relative;
    loop {
        above = above.split_once('.').map_or("", |(_, rest)| rest);
        let wildcard = of(&if above.is_empty() { "*".to_owned() } else { format!("*.{above}") });
        // A name that exists stops the search: a wildcard above it does not cover what is below it.
        if !wildcard.is_empty() || above.is_empty() || !of(above).is_empty() {
            return wildcard;
        }
    }
}

fn wire_record(name: &Name, record: &state::Record) -> Option<Record> {
    let data = match record.kind.as_str() {
        "A" => RData::A(A(record.value.parse().ok()?)),
        "AAAA" => RData::AAAA(AAAA(record.value.parse().ok()?)),
        "CNAME" => RData::CNAME(CNAME(host(&record.value).ok()?)),
        "NS" => RData::NS(NS(host(&record.value).ok()?)),
        "MX" => RData::MX(MX::new(record.mx, host(&record.value).ok()?)),
        // A text is carried in strings of at most 255 bytes.
        "TXT" => RData::TXT(TXT::from_bytes(record.value.as_bytes().chunks(255).collect())),
        _ => return None,
    };
    Some(Record::from_rdata(name.clone(), record.ttl, data))
}

fn start_of_authority(zone: &Zone) -> Record {
    let name = |text: &str| host(text).unwrap_or_else(|_| Name::root());
    let mailbox = name("freednsadmin.dnspod.com");
    let soa = SOA::new(name(NAME_SERVERS[0]), mailbox, zone.serial, 3600, 180, 1_209_600, NEGATIVE_TTL);
    Record::from_rdata(name(&zone.name), NEGATIVE_TTL, RData::SOA(soa))
}

/// An absolute name.
fn host(text: &str) -> Result<Name, hickory_proto::ProtoError> {
    let mut name = Name::from_ascii(text)?;
    name.set_fqdn(true);
    Ok(name)
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::Query;
    use jiff::Timestamp;

    use super::*;
    use crate::issued::Issued;
    use crate::state::Uin;
    use crate::world::World;

    fn zones(records: &[(&str, &str, &str)]) -> Zones {
        let now = Timestamp::UNIX_EPOCH;
        let mut zones = state::Cloud::new(&World::load("cross-account").unwrap(), now, Issued::default()).zones;
        let zone = zones.zones.get_mut("imroc.cc").unwrap();
        assert_eq!((&zone.owner, zone.records.len()), (&Uin::from("100000000001"), 2));
        let template = zone.served[0].clone();
        zone.served.extend(records.iter().map(|(name, kind, value)| state::Record {
            name: (*name).into(),
            kind: (*kind).into(),
            value: (*value).into(),
            mx: 10,
            ..template.clone()
        }));
        zones
    }

    /// The response code and the data of the answers.
    fn ask(zones: &Zones, name: &str, kind: RecordType) -> (ResponseCode, Vec<String>) {
        let mut request = Message::query();
        request.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        let response = answer(zones, &request);
        let soa = response.authorities.iter().any(|record| record.record_type() == RecordType::SOA);
        let refused = response.metadata.response_code == ResponseCode::Refused;
        assert_eq!(soa, response.answers.is_empty() && !refused, "only a denial carries the SOA");
        let data = response.answers.iter().map(|record| record.data.to_string()).collect();
        (response.metadata.response_code, data)
    }

    fn found(data: &[&str]) -> (ResponseCode, Vec<String>) {
        (ResponseCode::NoError, data.iter().map(|it| (*it).to_owned()).collect())
    }

    #[test]
    fn records_are_answered_by_their_type_whatever_the_case() {
        let zones = zones(&[
            ("www", "A", "203.0.113.1"),
            ("www", "A", "203.0.113.2"),
            ("@", "TXT", "hello"),
            ("@", "MX", "mail.imroc.cc"),
        ]);
        assert_eq!(ask(&zones, "www.imroc.cc.", RecordType::A), found(&["203.0.113.1", "203.0.113.2"]));
        assert_eq!(ask(&zones, "WWW.Imroc.CC.", RecordType::A), found(&["203.0.113.1", "203.0.113.2"]));
        assert_eq!(ask(&zones, "imroc.cc.", RecordType::TXT), found(&["hello"]));
        assert_eq!(ask(&zones, "imroc.cc.", RecordType::MX), found(&["10 mail.imroc.cc."]));
        assert_eq!(ask(&zones, "imroc.cc.", RecordType::NS), found(&["f1g1ns1.dnspod.net.", "f1g1ns2.dnspod.net."]));
    }

    #[test]
    fn a_name_without_the_type_has_no_data_and_another_does_not_exist() {
        let zones = zones(&[("a.www", "A", "203.0.113.1")]);
        assert_eq!(ask(&zones, "a.www.imroc.cc.", RecordType::AAAA), found(&[]));
        assert_eq!(ask(&zones, "www.imroc.cc.", RecordType::A), found(&[]));
        assert_eq!(ask(&zones, "imroc.cc.", RecordType::A), found(&[]));
        assert_eq!(ask(&zones, "nothing.imroc.cc.", RecordType::A).0, ResponseCode::NXDomain);
        assert_eq!(ask(&zones, "ximroc.cc.", RecordType::A).0, ResponseCode::Refused);
    }

    #[test]
    fn aliases_are_followed_inside_and_given_out_to_the_outside() {
        let zones = zones(&[
            ("www", "CNAME", "b.imroc.cc"),
            ("b", "A", "203.0.113.1"),
            ("out", "CNAME", "example.com."),
            ("x", "CNAME", "x.imroc.cc"),
        ]);
        assert_eq!(ask(&zones, "www.imroc.cc.", RecordType::A), found(&["b.imroc.cc.", "203.0.113.1"]));
        assert_eq!(ask(&zones, "www.imroc.cc.", RecordType::CNAME), found(&["b.imroc.cc."]));
        assert_eq!(ask(&zones, "out.imroc.cc.", RecordType::A), found(&["example.com."]));
        assert_eq!(ask(&zones, "x.imroc.cc.", RecordType::A).1.len(), ALIASES);
    }

    #[test]
    fn a_wildcard_covers_what_has_no_records_of_its_own() {
        let zones = zones(&[("*", "A", "203.0.113.1"), ("www", "TXT", "own"), ("*.dev", "A", "203.0.113.2")]);
        assert_eq!(ask(&zones, "any.imroc.cc.", RecordType::A), found(&["203.0.113.1"]));
        assert_eq!(ask(&zones, "www.imroc.cc.", RecordType::A), found(&[]));
        assert_eq!(ask(&zones, "below.www.imroc.cc.", RecordType::A).0, ResponseCode::NXDomain);
        assert_eq!(ask(&zones, "a.b.dev.imroc.cc.", RecordType::A), found(&["203.0.113.2"]));
    }
}

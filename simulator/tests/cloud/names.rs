//! DNS records through the API and as the name servers serve them.

use std::net::SocketAddr;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::world::{start, start_with};

fn record(name: &str, value: &str) -> Value {
    json!({"Domain": "imroc.cc", "SubDomain": name, "RecordType": "A", "RecordLine": "默认", "Value": value, "TTL": 60})
}

fn question(name: &str, kind: RecordType) -> Vec<u8> {
    let mut request = Message::query();
    request.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    request.to_vec().unwrap()
}

async fn over_udp(server: SocketAddr, name: &str, kind: RecordType) -> Message {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&question(name, kind), server).await.unwrap();
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer).await.unwrap();
    Message::from_vec(&buffer[..length]).unwrap()
}

async fn over_tcp(server: SocketAddr, name: &str, kind: RecordType) -> Message {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let question = question(name, kind);
    stream.write_u16(u16::try_from(question.len()).unwrap()).await.unwrap();
    stream.write_all(&question).await.unwrap();
    let mut answer = vec![0; usize::from(stream.read_u16().await.unwrap())];
    stream.read_exact(&mut answer).await.unwrap();
    Message::from_vec(&answer).unwrap()
}

fn data(message: &Message) -> Vec<String> {
    message.answers.iter().map(|record| record.data.to_string()).collect()
}

#[tokio::test]
async fn a_change_is_served_after_the_propagation_delay() {
    let running = start_with(|world| world.waits = serde_json::from_value(json!({"dns": "10s"})).unwrap()).await;
    let server = running.handle.dns();
    let name = "cluster1.imroc.cc.";
    let made = running.a.ok("dnspod", "CreateRecord", record("cluster1", "203.0.113.1")).await;
    assert_eq!(over_udp(server, name, RecordType::A).await.metadata.response_code, ResponseCode::NXDomain);
    running.advance("10s").await;
    assert_eq!(data(&over_udp(server, name, RecordType::A).await), ["203.0.113.1"]);
    assert_eq!(data(&over_tcp(server, name, RecordType::A).await), ["203.0.113.1"]);

    let mut change = record("cluster1", "203.0.113.2");
    change["RecordId"] = made["RecordId"].clone();
    running.a.ok("dnspod", "ModifyRecord", change).await;
    assert_eq!(data(&over_udp(server, name, RecordType::A).await), ["203.0.113.1"]);
    running.advance("10s").await;
    assert_eq!(data(&over_udp(server, name, RecordType::A).await), ["203.0.113.2"]);
    running.a.ok("dnspod", "DeleteRecord", json!({"Domain": "imroc.cc", "RecordId": made["RecordId"]})).await;
    running.advance("10s").await;
    assert_eq!(over_udp(server, name, RecordType::A).await.metadata.response_code, ResponseCode::NXDomain);
}

#[tokio::test]
async fn an_answer_that_is_too_large_for_udp_is_cut_and_whole_over_tcp() {
    let running = start().await;
    for part in ["a", "b", "c"] {
        let mut text = record("big", &part.repeat(400));
        text["RecordType"] = json!("TXT");
        running.a.ok("dnspod", "CreateRecord", text).await;
    }
    running.advance("2s").await;
    let server = running.handle.dns();
    let cut = over_udp(server, "big.imroc.cc.", RecordType::TXT).await;
    assert!(cut.metadata.truncation && cut.answers.is_empty());
    assert_eq!(over_tcp(server, "big.imroc.cc.", RecordType::TXT).await.answers.len(), 3);
}

#[tokio::test]
async fn a_new_record_is_found_by_its_number_before_it_is_listed() {
    let running = start().await;
    let made = running.a.ok("dnspod", "CreateRecord", record("www", "203.0.113.1")).await;
    let one = json!({"Domain": "imroc.cc", "RecordId": made["RecordId"]});
    let shown = running.a.ok("dnspod", "DescribeRecord", one).await["RecordInfo"].clone();
    assert_eq!(
        (&shown["SubDomain"], &shown["Value"], &shown["RecordLineId"]),
        (&json!("www"), &json!("203.0.113.1"), &json!("0"))
    );
    let list = json!({"Domain": "imroc.cc", "Subdomain": "www"});
    assert_eq!(running.a.code("dnspod", "DescribeRecordList", list.clone()).await, "ResourceNotFound.NoDataOfRecord");
    let quiet = json!({"Domain": "imroc.cc", "Subdomain": "www", "ErrorOnEmpty": "no"});
    assert_eq!(running.a.ok("dnspod", "DescribeRecordList", quiet).await["RecordCountInfo"]["TotalCount"], 0);
    running.advance("2s").await;
    let listed = running.a.ok("dnspod", "DescribeRecordList", list).await;
    assert_eq!(listed["RecordList"][0]["RecordId"], made["RecordId"]);
    let all = running.a.ok("dnspod", "DescribeRecordList", json!({"Domain": "imroc.cc"})).await;
    assert_eq!(all["RecordCountInfo"]["TotalCount"], 3, "two name servers and the new one");
}

#[tokio::test]
async fn a_disabled_record_is_not_served() {
    let running = start().await;
    let mut disabled = record("www", "203.0.113.1");
    disabled["Status"] = json!("DISABLE");
    running.a.ok("dnspod", "CreateRecord", disabled).await;
    running.advance("2s").await;
    let answer = over_udp(running.handle.dns(), "www.imroc.cc.", RecordType::A).await;
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
}

#[tokio::test]
async fn what_is_wrong_with_a_record_has_a_code() {
    let running = start().await;
    running.a.ok("dnspod", "CreateRecord", record("www", "203.0.113.1")).await;
    let change = |key: &str, value: Value| {
        let mut record = record("www", "203.0.113.1");
        record[key] = value;
        record
    };
    let cases = [
        (record("www", "203.0.113.1"), "InvalidParameter.DomainRecordExist"),
        (change("Value", json!("somewhere")), "InvalidParameter.RecordValueInvalid"),
        (change("RecordType", json!("LOC")), "InvalidParameter.RecordTypeInvalid"),
        (change("RecordType", json!("MX")), "InvalidParameter.MxInvalid"),
        (change("RecordLine", json!("the moon")), "InvalidParameter.RecordLineInvalid"),
        (change("TTL", json!(0)), "LimitExceeded.RecordTtlLimit"),
        (change("SubDomain", json!("a b")), "InvalidParameter.SubdomainInvalid"),
        (change("Domain", json!("example.com")), "InvalidParameterValue.DomainNotExists"),
    ];
    for (request, code) in cases {
        assert_eq!(running.a.code("dnspod", "CreateRecord", request).await, code);
    }
    let by_number = change("RecordLineId", json!("0"));
    assert_eq!(running.a.code("dnspod", "CreateRecord", by_number).await, "InvalidParameter.DomainRecordExist");
    let missing = json!({"Domain": "imroc.cc", "RecordId": 1});
    for action in ["DescribeRecord", "DeleteRecord"] {
        assert_eq!(running.a.code("dnspod", action, missing.clone()).await, "InvalidParameter.RecordIdInvalid");
    }
}

#[tokio::test]
async fn a_domain_is_its_owners_alone() {
    let running = start().await;
    let domain = json!({"Domain": "imroc.cc"});
    let shown = running.a.ok("dnspod", "DescribeDomain", domain.clone()).await;
    assert_eq!(shown["DomainInfo"]["Status"], "ENABLE");
    assert_eq!(running.b.code("dnspod", "DescribeDomain", domain).await, "InvalidParameterValue.DomainNotExists");
    assert_eq!(running.a.ok("dnspod", "DescribeDomainList", json!({})).await["DomainCountInfo"]["AllTotal"], 1);
    assert_eq!(running.b.ok("dnspod", "DescribeDomainList", json!({})).await["DomainCountInfo"]["AllTotal"], 0);
}

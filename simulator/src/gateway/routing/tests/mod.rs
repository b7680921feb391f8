//! Tables as a whole: objects in, decisions out.

mod binding;
mod following;

use http::Request;
use http::request::{Builder, Parts};
use serde_json::{Value, json};

use super::{Action, Decision, NotFound, Objects, RequestView, RoutingTable, Workload};

/// The table that objects make for the pods `istio-system`, `istio: ingressgateway` of a mesh of version 1.18.5.
fn table(objects: &[Value]) -> RoutingTable {
    table_of("1.18.5", objects)
}

fn table_of(version: &str, objects: &[Value]) -> RoutingTable {
    let labels = [("istio".to_owned(), "ingressgateway".to_owned())].into();
    let workload = Workload { namespace: "istio-system".into(), labels, version: version.parse().unwrap() };
    RoutingTable::new(&Objects::read(objects), &workload)
}

/// The gateway `istio-system/main` for port 80 and some hosts.
fn gateway(hosts: &[&str]) -> Value {
    named_gateway("main", json!([{ "port": { "number": 80, "name": "HTTP-80", "protocol": "HTTP" }, "hosts": hosts }]))
}

fn named_gateway(name: &str, servers: Value) -> Value {
    let gateway = json!({
        "kind": "Gateway",
        "metadata": { "name": name, "namespace": "istio-system" },
        "spec": { "selector": { "istio": "ingressgateway" } },
    });
    with(gateway, "servers", servers)
}

/// The virtual service `test/NAME`, bound to `istio-system/main`.
fn virtual_service(name: &str, hosts: &[&str], http: Value) -> Value {
    let service = json!({
        "kind": "VirtualService",
        "metadata": { "name": name, "namespace": "test" },
        "spec": { "hosts": hosts, "gateways": ["istio-system/main"] },
    });
    with(service, "http", http)
}

/// With another member of its specification.
fn with(mut object: Value, member: &str, value: Value) -> Value {
    object["spec"][member] = value;
    object
}

/// A rule without conditions that sends everything to a service.
fn to(service: &str) -> Value {
    json!({ "route": [{ "destination": { "host": service, "port": { "number": 80 } } }] })
}

/// The same with conditions.
fn when(matches: Value, service: &str) -> Value {
    let mut rule = to(service);
    rule["match"] = matches;
    rule
}

fn parts(request: Builder, url: &str) -> Parts {
    let (host, path) = url.split_once('/').unwrap();
    request.uri(format!("/{path}")).header("host", host).body(()).unwrap().into_parts().0
}

/// What is decided on a GET of `host/path`, put to a question.
fn asked<T>(table: &RoutingTable, url: &str, question: impl FnOnce(Decision<'_>) -> T) -> T {
    asked_with(table, Request::builder(), url, question)
}

fn asked_with<T>(table: &RoutingTable, request: Builder, url: &str, question: impl FnOnce(Decision<'_>) -> T) -> T {
    let parts = parts(request, url);
    question(table.decide(&RequestView::of(&parts, 80).unwrap()))
}

/// A rule with more members.
fn extended(mut rule: Value, more: Value) -> Value {
    if let Value::Object(more) = more {
        rule.as_object_mut().unwrap().extend(more);
    }
    rule
}

/// The first label of the service that a GET of `host/path` is sent to, or why it is not.
fn sent(table: &RoutingTable, url: &str) -> Result<String, NotFound> {
    asked(table, url, |decision| match decision.action {
        Action::Route(route) => Ok(route.destination.host.split('.').next().unwrap().to_owned()),
        Action::NotFound(reason) => Err(reason),
        other => panic!("{other:?}"),
    })
}

fn problems(table: &RoutingTable) -> Vec<String> {
    table.problems().iter().map(|problem| format!("{}: {}", problem.object, problem.text)).collect()
}

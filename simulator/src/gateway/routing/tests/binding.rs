//! Which virtual services count for a host.

use serde_json::json;

use super::super::{NotFound, RequestView, RoutingTable, Workload};
use super::{gateway, named_gateway, parts, problems, sent, table, table_of, to, virtual_service, when, with};

#[test]
fn three_hosts_of_one_gateway_go_to_three_services() {
    let service = |name: &str| virtual_service(name, &[&format!("{name}.imroc.cc")], json!([to(name)]));
    let table = table(&[gateway(&["*.imroc.cc"]), service("cluster1"), service("cluster2"), service("cluster3")]);
    for name in ["cluster1", "cluster2", "cluster3"] {
        assert_eq!(sent(&table, &format!("{name}.imroc.cc/")).as_deref(), Ok(name));
    }
    assert_eq!(sent(&table, "unknown.imroc.cc/"), Err(NotFound::NoVirtualService));
    assert_eq!(table.ports().collect::<Vec<_>>(), [80]);
    assert_eq!(problems(&table), [""; 0]);
}

#[test]
fn a_404_tells_what_is_missing() {
    let bound = virtual_service("a", &["a.com"], json!([when(json!([{ "uri": { "prefix": "/api" } }]), "a")]));
    let complete = table(&[gateway(&["*.com"]), bound.clone()]);
    assert_eq!(sent(&complete, "a.com/api").as_deref(), Ok("a"));
    assert_eq!(sent(&complete, "a.com/other"), Err(NotFound::NoRule));
    assert_eq!(sent(&complete, "b.com/api"), Err(NotFound::NoVirtualService));
    assert_eq!(sent(&complete, "a.org/api"), Err(NotFound::NoServerForHost));
    let unselected = with(gateway(&["*.com"]), "selector", json!({ "istio": "other" }));
    assert_eq!(sent(&table(&[unselected, bound]), "a.com/api"), Err(NotFound::NoServerForPort));
}

#[test]
fn a_virtual_service_for_other_gateways_or_for_the_mesh_does_not_count() {
    for gateways in [json!([]), json!(["mesh"]), json!(["main"]), json!(["istio-system/other"])] {
        let other = with(virtual_service("a", &["a.com"], json!([to("a")])), "gateways", gateways);
        assert_eq!(sent(&table(&[gateway(&["*"]), other]), "a.com/"), Err(NotFound::NoVirtualService));
    }
}

#[test]
fn a_virtual_service_of_the_gateways_namespace_may_leave_the_namespace_out() {
    let mut own = with(virtual_service("a", &["a.com"], json!([to("a")])), "gateways", json!(["main"]));
    own["metadata"]["namespace"] = json!("istio-system");
    assert_eq!(sent(&table(&[gateway(&["*"]), own]), "a.com/").as_deref(), Ok("a"));
}

#[test]
fn a_virtual_service_that_is_not_exported_to_the_gateway_does_not_count() {
    let exported = |to: &[&str]| {
        let service = virtual_service("a", &["a.com"], json!([super::to("a")]));
        sent(&table(&[gateway(&["*"]), with(service, "exportTo", json!(to))]), "a.com/")
    };
    assert_eq!(exported(&["."]), Err(NotFound::NoVirtualService));
    assert_eq!(exported(&["istio-system"]).as_deref(), Ok("a"));
    assert_eq!(exported(&["*"]).as_deref(), Ok("a"));
}

#[test]
fn rules_of_the_gateways_own_namespace_come_before_public_ones_of_any_age() {
    let path = json!([{ "uri": { "prefix": "/a" } }]);
    let public = virtual_service("a", &["a.com"], json!([when(path.clone(), "public")]));
    let mut own = with(virtual_service("b", &["a.com"], json!([when(path, "own")])), "exportTo", json!(["."]));
    own["metadata"]["namespace"] = json!("istio-system");
    assert_eq!(sent(&table(&[gateway(&["*"]), public, own]), "a.com/a").as_deref(), Ok("own"));
}

#[test]
fn a_server_host_with_a_namespace_lets_only_its_objects_bind() {
    let service = virtual_service("a", &["a.com"], json!([to("a")]));
    assert_eq!(sent(&table(&[gateway(&["test/*.com"]), service.clone()]), "a.com/").as_deref(), Ok("a"));
    assert_eq!(sent(&table(&[gateway(&["other/*.com"]), service.clone()]), "a.com/"), Err(NotFound::NoVirtualService));
    assert_eq!(sent(&table(&[gateway(&["./*.com"]), service]), "a.com/"), Err(NotFound::NoVirtualService));
}

#[test]
fn a_wildcard_of_either_side_binds_what_both_cover() {
    let of_service = table(&[gateway(&["a.foo.com"]), virtual_service("w", &["*.foo.com"], json!([to("w")]))]);
    assert_eq!(sent(&of_service, "a.foo.com/").as_deref(), Ok("w"));
    assert_eq!(sent(&of_service, "b.foo.com/"), Err(NotFound::NoServerForHost));
    let of_server = table(&[gateway(&["*.foo.com"]), virtual_service("w", &["foo.com"], json!([to("w")]))]);
    assert_eq!(sent(&of_server, "foo.com/"), Err(NotFound::NoServerForHost));
}

#[test]
fn the_host_that_names_a_request_most_closely_decides_alone() {
    let api = json!([when(json!([{ "uri": { "prefix": "/api" } }]), "exact")]);
    let table = table(&[
        gateway(&["*"]),
        virtual_service("wild", &["*.foo.com"], json!([to("wild")])),
        virtual_service("exact", &["a.foo.com"], api),
        virtual_service("all", &["*"], json!([to("all")])),
    ]);
    assert_eq!(sent(&table, "a.foo.com/api").as_deref(), Ok("exact"));
    assert_eq!(sent(&table, "a.foo.com/other"), Err(NotFound::NoRule), "the wildcard's rules do not come after");
    assert_eq!(sent(&table, "b.foo.com/other").as_deref(), Ok("wild"));
    assert_eq!(sent(&table, "bar.com/").as_deref(), Ok("all"));
}

#[test]
fn rules_of_several_virtual_services_on_one_host_follow_by_age_with_the_catch_all_last() {
    let aged = |name: &str, created: &str, http| {
        let mut service = virtual_service(name, &["a.com"], http);
        service["metadata"]["creationTimestamp"] = json!(created);
        service
    };
    let api = |service| when(json!([{ "uri": { "prefix": "/api" } }]), service);
    let table = table(&[
        gateway(&["*"]),
        aged("new", "2024-05-02T00:00:00Z", json!([api("new"), to("new-rest")])),
        aged("old", "2024-05-01T00:00:00Z", json!([to("old-rest")])),
    ]);
    assert_eq!(sent(&table, "a.com/api").as_deref(), Ok("new"));
    assert_eq!(sent(&table, "a.com/").as_deref(), Ok("old-rest"));
}

#[test]
fn hosts_match_in_either_case_and_with_a_port() {
    let table = table(&[gateway(&["*.foo.com"]), virtual_service("a", &["*.foo.com"], json!([to("a")]))]);
    assert_eq!(sent(&table, "A.Foo.com/").as_deref(), Ok("a"));
    assert_eq!(sent(&table, "a.foo.com:31080/").as_deref(), Ok("a"));
}

#[test]
fn before_1_15_a_wildcard_covers_no_port_but_the_servers_own() {
    let service = virtual_service("a", &["*.foo.com", "foo.com"], json!([to("a")]));
    let table = table_of("1.14.5", &[gateway(&["*"]), service]);
    assert_eq!(sent(&table, "a.foo.com/").as_deref(), Ok("a"));
    assert_eq!(sent(&table, "a.foo.com:80/").as_deref(), Ok("a"));
    assert_eq!(sent(&table, "a.foo.com:31080/"), Err(NotFound::NoVirtualService));
    assert_eq!(sent(&table, "foo.com:31080/").as_deref(), Ok("a"));
}

#[test]
fn each_port_has_rules_of_its_own() {
    let server = |port: u16, host: &str| json!({ "port": { "number": port, "protocol": "HTTP", "name": format!("p{port}") }, "hosts": [host] });
    let http = json!([when(json!([{ "port": 8080 }]), "on-8080"), to("on-80")]);
    let table = table(&[
        named_gateway("main", json!([server(80, "a.com"), server(8080, "a.com")])),
        virtual_service("a", &["a.com"], http),
    ]);
    let parts = parts(http::Request::builder(), "a.com/");
    let on = |port| format!("{:?}", table.decide(&RequestView::of(&parts, port).unwrap()).action);
    assert!(on(80).contains("on-80."));
    assert!(on(8080).contains("on-8080."));
    assert!(on(81).contains("NoServerForPort"));
}

#[test]
fn conditions_on_gateways_and_pods_pick_the_place() {
    let sent_when = |conditions| {
        let service = virtual_service("a", &["a.com"], json!([when(json!([conditions]), "here"), to("elsewhere")]));
        sent(&table(&[gateway(&["*"]), service]), "a.com/").unwrap()
    };
    assert_eq!(sent_when(json!({ "gateways": ["istio-system/main"] })), "here");
    assert_eq!(sent_when(json!({ "gateways": ["mesh"] })), "elsewhere");
    assert_eq!(sent_when(json!({ "sourceLabels": { "istio": "ingressgateway" } })), "here");
    assert_eq!(sent_when(json!({ "sourceLabels": { "app": "web" } })), "elsewhere");
    assert_eq!(sent_when(json!({ "sourceNamespace": "istio-system" })), "here");
    assert_eq!(sent_when(json!({ "sourceNamespace": "test" })), "elsewhere");
}

#[test]
fn a_virtual_service_with_a_bad_rule_is_left_out_and_named() {
    let bad = |http| {
        let table = table_of("1.14.5", &[gateway(&["*"]), virtual_service("a", &["a.com"], http)]);
        assert_eq!(sent(&table, "a.com/"), Err(NotFound::NoVirtualService));
        problems(&table).join("; ")
    };
    let weights =
        json!([{ "route": [{ "destination": { "host": "a" }, "weight": 1 }, { "destination": { "host": "b" } }] }]);
    assert_eq!(bad(weights), "VirtualService test/a: total destination weight 1 != 100");
    let expression = json!([when(json!([{ "uri": { "regex": "(" } }]), "a")]);
    assert_eq!(bad(expression), "VirtualService test/a: `(` is not a regular expression");
    assert_eq!(bad(json!([{}])), "VirtualService test/a: HTTP route, redirect or direct_response is required");
    assert_eq!(
        bad(json!([{ "redirect": { "redirectCode": 200 } }])),
        "VirtualService test/a: redirect code 200 is not supported"
    );
    assert_eq!(bad(json!([{ "directResponse": { "status": 7 } }])), "VirtualService test/a: 7 is not a status");
    assert_eq!(bad(json!([{ "delegate": { "name": "b" } }])), "VirtualService test/a: delegation is not simulated");
}

#[test]
fn a_bad_rule_is_named_once_however_many_servers_it_is_bound_to() {
    let server = |port: u16| json!({ "port": { "number": port, "protocol": "HTTP" }, "hosts": ["*"] });
    let gateway = named_gateway("main", json!([server(80), server(8080)]));
    assert_eq!(table(&[gateway, virtual_service("a", &["a.com"], json!([{}]))]).problems().len(), 1);
}

#[test]
fn a_gateway_without_objects_serves_nothing() {
    let workload = Workload { namespace: "x".into(), labels: [].into(), version: "1.18.5".parse().unwrap() };
    assert_eq!(RoutingTable::new(&super::Objects::default(), &workload).ports().count(), 0);
}

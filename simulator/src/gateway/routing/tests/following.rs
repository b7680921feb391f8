//! What the rule that counts makes of a request.

use std::time::Duration;

use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};

use super::super::{Action, Decision, Route, RoutingTable};
use super::{asked, asked_with, extended, gateway, named_gateway, sent, table, to, virtual_service, when, with};

fn following(http: Value) -> RoutingTable {
    table(&[gateway(&["*"]), virtual_service("a", &["a.com"], http)])
}

/// A rule to the service `a` with more members.
fn rule(more: Value) -> RoutingTable {
    following(json!([extended(to("a"), more)]))
}

fn routed<T>(table: &RoutingTable, url: &str, question: impl FnOnce(&Route<'_>) -> T) -> T {
    asked(table, url, |decision| match decision.action {
        Action::Route(route) => question(&route),
        other => panic!("{other:?}"),
    })
}

fn response_headers(decision: &Decision<'_>) -> Vec<String> {
    let mut headers = HeaderMap::new();
    decision.edit_response(&mut headers);
    let mut lines: Vec<_> =
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    lines.sort();
    lines
}

#[test]
fn the_first_rule_that_matches_decides() {
    let prefix = |prefix: &str| json!([{ "uri": { "prefix": prefix } }]);
    let table = following(json!([when(prefix("/a"), "short"), when(prefix("/a/b"), "long"), to("rest")]));
    assert_eq!(sent(&table, "a.com/a/b").as_deref(), Ok("short"), "order counts, not length");
    assert_eq!(sent(&table, "a.com/b").as_deref(), Ok("rest"));
}

#[test]
fn one_of_several_entries_of_match_is_enough() {
    let table = following(json!([
        when(json!([{ "uri": { "exact": "/a" } }, { "uri": { "exact": "/b" } }]), "either"),
        to("rest")
    ]));
    assert_eq!(sent(&table, "a.com/a").as_deref(), Ok("either"));
    assert_eq!(sent(&table, "a.com/b").as_deref(), Ok("either"));
    assert_eq!(sent(&table, "a.com/c").as_deref(), Ok("rest"));
}

#[test]
fn rules_after_one_that_matches_everything_are_never_reached() {
    let table = following(json!([to("all"), when(json!([{ "uri": { "exact": "/a" } }]), "late")]));
    assert_eq!(sent(&table, "a.com/a").as_deref(), Ok("all"));
}

#[test]
fn entries_after_one_that_matches_everything_are_never_reached() {
    let table = following(json!([{
        "match": [{ "uri": { "prefix": "/" } }, { "uri": { "prefix": "/two" } }],
        "rewrite": { "uri": "/" },
        "route": to("a")["route"],
    }]));
    assert_eq!(routed(&table, "a.com/two/x", |route| route.target.clone()), "/two/x");
}

#[test]
fn entries_of_one_rule_share_its_weights() {
    let table = following(json!([{
        "match": [{ "uri": { "exact": "/a" } }, { "uri": { "exact": "/b" } }],
        "route": [{ "destination": { "host": "x" }, "weight": 80 }, { "destination": { "host": "y" }, "weight": 20 }],
    }]));
    let paths = ["a.com/a", "a.com/b"].into_iter().cycle().take(1_000);
    let to_x = paths.filter(|url| sent(&table, url).unwrap() == "x").count();
    assert!(to_x.abs_diff(800) <= 10, "{to_x}");
}

#[test]
fn a_short_service_name_is_of_the_virtual_services_namespace() {
    let host = |table: &RoutingTable| routed(table, "a.com/", |route| route.destination.host.clone());
    assert_eq!(host(&following(json!([to("web")]))), "web.test.svc.cluster.local");
    assert_eq!(host(&following(json!([to("web.prod.svc.cluster.local")]))), "web.prod.svc.cluster.local");
}

#[test]
fn a_subset_has_the_labels_of_its_destination_rule() {
    let subset = |name: &str| json!([{ "route": [{ "destination": { "host": "web", "subset": name } }] }]);
    let rule = json!({
        "kind": "DestinationRule",
        "metadata": { "name": "web", "namespace": "test" },
        "spec": { "host": "web", "subsets": [{ "name": "v1", "labels": { "version": "1" } }] },
    });
    let labels = |name: &str| {
        let objects = [gateway(&["*"]), virtual_service("a", &["a.com"], subset(name)), rule.clone()];
        routed(&table(&objects), "a.com/", |route| route.destination.subset.as_ref().unwrap().labels.clone())
    };
    assert_eq!(labels("v1"), Some([("version".to_owned(), "1".to_owned())].into()));
    assert_eq!(labels("v2"), None);
}

#[test]
fn a_rewrite_changes_path_and_authority_and_keeps_the_query() {
    let table = following(json!([{
        "match": [{ "uri": { "prefix": "/two" } }],
        "rewrite": { "uri": "/", "authority": "b.com" },
        "route": to("a")["route"],
    }]));
    let sent = routed(&table, "a.com/two?x=1", |route| (route.target.clone(), route.authority.map(str::to_owned)));
    assert_eq!(sent, ("/?x=1".to_owned(), Some("b.com".to_owned())));
    assert_eq!(routed(&table, "a.com/two/a", |route| route.target.clone()), "//a");
}

#[test]
fn without_a_rewrite_the_normalised_path_is_sent() {
    let sent = routed(&rule(json!({})), "a.com/b/../c?x=1", |route| (route.target.clone(), route.rewritten));
    assert_eq!(sent, ("/c?x=1".to_owned(), false));
}

#[test]
fn the_authority_of_a_rewrite_comes_before_those_of_header_changes() {
    let authority = |more: Value, of_destination: Value| {
        let rule = json!({ "route": [{ "destination": { "host": "a" }, "headers": of_destination }] });
        routed(&following(json!([extended(rule, more)])), "a.com/", |route| route.authority.map(str::to_owned))
    };
    let host = |name: &str| json!({ "request": { "set": { "Host": name } } });
    let rewrite = json!({ "rewrite": { "authority": "rewrite" }, "headers": host("rule") });
    assert_eq!(authority(rewrite, host("destination")).as_deref(), Some("rewrite"));
    assert_eq!(authority(json!({ "headers": host("rule") }), host("destination")).as_deref(), Some("rule"));
    assert_eq!(authority(json!({}), host("destination")).as_deref(), Some("destination"));
    assert_eq!(authority(json!({}), json!({})), None);
}

#[test]
fn the_authority_of_a_rule_comes_before_that_of_a_weighted_destination() {
    let authority = |of_rule: &Value| {
        let one = |name: &str| json!({ "destination": { "host": name }, "weight": 50, "headers": { "request": { "set": { "host": "own" } } } });
        let table = following(json!([{ "headers": of_rule, "route": [one("a"), one("b")] }]));
        routed(&table, "a.com/", |route| route.authority.map(str::to_owned))
    };
    assert_eq!(authority(&json!({ "request": { "set": { "host": "rule" } } })).as_deref(), Some("rule"));
    assert_eq!(authority(&json!({})).as_deref(), Some("own"));
}

#[test]
fn the_changes_of_a_lone_destination_come_after_its_rules_and_those_of_a_weighted_one_before() {
    let set = |value: &str| json!({ "response": { "set": { "x": value } } });
    let one =
        |host: &str, weight: u32| json!({ "destination": { "host": host }, "weight": weight, "headers": set(host) });
    let headers = |route: Value| {
        let table = following(json!([{ "headers": set("rule"), "route": route }]));
        asked(&table, "a.com/", |decision| response_headers(&decision))
    };
    assert_eq!(headers(json!([one("lone", 0)])), ["x: lone"]);
    assert_eq!(headers(json!([one("a", 50), one("b", 50)])), ["x: rule"]);
}

#[test]
fn a_rule_changes_headers_of_request_and_answer() {
    let table = rule(json!({ "headers": {
        "request": { "set": { "x-to": "pod" }, "remove": ["x-secret"] },
        "response": { "set": { "x-served-by": "cluster1" } },
    } }));
    asked(&table, "a.com/", |decision| {
        let mut request = HeaderMap::from_iter([("x-secret".parse().unwrap(), "1".parse().unwrap())]);
        decision.edit_request(&mut request);
        assert_eq!(request, HeaderMap::from_iter([("x-to".parse().unwrap(), "pod".parse().unwrap())]));
        assert_eq!(response_headers(&decision), ["x-served-by: cluster1"]);
    });
}

#[test]
fn a_redirect_is_answered_with_its_place() {
    let table = following(json!([{ "redirect": { "uri": "/new", "redirectCode": 302 } }]));
    asked(&table, "a.com/old?x=1", |decision| match decision.action {
        Action::Redirect { status, location } => {
            assert_eq!((status, location.as_str()), (StatusCode::FOUND, "http://a.com/new?x=1"));
        }
        other => panic!("{other:?}"),
    });
}

#[test]
fn a_server_may_redirect_all_its_hosts_to_https() {
    let server = json!([{
        "port": { "number": 80, "name": "HTTP-80", "protocol": "HTTP" },
        "hosts": ["*.foo.com"],
        "tls": { "httpsRedirect": true },
    }]);
    let bound = virtual_service("a", &["a.foo.com"], json!([to("a")]));
    let table = table(&[named_gateway("main", server), bound]);
    for host in ["a.foo.com", "b.foo.com"] {
        asked(&table, &format!("{host}/x?y"), |decision| match decision.action {
            Action::Redirect { status, location } => {
                assert_eq!((status, location), (StatusCode::MOVED_PERMANENTLY, format!("https://{host}/x?y")));
            }
            other => panic!("{other:?}"),
        });
    }
}

#[test]
fn only_hosts_of_the_redirecting_gateway_are_redirected() {
    let server = |hosts: Value, redirect: bool| {
        json!([{
            "port": { "number": 80, "name": "HTTP-80", "protocol": "HTTP" },
            "hosts": hosts,
            "tls": { "httpsRedirect": redirect },
        }])
    };
    let elsewhere =
        with(virtual_service("a", &["a.foo.com"], json!([to("a")])), "gateways", json!(["istio-system/open"]));
    let table = table(&[
        named_gateway("main", server(json!(["*.foo.com"]), true)),
        named_gateway("open", server(json!(["a.foo.com"]), false)),
        elsewhere,
    ]);
    assert_eq!(sent(&table, "a.foo.com/").as_deref(), Ok("a"));
}

#[test]
fn a_fixed_response_has_status_and_body_as_text_or_base64() {
    let response = |body: Value| {
        let table = following(json!([{ "directResponse": { "status": 503, "body": body } }]));
        asked(&table, "a.com/", |decision| match decision.action {
            Action::Respond(response) => (response.status.as_u16(), response.body.to_vec()),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(response(json!({ "string": "later" })), (503, b"later".to_vec()));
    assert_eq!(response(json!({ "bytes": "bGF0ZXI=" })), (503, b"later".to_vec()));
    assert_eq!(response(json!({})), (503, Vec::new()));
}

#[test]
fn faults_come_with_the_decision() {
    let table = rule(json!({ "fault": {
        "delay": { "fixedDelay": "2s", "percentage": { "value": 100 } },
        "abort": { "httpStatus": 418, "percentage": { "value": 50 } },
    } }));
    let aborted = (0..1_000).filter(|_| {
        asked(&table, "a.com/", |decision| {
            assert_eq!(decision.fault.delay, Some(Duration::from_secs(2)));
            decision.fault.abort == Some(StatusCode::IM_A_TEAPOT)
        })
    });
    assert!(aborted.count().abs_diff(500) <= 5);
}

#[test]
fn faults_strike_all_destinations_alike() {
    let table = following(json!([{
        "fault": { "abort": { "httpStatus": 500, "percentage": { "value": 20 } } },
        "route": [{ "destination": { "host": "x" }, "weight": 80 }, { "destination": { "host": "y" }, "weight": 20 }],
    }]));
    let to_y = |decision: &Decision<'_>| format!("{:?}", decision.action).contains("\"y.");
    let both =
        (0..1_000).filter(|_| asked(&table, "a.com/", |decision| decision.fault.abort.is_some() && to_y(&decision)));
    assert!(both.count().abs_diff(40) <= 10);
}

#[test]
fn timeout_and_retries_are_those_of_the_rule() {
    let written = rule(json!({ "timeout": "3s", "retries": { "attempts": 4, "perTryTimeout": "500ms" } }));
    routed(&written, "a.com/", |route| {
        assert_eq!(route.timeout, Some(Duration::from_secs(3)));
        assert_eq!((route.retries.retries, route.retries.per_try_timeout), (4, Some(Duration::from_millis(500))));
    });
    routed(&rule(json!({ "timeout": "0s" })), "a.com/", |route| {
        assert_eq!((route.timeout, route.retries.retries), (None, 2));
    });
}

#[test]
fn copies_go_to_mirrors_in_their_share() {
    let copies = |more: Value| {
        let table = rule(more);
        (0..1_000).filter(|_| routed(&table, "a.com/", |route| !route.mirrors.is_empty())).count()
    };
    let mirror = json!({ "host": "shadow" });
    assert_eq!(copies(json!({ "mirror": mirror })), 1_000);
    assert_eq!(copies(json!({ "mirror": mirror, "mirrorPercentage": { "value": 0 } })), 0);
    assert!(copies(json!({ "mirror": mirror, "mirrorPercentage": { "value": 25.5 } })).abs_diff(255) <= 5);
    assert!(copies(json!({ "mirror": mirror, "mirrorPercent": 10 })).abs_diff(100) <= 5);
    assert_eq!(copies(json!({ "mirrors": [{ "destination": mirror }] })), 1_000);
}

#[test]
fn a_preflight_request_is_answered_by_the_gateway() {
    let table =
        rule(json!({ "corsPolicy": { "allowOrigins": [{ "exact": "https://a.com" }], "allowMethods": ["GET"] } }));
    let preflight = Request::builder()
        .method(Method::OPTIONS)
        .header("origin", "https://a.com")
        .header("access-control-request-method", "GET");
    asked_with(&table, preflight, "a.com/", |decision| assert!(matches!(decision.action, Action::Preflight(_))));
    let plain = Request::builder().header("origin", "https://a.com");
    asked_with(&table, plain, "a.com/", |decision| match decision.action {
        Action::Route(route) => assert_eq!(route.cors["access-control-allow-origin"], "https://a.com"),
        other => panic!("{other:?}"),
    });
}

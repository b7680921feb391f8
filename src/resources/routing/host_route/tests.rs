use serde_json::{Value as Json, json};

use super::*;
use crate::framework::value::Value;
use crate::framework::{Diagnostics, Severity};

fn to(service: &str) -> Destination {
    Destination { service: Some(service.into()), namespace: Some("test".into()), port: Some(80), ..Default::default() }
}

fn weighted(weight: i64) -> Destination {
    Destination { weight: Some(weight), ..to("cluster1") }
}

fn forwarding() -> RouteRule {
    RouteRule { destination: vec![to("cluster1")], ..Default::default() }
}

fn route(rule: Vec<RouteRule>) -> HostRoute {
    HostRoute {
        namespace: "test".into(),
        name: "cluster1".into(),
        hosts: vec!["cluster1.imroc.cc".into()],
        gateways: vec!["istio-system/cluster".into()],
        rule,
        ..Default::default()
    }
}

fn exact(text: &str) -> TextMatch {
    TextMatch { exact: Some(text.into()), ..Default::default() }
}

fn at_path(prefix: &str) -> Match {
    Match { path: Some(PathMatch { prefix: Some(prefix.into()), ..Default::default() }), ..Default::default() }
}

/// Every block and argument, as far as they go together.
fn full() -> HostRoute {
    let changes = HeaderChanges {
        headers: [("x-served-by".into(), "cluster1".into())].into(),
        add: [("vary".into(), "x-user".into())].into(),
        remove: vec!["server".into()],
    };
    let matching = Match {
        ignore_path_case: Some(true),
        methods: vec!["GET".into(), "HEAD".into()],
        headers: [("x-user".into(), exact("alice")), ("x-debug".into(), TextMatch::default())].into(),
        without_headers: [("x-test".into(), TextMatch { prefix: Some("a".into()), ..Default::default() })].into(),
        query: [("v".into(), TextMatch { regex: Some("[0-9]+".into()), ..Default::default() })].into(),
        port: Some(80),
        ..at_path("/api/")
    };
    let forward = RouteRule {
        name: Some("api".into()),
        r#match: vec![matching, at_path("/other/")],
        destination: vec![
            Destination { respond_with: Some(changes.clone()), subset: Some("v1".into()), ..weighted(80) },
            Destination { host: Some("api.example.com".into()), weight: Some(20), ..Default::default() },
        ],
        rewrite: Some(Rewrite { path: Some("/".into()), host: Some("internal.example.com".into()) }),
        timeout: Some("5s".into()),
        retries: Some(Retries {
            attempts: 3,
            per_try_timeout: Some("2s".into()),
            retry_on: vec!["5xx".into(), "reset".into()],
        }),
        fault: Some(Fault {
            delay: Some(Delay { percent: 12.5, duration: "3s".into() }),
            abort: Some(Abort { percent: 100.0, status: 503 }),
        }),
        mirror: Some(Mirror { service: Some("canary".into()), percent: 10.0, ..Default::default() }),
        request_headers: Some(changes.clone()),
        respond_with: Some(changes),
        cors: Some(Cors {
            allow_origins: vec![exact("https://www.example.com")],
            allow_methods: vec!["GET".into()],
            allow_headers: vec!["content-type".into()],
            expose_headers: vec!["x-served-by".into()],
            max_age: Some("24h".into()),
            allow_credentials: Some(false),
        }),
        ..Default::default()
    };
    let redirect = Redirect {
        path: Some("/v2".into()),
        host: Some("www.example.com".into()),
        scheme: Some("https".into()),
        port: Some(8443),
        code: Some(302),
    };
    let moved = RouteRule { r#match: vec![at_path("/v1")], redirect: Some(redirect), ..Default::default() };
    let body = Some("Down for maintenance".into());
    let down = RouteRule { direct_response: Some(DirectResponse { status: 503, body }), ..Default::default() };
    HostRoute { export_to: vec![".".into()], ..route(vec![forward, moved, down]) }
}

fn read_back(route: &HostRoute, prior: &HostRoute) -> HostRoute {
    HostRoute::of(route.common(), &route.spec(), prior)
}

fn told(route: &HostRoute) -> Vec<String> {
    told_of(&route.to_object())
}

fn told_of(planned: &Value) -> Vec<String> {
    let mut diagnostics = Diagnostics::default();
    HostRoute::check(&Planned::new(planned, &Value::Null, planned), &mut diagnostics);
    let line = |found: crate::framework::Diagnostic| {
        let severity = if found.severity == Severity::Error { "error" } else { "warning" };
        format!("{severity} at {}: {}", found.path, found.summary)
    };
    diagnostics.into_iter().map(line).collect()
}

#[test]
fn the_usual_route_is_the_virtual_service_that_people_write() {
    let respond_with =
        HeaderChanges { headers: [("x-served-by".into(), "cluster1".into())].into(), ..Default::default() };
    let spec = route(vec![RouteRule { respond_with: Some(respond_with), ..forwarding() }]).spec();
    let expected: Json = json!({
        "hosts": ["cluster1.imroc.cc"],
        "gateways": ["istio-system/cluster"],
        "http": [{
            "route": [{"destination": {"host": "cluster1.test.svc.cluster.local", "port": {"number": 80}}}],
            "headers": {"response": {"set": {"x-served-by": "cluster1"}}},
        }],
    });
    assert_eq!(spec, expected);
}

#[test]
fn everything_that_is_written_is_read_back() {
    assert_eq!(read_back(&full(), &full()), full());
    assert_eq!(told(&full()), [""; 0]);
}

#[test]
fn a_service_is_named_as_before_where_that_means_the_same() {
    let named = |service: Option<&str>, namespace: Option<&str>, host: Option<&str>| {
        let [service, namespace, host] = [service, namespace, host].map(|text| text.map(String::from));
        route(vec![RouteRule {
            destination: vec![Destination { service, namespace, host, ..Default::default() }],
            ..Default::default()
        }])
    };
    let spellings = [
        named(Some("a"), Some("test"), None),
        named(Some("a"), None, None),
        named(None, None, Some("a.test.svc.cluster.local")),
    ];
    for spelling in &spellings {
        assert_eq!(&read_back(spelling, spelling), spelling);
        assert_eq!(&read_back(spelling, &HostRoute::default()), &spellings[0], "as an import reads it");
    }
    let other = named(None, None, Some("reviews"));
    assert_eq!(read_back(&other, &spellings[0]), other, "a changed host shows");
}

#[test]
fn methods_of_others_show_as_the_patterns_that_they_are() {
    let methods = |method: Json| {
        let spec = json!({"http": [{"match": [{"method": method}]}]});
        HostRoute::of(Common::default(), &spec, &HostRoute::default()).rule[0].r#match[0].methods.clone()
    };
    assert_eq!(methods(json!({"exact": "GET"})), ["GET"]);
    assert_eq!(methods(json!({"regex": "GET|HEAD"})), ["GET", "HEAD"]);
    assert_eq!(methods(json!({"prefix": "P"})), ["P.*"]);
}

#[test]
fn a_rule_does_exactly_one_thing() {
    assert_eq!(told(&route(vec![forwarding()])), [""; 0]);
    assert_eq!(told(&route(vec![RouteRule::default()])), ["error at rule[0].destination: A rule without an effect"]);
    let redirect = Some(Redirect { path: Some("/".into()), ..Default::default() });
    let both = RouteRule { redirect: redirect.clone(), ..forwarding() };
    assert_eq!(told(&route(vec![both])), ["error at rule[0].redirect: A rule with two effects"]);
    let rewrite = Some(Rewrite { path: Some("/".into()), ..Default::default() });
    let rewritten = RouteRule { redirect, rewrite, ..Default::default() };
    assert_eq!(told(&route(vec![rewritten])), ["error at rule[0].rewrite: Block of a rule that forwards"]);
}

#[test]
fn weights_are_shares_of_their_sum() {
    let of = |weights: &[i64]| {
        let destination = weights.iter().map(|weight| weighted(*weight)).collect();
        told(&route(vec![RouteRule { destination, ..Default::default() }]))
    };
    assert_eq!(of(&[80, 20]), [""; 0]);
    assert_eq!(of(&[1]), [""; 0], "one destination takes everything");
    assert_eq!(of(&[3, 1]), ["warning at rule[0].destination: Weights that are no percentages"]);
    assert_eq!(of(&[0, 0]), ["error at rule[0].destination[0].weight: No weights"]);
    let unset = RouteRule { destination: vec![to("a"), to("b")], ..Default::default() };
    assert_eq!(told(&route(vec![unset])), ["error at rule[0].destination[0].weight: No weights"]);
}

#[test]
fn a_service_is_named_once() {
    let of = |destination: Destination| {
        told(&route(vec![RouteRule { destination: vec![destination], ..Default::default() }]))
    };
    let host = Some("a.example.com".to_owned());
    assert_eq!(
        of(Destination::default()),
        ["error at rule[0].destination[0].service: A destination without a service"]
    );
    let both = of(Destination { host: host.clone(), namespace: None, ..to("a") });
    assert_eq!(both, ["error at rule[0].destination[0].host: Conflicting arguments"]);
    let placed = of(Destination { host, namespace: Some("b".into()), ..Default::default() });
    assert_eq!(placed, ["error at rule[0].destination[0].namespace: Conflicting arguments"]);
    let mirror = Some(Mirror::default());
    let mirrored = told(&route(vec![RouteRule { mirror, ..forwarding() }]));
    assert_eq!(mirrored, ["error at rule[0].mirror.service: A destination without a service"]);
}

#[test]
fn conditions_are_checked_where_they_stand() {
    let of = |condition: Match| told(&route(vec![RouteRule { r#match: vec![condition], ..forwarding() }]));
    let path = |exact: Option<&str>, prefix: Option<&str>| PathMatch {
        exact: exact.map(Into::into),
        prefix: prefix.map(Into::into),
        regex: None,
    };
    let with_path = |path| Match { path: Some(path), ..Default::default() };
    assert_eq!(of(with_path(path(None, None))), ["error at rule[0].match[0].path.exact: Missing argument"]);
    let two = of(with_path(path(Some("/a"), Some("/b"))));
    assert_eq!(two, ["error at rule[0].match[0].path.prefix: Conflicting arguments"]);
    let headers = [("X-User".to_owned(), exact("a")), ("method".to_owned(), exact("GET"))].into();
    let wrong = of(Match { headers, ..Default::default() });
    assert_eq!(wrong[0], "error at rule[0].match[0].headers[\"X-User\"]: Invalid value");
    assert_eq!(wrong[1], "error at rule[0].match[0].headers[\"method\"]: Invalid value");
    let query = [("v".to_owned(), TextMatch::default())].into();
    let empty = of(Match { query, ..Default::default() });
    assert_eq!(empty, ["error at rule[0].match[0].query[\"v\"].exact: Missing argument"]);
}

#[test]
fn hosts_are_distinct_and_all_of_them_only_for_gateways() {
    let of = |hosts: &[&str], gateways: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        told(&HostRoute { hosts: owned(hosts), gateways: owned(gateways), ..route(vec![forwarding()]) })
    };
    assert_eq!(of(&["a.com", "A.com"], &["g"]), ["error at hosts: Invalid value"]);
    assert_eq!(of(&["*"], &["g"]), [""; 0]);
    assert_eq!(of(&["*"], &["g", "mesh"]), ["error at hosts: Host of every service in the mesh"]);
    assert_eq!(of(&["*"], &[]), ["error at hosts: Host of every service in the mesh"]);
}

#[test]
fn a_rule_behind_one_that_takes_everything_is_never_reached() {
    let behind = |first: Match| told(&route(vec![RouteRule { r#match: vec![first], ..forwarding() }, forwarding()]));
    assert_eq!(behind(at_path("/a")), [""; 0]);
    assert_eq!(behind(at_path("/")), ["warning at rule[1]: A rule that is never reached"]);
    assert_eq!(behind(Match { port: Some(80), ..at_path("/") }), [""; 0]);
}

#[test]
fn a_condition_that_an_earlier_rule_has_is_never_looked_at() {
    let rule = |conditions: &[&str]| RouteRule {
        r#match: conditions.iter().map(|path| at_path(path)).collect(),
        ..forwarding()
    };
    assert_eq!(told(&route(vec![rule(&["/a", "/a"])])), [""; 0]);
    let told = told(&route(vec![rule(&["/a"]), rule(&["/b", "/a"]), rule(&["/a/b"])]));
    assert_eq!(told, ["warning at rule[1].match[1]: A match without effect"]);
}

#[test]
fn one_attempt_is_shorter_than_the_whole_request() {
    let of = |each: &str, all: &str| {
        let retries = Some(Retries { attempts: 2, per_try_timeout: Some(each.into()), ..Default::default() });
        told(&route(vec![RouteRule { retries, timeout: Some(all.into()), ..forwarding() }]))
    };
    assert_eq!(of("2s", "5s"), [""; 0]);
    assert_eq!(of("1m", "5s"), ["warning at rule[0].retries.per_try_timeout: Time of an attempt without effect"]);
}

#[test]
fn blocks_say_something_and_retries_fit() {
    let of = |rule: RouteRule| told(&route(vec![rule]));
    assert_eq!(
        of(RouteRule { fault: Some(Fault::default()), ..forwarding() }),
        ["error at rule[0].fault.delay: A block that says nothing"]
    );
    let respond_with = Some(HeaderChanges::default());
    assert_eq!(
        of(RouteRule { respond_with, ..forwarding() }),
        ["error at rule[0].respond_with.headers: A block that says nothing"]
    );
    let retries = Some(Retries { attempts: 0, retry_on: vec!["5xx".into()], ..Default::default() });
    assert_eq!(of(RouteRule { retries, ..forwarding() }), ["error at rule[0].retries.retry_on: Conflicting arguments"]);
}

#[test]
fn what_is_not_known_yet_is_not_wrong() {
    fn unknown(value: &Value) -> Value {
        match value {
            Value::Map(entries) => Value::object(entries.iter().map(|(key, value)| (key.clone(), unknown(value)))),
            Value::List(items) if !items.is_empty() => Value::List(items.iter().map(unknown).collect()),
            _ => Value::Unknown,
        }
    }
    assert_eq!(told_of(&unknown(&full().to_object())), [""; 0]);
    assert_eq!(told_of(&Value::object([("rule", Value::Unknown), ("hosts", Value::Unknown)])), [""; 0]);
}

//! Virtual services.

use serde_json::{Map, Value};

use super::hosts::{covers, duration_fault, export_faults, host_fault, list, number_fault, text};
use super::policies;
use super::refuse;
use crate::kubernetes::errors::ApiError;
use crate::kubernetes::kinds::Behaviour;
use crate::kubernetes::names::is_label;
use crate::kubernetes::object::Object;

/// The behaviour of virtual services.
#[derive(Debug)]
pub(super) struct VirtualServices {
    /// Whether the weights of a route must make exactly 100.
    pub(super) percent_weights: bool,
}

impl Behaviour for VirtualServices {
    fn admit(&self, service: &Object) -> Result<(), ApiError> {
        let mut faults = self.faults(service.at("/spec").unwrap_or(&Value::Null));
        faults.extend(export_faults(service.text("/metadata/namespace"), service.list("/spec/exportTo"), false));
        refuse(&faults)
    }
}

impl VirtualServices {
    fn faults(&self, spec: &Value) -> Vec<String> {
        let routes = ["http", "tls", "tcp"];
        let mut faults = host_faults(spec);
        faults
            .extend(list(spec, "gateways").iter().filter_map(|name| gateway_fault(name.as_str().unwrap_or_default())));
        if routes.iter().all(|kind| list(spec, kind).is_empty()) {
            faults.push("http, tcp or tls must be provided in virtual service".to_owned());
        }
        let is_delegate = list(spec, "hosts").is_empty();
        for route in list(spec, "http") {
            faults.extend(self.http_faults(route, is_delegate));
        }
        for route in list(spec, "tls") {
            faults.extend(sni_faults(route, list(spec, "hosts")));
        }
        for route in list(spec, "tls").iter().chain(list(spec, "tcp")) {
            faults.extend(self.destination_faults(list(route, "route"), true));
        }
        faults
    }

    fn http_faults(&self, route: &Value, is_delegate: bool) -> Vec<String> {
        let mut faults = action_faults(route, is_delegate);
        faults.extend(self.destination_faults(list(route, "route"), false));
        faults.extend(list(route, "match").iter().flat_map(match_faults));
        faults.extend(policies::faults(route));
        faults.extend(route["timeout"].as_str().and_then(duration_fault));
        if !route["mirror"].is_null() {
            faults.extend(destination_fault(&route["mirror"]));
        }
        faults
    }

    fn destination_faults(&self, routes: &[Value], is_needed: bool) -> Vec<String> {
        if routes.is_empty() {
            return is_needed.then(|| "route is required".to_owned()).into_iter().collect();
        }
        let mut faults: Vec<_> = routes.iter().flat_map(|route| destination_fault(&route["destination"])).collect();
        let weights: Vec<_> = routes.iter().map(|route| route["weight"].as_i64().unwrap_or(0)).collect();
        let total: i64 = weights.iter().sum();
        if weights.iter().any(|weight| *weight < 0) {
            faults.push("weight must not be negative".to_owned());
        } else if routes.len() > 1 && self.percent_weights && total != 100 {
            faults.push(format!("total destination weight {total} != 100"));
        } else if routes.len() > 1 && total == 0 {
            faults.push("total destination weight = 0".to_owned());
        }
        faults
    }
}

fn host_faults(spec: &Value) -> Vec<String> {
    let hosts: Vec<_> = list(spec, "hosts").iter().filter_map(Value::as_str).collect();
    let gateways = list(spec, "gateways");
    let on_mesh = gateways.is_empty() || gateways.iter().any(|gateway| gateway == "mesh");
    let mut faults: Vec<_> = hosts.iter().filter_map(|host| host_fault(host)).collect();
    if on_mesh && hosts.contains(&"*") {
        faults.push("wildcard host * is not allowed for virtual services bound to the mesh gateway".to_owned());
    }
    if hosts.is_empty() && !gateways.is_empty() {
        faults.push("virtual service must have at least one host".to_owned());
    }
    let pairs = (0..hosts.len()).flat_map(|first| (first + 1..hosts.len()).map(move |second| (first, second)));
    let overlapping = pairs.filter(|(one, two)| covers(hosts[*one], hosts[*two]) || covers(hosts[*two], hosts[*one]));
    let told =
        |(one, two): (usize, usize)| format!("duplicate hosts in virtual service: {} & {}", hosts[one], hosts[two]);
    faults.extend(overlapping.map(told));
    faults
}

/// A gateway is named as `name`, as `namespace/name`, or is `mesh`.
fn gateway_fault(name: &str) -> Option<String> {
    let (namespace, name) = name.split_once('/').unwrap_or(("default", name));
    let is_old_name = name.contains('.') && host_fault(name).is_none();
    let is_valid = is_label(namespace) && (is_label(name) || is_old_name);
    (!is_valid).then(|| format!("invalid value for gateway name: {namespace}/{name}"))
}

/// A route forwards, redirects, answers or delegates: one of them, and only what is forwarded can be changed or disturbed.
fn action_faults(route: &Value, is_delegate: bool) -> Vec<String> {
    let has = |name: &&str| !route[name].is_null() && route[name].as_array().is_none_or(|items| !items.is_empty());
    let actions: Vec<_> = ["delegate", "redirect", "directResponse", "route"].into_iter().filter(has).collect();
    let Some((action, others)) = actions.split_first() else {
        return vec!["HTTP route, redirect or direct_response is required".to_owned()];
    };
    if *action == "delegate" && is_delegate {
        return vec!["delegate HTTP route cannot contain delegate".to_owned()];
    }
    let forbids = matches!(*action, "redirect" | "directResponse");
    let changes = ["fault", "rewrite"].into_iter().filter(|name| forbids && has(name));
    let named = |name: &str| if name == "directResponse" { "direct_response" } else { name }.to_owned();
    let told = |other| format!("HTTP route cannot contain both {} and {}", named(other), named(action));
    others.iter().copied().chain(changes).map(told).collect()
}

fn destination_fault(destination: &Value) -> Vec<String> {
    if destination.is_null() {
        return vec!["destination is required".to_owned()];
    }
    let host = text(destination, "host");
    let name = if host == "*" { Some("invalid destination host *".to_owned()) } else { host_fault(host) };
    let port =
        destination["port"].as_object().and_then(|port| number_fault(port.get("number").and_then(Value::as_i64)));
    name.into_iter().chain(port).collect()
}

fn match_faults(request: &Value) -> Vec<String> {
    let single = ["uri", "scheme", "method", "authority"].into_iter().map(|name| (name, &request[name]));
    let maps = ["headers", "withoutHeaders", "queryParams"];
    let entries = maps
        .into_iter()
        .flat_map(|name| request[name].as_object().into_iter().flatten().map(move |(_, text)| (name, text)));
    // A header with an empty match needs only to be there.
    let entries = entries.filter(|(_, text)| text.as_object().is_some_and(|map| !map.is_empty()));
    let port = request["port"].as_i64().filter(|port| *port != 0);
    let texts = single.filter(|(_, text)| !text.is_null()).chain(entries);
    texts
        .filter_map(|(place, text)| text_fault(place, text))
        .chain(port.and_then(|port| number_fault(Some(port))))
        .collect()
}

/// What is wrong with a condition on a text.
fn text_fault(place: &str, condition: &Value) -> Option<String> {
    let kinds = condition.as_object().map_or(0, Map::len);
    if kinds != 1 {
        return Some(format!("string match must have exactly one of exact, prefix and regex: {condition}"));
    }
    // A lone star is no expression, but what must not be there may be anything.
    let star = place == "withoutHeaders" && condition["regex"] == "*";
    if place != "uri" && condition["prefix"] == "" {
        return Some(format!("{place:?}: prefix string match should not be empty"));
    }
    condition["regex"].as_str().filter(|_| !star).and_then(|expression| policies::expression_fault(place, expression))
}

/// A TLS route is chosen by server names that are among the service's hosts.
fn sni_faults(route: &Value, hosts: &[Value]) -> Vec<String> {
    let matches = list(route, "match");
    if matches.is_empty() {
        return vec!["TLS match must have at least one SNI host".to_owned()];
    }
    let names = matches.iter().flat_map(|request| list(request, "sniHosts")).filter_map(Value::as_str);
    let covers = |name: &str| hosts.iter().filter_map(Value::as_str).any(|host| covers(host, name));
    let outside = names.filter(|name| !covers(name));
    let mut faults: Vec<_> = outside
        .map(|name| format!("SNI host {name:?} is not a compatible subset of the virtual service hosts"))
        .collect();
    if matches.iter().any(|request| list(request, "sniHosts").is_empty()) {
        faults.push("TLS match must have at least one SNI host".to_owned());
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(http: &Value) -> Vec<String> {
        let spec = json!({"hosts": ["a.example.com"], "gateways": ["istio-system/cluster"], "http": [http]});
        VirtualServices { percent_weights: true }.faults(&spec)
    }

    fn to(weights: &[i64]) -> Value {
        let host = "s.test.svc.cluster.local";
        weights
            .iter()
            .map(|weight| json!({"destination": {"host": host, "port": {"number": 80}}, "weight": weight}))
            .collect()
    }

    #[test]
    fn the_usual_routes_are_valid() {
        for route in [
            json!({"route": to(&[0])}),
            json!({"route": to(&[80, 20]), "match": [{"uri": {"prefix": "/a"}, "headers": {"x": {}}}], "timeout": "5s"}),
            json!({"redirect": {"uri": "/b", "redirectCode": 302}}),
            json!({"route": to(&[0]), "match": [{"withoutHeaders": {"x": {"regex": "*"}}, "uri": {"prefix": ""}}]}),
            json!({"route": to(&[0]), "retries": {"attempts": 3, "perTryTimeout": "2s"}, "mirrorPercentage": {"value": 50.0}}),
        ] {
            assert_eq!(faults(&route), Vec::<String>::new(), "{route}");
        }
    }

    #[test]
    fn weights_make_100_or_are_shares() {
        let spec = |weights: &[i64]| json!({"hosts": ["a.b"], "http": [{"route": to(weights)}]});
        let old = |weights: &[i64]| VirtualServices { percent_weights: true }.faults(&spec(weights));
        let new = |weights: &[i64]| VirtualServices { percent_weights: false }.faults(&spec(weights));
        assert_eq!(old(&[50, 40]), ["total destination weight 90 != 100"]);
        assert_eq!(new(&[50, 40]), Vec::<String>::new());
        assert_eq!(new(&[0, 0]), ["total destination weight = 0"]);
        assert_eq!(new(&[-1, 5]), ["weight must not be negative"]);
    }

    #[test]
    fn each_fault_of_a_route_is_told() {
        for route in [
            json!({}),
            json!({"route": to(&[0]), "redirect": {"uri": "/"}}),
            json!({"route": [{}]}),
            json!({"route": [{"destination": {"host": "*"}}]}),
            json!({"route": [{"destination": {"host": "s", "port": {"number": 70000}}}]}),
            json!({"route": to(&[0]), "match": [{"uri": {"prefix": "/", "exact": "/"}}]}),
            json!({"route": to(&[0]), "timeout": "500us"}),
            json!({"route": to(&[0]), "retries": {"attempts": 0, "retryOn": "5xx"}}),
            json!({"redirect": {"uri": "/"}, "fault": {"abort": {"httpStatus": 503}}}),
            json!({"directResponse": {"status": 200}, "rewrite": {"uri": "/"}}),
            json!({"directResponse": {"status": 200}, "redirect": {"uri": "/"}}),
            json!({"route": to(&[0]), "match": [{"port": 70000}]}),
            json!({"route": to(&[0]), "match": [{"headers": {"x": {"regex": "*"}}}]}),
            json!({"route": to(&[0]), "match": [{"headers": {"x": {"prefix": ""}}}]}),
        ] {
            assert_eq!(faults(&route).len(), 1, "{route}: {:?}", faults(&route));
        }
    }

    #[test]
    fn hosts_and_gateways_are_checked() {
        let check = |spec: Value| VirtualServices { percent_weights: true }.faults(&spec).len();
        let http = json!([{"route": to(&[0])}]);
        assert_eq!(check(json!({"hosts": ["*"], "http": http})), 1);
        assert_eq!(check(json!({"hosts": ["*"], "gateways": ["g"], "http": http})), 0);
        assert_eq!(check(json!({"hosts": ["a.b", "a.b"], "http": http})), 1);
        assert_eq!(check(json!({"hosts": ["a.b", "*.b"], "http": http})), 1);
        assert_eq!(check(json!({"hosts": ["a.b", "*.a.b"], "http": http})), 0);
        assert_eq!(check(json!({"hosts": ["a.b"], "gateways": ["A/b/c"], "http": http})), 1);
        assert_eq!(check(json!({"hosts": ["a.b"]})), 1);
        let tls = json!([{"match": [{"sniHosts": ["x.c"]}], "route": to(&[0])}]);
        assert_eq!(check(json!({"hosts": ["a.b"], "tls": tls})), 1);
        assert_eq!(check(json!({"hosts": ["*.c"], "gateways": ["g"], "tls": tls})), 0);
    }
}

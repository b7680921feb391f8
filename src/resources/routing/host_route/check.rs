//! The rules that the known values of one route decide: those of Istio's validation, and warnings for what it accepts and what
//! has no effect.
//!
//! What is missing is told at its own path, for which Terraform shows the line of the block that lacks it; for the path of the block
//! it shows the line of the resource (measured on Terraform 1.11.4 and 1.15.5).
//!
//! Source: Istio's validation of virtual services, releases 1.12 to 1.27.

use super::super::values;
use super::{HostRoute, Match};
use crate::framework::value::Value;
use crate::framework::{Diagnostics, Part, Planned, Step, parse_duration};
use crate::resources::names::MESH;

pub(super) fn check(route: &Planned<'_, HostRoute>, diagnostics: &mut Diagnostics) {
    check_hosts(route, diagnostics);
    let rules = route.each("rule");
    for rule in &rules {
        check_action(rule, diagnostics);
        check_destinations(rule, diagnostics);
        check_matches(rule, diagnostics);
        check_blocks(rule, diagnostics);
        check_retries(rule, diagnostics);
    }
    warn_of_unreachable(&rules, diagnostics);
    warn_of_repeated(&rules, diagnostics);
}

fn check_hosts(route: &Part<'_>, diagnostics: &mut Diagnostics) {
    let Some(hosts) = route.known::<Vec<String>>("hosts") else { return };
    let lower: Vec<String> = hosts.iter().map(|host| host.to_lowercase()).collect();
    for (index, host) in lower.iter().enumerate() {
        if lower[..index].contains(host) {
            let detail = format!("Expected each host once; found `{host}` again.");
            diagnostics.error(route.at("hosts"), "Invalid value", detail);
        }
    }
    let is_for_mesh = match route.known::<Vec<String>>("gateways") {
        Some(gateways) => gateways.is_empty() || gateways.iter().any(|gateway| gateway == MESH),
        None => route.is_null("gateways"),
    };
    if is_for_mesh && hosts.iter().any(|host| host == "*") {
        let detail = "The host `*` is only for gateways: name some in `gateways`, without `mesh`, or name the hosts.";
        diagnostics.error(route.at("hosts"), "Host of every service in the mesh", detail);
    }
}

/// A rule forwards, redirects or answers: exactly one of them.
fn check_action(rule: &Part<'_>, diagnostics: &mut Diagnostics) {
    const ANSWERS: &[&str] = &["redirect", "direct_response"];
    let answers: Vec<_> = ANSWERS.iter().copied().filter(|name| rule.is_set(name)).collect();
    let mut actions = answers.clone();
    if !rule.each("destination").is_empty() {
        actions.push("destination");
    }
    let is_open = ["destination"].iter().chain(ANSWERS).any(|name| !rule.is_set(name) && !rule.is_null(name));
    match actions.as_slice() {
        [] if !is_open => {
            let detail = "A rule needs a `destination`, a `redirect` or a `direct_response` block.";
            diagnostics.error(rule.at("destination"), "A rule without an effect", detail);
        }
        [] | [_] => {}
        [first, ..] => {
            let detail = format!("Expected one of the blocks `{}`; a rule does one thing.", actions.join("`, `"));
            diagnostics.error(rule.at(first), "A rule with two effects", detail);
        }
    }
    for answer in answers {
        for name in ["rewrite", "fault"].into_iter().filter(|name| rule.is_set(name)) {
            let detail = format!("A rule with a `{answer}` forwards nothing: it cannot have a `{name}`.");
            diagnostics.error(rule.at(name), "Block of a rule that forwards", detail);
        }
    }
}

fn check_destinations(rule: &Part<'_>, diagnostics: &mut Diagnostics) {
    let destinations = rule.each("destination");
    for destination in destinations.iter().chain(rule.object("mirror").as_ref()) {
        check_service(destination, diagnostics);
    }
    if destinations.len() < 2 || destinations.iter().any(|destination| destination.is_unknown("weight")) {
        return;
    }
    let total: i64 = destinations.iter().filter_map(|destination| destination.known::<i64>("weight")).sum();
    if total == 0 {
        let detail = "Several destinations share the requests by their `weight`, but all weights are zero or not set.";
        diagnostics.error(destinations[0].at("weight"), "No weights", detail);
    } else if total != 100 {
        let detail = format!(
            "The weights are {total} together. From Istio 1.15 on they are shares of their sum; up to 1.14 the mesh refuses any sum but 100."
        );
        diagnostics.warning(rule.at("destination"), "Weights that are no percentages", detail);
    }
}

/// A service is named by its name or by its host.
fn check_service(target: &Part<'_>, diagnostics: &mut Diagnostics) {
    if target.is_null("service") && target.is_null("host") {
        let detail = "Expected `service`, or `host` instead.";
        diagnostics.error(target.at("service"), "A destination without a service", detail);
    }
    if target.is_set("service") && target.is_set("host") {
        diagnostics.error(target.at("host"), "Conflicting arguments", "Expected either `service` or `host`.");
    } else if target.is_set("namespace") && target.is_set("host") {
        let detail = "A `host` is a whole name: `namespace` goes with `service`.";
        diagnostics.error(target.at("namespace"), "Conflicting arguments", detail);
    }
}

fn check_matches(rule: &Part<'_>, diagnostics: &mut Diagnostics) {
    for condition in rule.each("match") {
        if let Some(path) = condition.object("path") {
            check_one_of(&path, diagnostics);
        }
        for parameter in condition.each("query") {
            check_one_of(&parameter, diagnostics);
        }
        for name in ["headers", "without_headers"] {
            for header in condition.each(name) {
                let Some(Step::Key(key)) = header.path().steps().last() else { continue };
                if let Err(problem) = values::matched_header(key) {
                    diagnostics.error(header.path().clone(), "Invalid value", problem);
                }
            }
        }
    }
}

/// Exactly one of `exact`, `prefix` and `regex`.
fn check_one_of(text: &Part<'_>, diagnostics: &mut Diagnostics) {
    const NAMES: &[&str] = &["exact", "prefix", "regex"];
    let set: Vec<_> = NAMES.iter().copied().filter(|name| text.is_set(name)).collect();
    match set.as_slice() {
        [_] => {}
        [] if NAMES.iter().any(|name| !text.is_null(name)) => {}
        [] => {
            let detail = "Expected exactly one of `exact`, `prefix` and `regex`; found none.";
            diagnostics.error(text.at(NAMES[0]), "Missing argument", detail);
        }
        [_, second, ..] => {
            let detail =
                format!("Expected exactly one of `exact`, `prefix` and `regex`; found `{}`.", set.join("` and `"));
            diagnostics.error(text.at(second), "Conflicting arguments", detail);
        }
    }
}

/// Blocks that say nothing.
fn check_blocks(rule: &Part<'_>, diagnostics: &mut Diagnostics) {
    const CHANGES: &[&str] = &["headers", "add", "remove"];
    check_filled(rule, "rewrite", &["path", "host"], diagnostics);
    check_filled(rule, "redirect", &["path", "host", "scheme", "port"], diagnostics);
    check_filled(rule, "fault", &["delay", "abort"], diagnostics);
    for part in rule.each("destination").iter().chain([rule]) {
        check_filled(part, "request_headers", CHANGES, diagnostics);
        check_filled(part, "respond_with", CHANGES, diagnostics);
    }
}

fn check_filled(part: &Part<'_>, block: &str, arguments: &[&str], diagnostics: &mut Diagnostics) {
    let Some(found) = part.object(block) else { return };
    if arguments.iter().all(|name| is_unset(&found, name)) {
        let detail = format!("Expected at least one of `{}`.", arguments.join("`, `"));
        diagnostics.error(found.at(arguments[0]), "A block that says nothing", detail);
    }
}

fn check_retries(rule: &Part<'_>, diagnostics: &mut Diagnostics) {
    let Some(retries) = rule.object("retries") else { return };
    if retries.known::<i64>("attempts") == Some(0) {
        for name in ["per_try_timeout", "retry_on"].into_iter().filter(|name| !is_unset(&retries, name)) {
            let detail = "With `attempts = 0` there are no retries that this could be about.";
            diagnostics.error(retries.at(name), "Conflicting arguments", detail);
        }
    }
    let length = |part: &Part<'_>, name| part.known::<String>(name).and_then(|text| parse_duration(&text));
    let (each, all) = (length(&retries, "per_try_timeout"), length(rule, "timeout"));
    if each.zip(all).is_some_and(|(each, all)| each > all) {
        let detail = "One attempt may take longer than the whole request (`timeout`), which ends first: there is no second attempt.";
        diagnostics.warning(retries.at("per_try_timeout"), "Time of an attempt without effect", detail);
    }
}

/// Rules behind one that takes every request are never reached.
fn warn_of_unreachable(rules: &[Part<'_>], diagnostics: &mut Diagnostics) {
    let Some(last) = rules.iter().position(takes_everything) else { return };
    for rule in rules.iter().skip(last + 1) {
        let detail = format!(
            "Rules are tried in their order, and rule {} takes every request. Put this rule before it.",
            last + 1
        );
        diagnostics.warning(rule.path().clone(), "A rule that is never reached", detail);
    }
}

/// Conditions that an earlier rule has, too, are never looked at.
fn warn_of_repeated(rules: &[Part<'_>], diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(usize, Match)> = Vec::new();
    for (position, rule) in rules.iter().enumerate() {
        let conditions = rule.known::<Vec<Match>>("match").unwrap_or_default();
        for (part, condition) in rule.each("match").iter().zip(conditions) {
            match seen.iter().find(|(earlier, other)| *earlier < position && *other == condition) {
                Some((earlier, _)) => {
                    let detail = format!(
                        "RouteRule {} takes these requests already: rules are tried in their order.",
                        earlier + 1
                    );
                    diagnostics.warning(part.path().clone(), "A match without effect", detail);
                }
                None => seen.push((position, condition)),
            }
        }
    }
}

fn takes_everything(rule: &Part<'_>) -> bool {
    let conditions = rule.each("match");
    let open = conditions.is_empty() && rule.is_unknown("match");
    !open && (conditions.is_empty() || conditions.iter().any(is_no_condition))
}

fn is_no_condition(condition: &Part<'_>) -> bool {
    const OTHERS: &[&str] = &["methods", "headers", "without_headers", "query", "port"];
    let any_path = condition.is_null("path") || condition.known::<String>("path.prefix").as_deref() == Some("/");
    any_path && OTHERS.iter().all(|name| is_unset(condition, name))
}

/// Whether an argument is not set, or an empty collection, which says no more.
fn is_unset(part: &Part<'_>, name: &str) -> bool {
    part.is_null(name) || part.known::<Value>(name).is_some_and(|value| value.is_empty_collection())
}

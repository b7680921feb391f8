//! What a probe is told, and what it tells.

use std::collections::BTreeMap;

use super::checks;
use super::target::check_authority;
use crate::dns;
use crate::framework::{Computed, Diagnostics, Model, Planned};

/// Asks a host for a path, again and again until the answer is the expected one, as curl would: for `check` blocks that prove where the
/// requests for a host end up. Tell the clusters apart by something they answer: the body, or a header that a route sets by
/// `respond_with`.
///
/// An unexpected answer, or none, is no error: `passed` is then false, and `failure` says why.
///
/// There is an ephemeral resource and a data source of this name, with the same arguments and results. **In a `check` use the
/// ephemeral resource**: it asks in every plan and every apply and is stored nowhere, so that plans stay empty. A data source inside
/// of a `check` block is read again by every apply, so that no plan is ever empty, and with one outside of it `plan -refresh-only
/// -detailed-exitcode` of Terraform 1.15 exits with 2. **Use the data source where a resource or an output needs what was answered.**
///
/// Terraform does not show an `error_message` that is made of what an ephemeral resource found. Where a host is not answered as
/// expected, opening the ephemeral resource therefore warns, with the failure in the warning.
///
/// In a plan it asks for what is there before the apply, as soon as its arguments are known. Take one of them from what is known only
/// after the apply, such as the `fqdn` of a `tcmesh_dns_record`, so that a plan does not wait for a host that is yet to come.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct RouteProbe {
    /// The host, for example `cluster1.example.com`.
    #[tf(required, check = checks::host)]
    pub host: String,
    /// The path with its query, for example `/two?a=b`; `/` where absent.
    #[tf(optional, default = "/", check = checks::path)]
    pub path: String,
    /// The port, for example `8080`; that of the scheme where absent.
    #[tf(optional, range(1..=65535))]
    pub port: Option<i64>,
    /// The scheme: `http`, which is also the default, or `https`. Certificates are checked.
    #[tf(optional, default = "http", one_of("http", "https"))]
    pub scheme: String,
    /// The method, for example `HEAD`; `GET` where absent.
    #[tf(optional, default = "GET", one_of("GET", "HEAD", "OPTIONS"))]
    pub method: String,
    /// Headers of the request, for example `{ x-user = "alice" }`.
    #[tf(optional, check = checks::headers)]
    pub request_headers: BTreeMap<String, String>,
    /// The address to go to instead of asking DNS, for example `203.0.113.10` of the gateway.
    #[tf(optional, check = checks::address)]
    pub address: Option<String>,
    /// The DNS server to ask, for example `119.29.29.29` or `127.0.0.1:5353`; that of the system where absent.
    #[tf(optional, check = dns::check_server)]
    pub resolver: Option<String>,
    /// Where to go instead of host and port, for example `127.0.0.1:8080`. The request stays the same, as with curl's `--connect-to`.
    #[tf(optional, check = check_authority)]
    pub connect_to: Option<String>,
    /// The HTTP proxy to go through, for example `http://127.0.0.1:3128`. None is taken from the environment.
    #[tf(optional, check = checks::proxy)]
    pub proxy: Option<String>,
    /// Certificates of authorities to trust besides those of the system, PEM, for example `file("ca.pem")`.
    #[tf(optional, check = checks::certificate)]
    pub ca_certificate: Option<String>,
    /// How long to go on trying, for example `60s`, which is also the default.
    #[tf(optional, default = "60s", check = checks::timeout)]
    pub timeout: String,
    /// How long to wait between tries, for example `1s`, which is also the default.
    #[tf(optional, default = "1s", check = checks::timeout)]
    pub interval: String,
    /// How many answers in a row must be the expected one, for example `3`; one where absent.
    #[tf(optional, default = 1, range(1..=100))]
    pub consecutive: i64,
    /// What the answer must be; any with status 200 where absent.
    #[tf(block)]
    pub expect: Option<Expect>,
    /// Whether the answer was the expected one, for example `true`.
    #[tf(computed)]
    pub passed: Computed<bool>,
    /// Why not, in one sentence, for example `http://cluster1.example.com/ answered with status 404 instead of 200.`; empty where it passed.
    #[tf(computed)]
    pub failure: Computed<String>,
    /// The status of the last answer, for example `200`; null where there was none.
    #[tf(computed)]
    pub status: Computed<i64>,
    /// The body of the last answer, its first 4 KiB, for example `cluster1`.
    #[tf(computed)]
    pub body: Computed<String>,
    /// The headers of the last answer by their names in lower case, for example `response_headers["x-served-by"]`.
    #[tf(computed)]
    pub response_headers: Computed<BTreeMap<String, String>>,
    /// The address that was asked, for example `203.0.113.10`; null where a proxy resolved the name.
    #[tf(computed)]
    pub resolved_address: Computed<String>,
}

/// What an answer must be.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Expect {
    /// The status, for example `404`; 200 where absent.
    #[tf(optional, default = 200, range(100..=599))]
    pub status: i64,
    /// A text that the body contains, for example `cluster1`. The first MiB is searched.
    #[tf(optional, length(1..=65536))]
    pub body_contains: Option<String>,
    /// A regular expression that a part of the body matches, for example `^cluster[12]$`.
    #[tf(optional, check = checks::regex)]
    pub body_regex: Option<String>,
    /// Headers with their values, for example `{ x-served-by = "cluster1" }`.
    #[tf(optional)]
    pub headers: BTreeMap<String, String>,
}

impl Default for Expect {
    fn default() -> Self {
        Self { status: 200, body_contains: None, body_regex: None, headers: BTreeMap::new() }
    }
}

/// Refuses arguments that others take the effect of.
pub(super) fn check(config: &Planned<'_, RouteProbe>, diagnostics: &mut Diagnostics) {
    if config.is_set("address") && config.is_set("connect_to") {
        let detail = "Expected either `address` or `connect_to`: both say where to go.";
        diagnostics.error("connect_to", "Conflicting arguments", detail);
    }
    let is_tunnelled = config.is_set("proxy") && config.known::<String>("scheme").as_deref() == Some("https");
    for name in ["address", "connect_to", "resolver"].into_iter().filter(|name| is_tunnelled && config.is_set(name)) {
        let detail =
            "With `https` through a proxy, it is the proxy that resolves the name: this argument has no effect.";
        diagnostics.error(name, "Conflicting arguments", detail);
    }
}

//! What the form of a value decides, by `terraform validate`: nobody is asked for it.

use std::fmt::Write as _;

use super::{Told, errors, everywhere};
use crate::harness::workspace::unwrapped;
use crate::harness::world::QUICK;

/// A block with one mistake.
struct Case {
    /// `resource`, `data` or `ephemeral`, and the type.
    block: &'static str,
    /// The arguments.
    body: &'static str,
    /// The argument that is wrong.
    at: &'static str,
    /// What the error says.
    says: &'static str,
}

const fn case(block: &'static str, body: &'static str, at: &'static str, says: &'static str) -> Case {
    Case { block, body, at, says }
}

const ATTACHMENT: &str = "resource tcmesh_ccn_attachment";
const AGENT: &str = "resource tcmesh_tdcc_agent";
const DNS: &str = "resource tcmesh_dns_record";
const GATEWAY: &str = "resource tcmesh_gateway";
const HUB: &str = "resource tcmesh_tdcc_hub";
const LINK: &str = "resource tcmesh_mesh_cluster";
const MANIFEST: &str = "resource tcmesh_manifest";
const MESH: &str = "resource tcmesh_mesh";
const PROBE: &str = "data tcmesh_route_probe";
const REGISTRATION: &str = "resource tcmesh_tdcc_registration";
const ROUTE: &str = "resource tcmesh_host_route";

const IDS: &[Case] = &[
    case(
        ATTACHMENT,
        "ccn_id = \"ccn_1\"\n instance_id = \"vpc-app00002\"",
        "ccn_id",
        "Expected an ID such as `ccn-gree226l`, found `ccn_1`",
    ),
    case(
        ATTACHMENT,
        "ccn_id = \"ccn-1\"\n instance_id = \"app00002\"",
        "instance_id",
        "Expected an ID such as `vpc-86v957zb`, found `app00002`",
    ),
    case(
        ATTACHMENT,
        "ccn_id = \"ccn-1\"\n instance_id = \"vpc-1\"\n ccn_uin = \"account-a\"",
        "ccn_uin",
        "Expected the ID of a root account such as `100000000001`, found `account-a`",
    ),
    case(
        "resource tcmesh_ccn_attachment_accepter",
        "ccn_id = \"vpc-1\"\n instance_id = \"vpc-1\"",
        "ccn_id",
        "Expected an ID such as `ccn-gree226l`, found `vpc-1`",
    ),
    case(
        "resource tcmesh_ccn_container_network",
        "attachment_id = \"ccn-1\"\n cluster_id = \"cls-1\"",
        "attachment_id",
        "such as `ccn-gree226l#VPC#ap-guangzhou#vpc-86v957zb`, found `ccn-1`",
    ),
    case(
        "resource tcmesh_ccn_container_network",
        "attachment_id = \"ccn-1#VPC#ap-guangzhou#subnet-1\"\n cluster_id = \"cls-1\"",
        "attachment_id",
        "Expected an ID such as `vpc-86v957zb`, found `subnet-1`",
    ),
    case(
        HUB,
        "zone = \"ap-guangzhou-3\"\n vpc_id = \"10.0.0.0/16\"\n subnet_id = \"subnet-1\"",
        "vpc_id",
        "Expected an ID such as `vpc-86v957zb`, found `10.0.0.0/16`",
    ),
    case(
        HUB,
        "zone = \"ap-guangzhou-3\"\n vpc_id = \"vpc-1\"\n subnet_id = \"sn-1\"",
        "subnet_id",
        "Expected an ID such as `subnet-5o0m3rtc`, found `sn-1`",
    ),
    case(
        REGISTRATION,
        "hub_id = \"hub-1\"\n name = \"c\"\n cluster_region = \"ap-guangzhou\"",
        "hub_id",
        "Expected an ID such as `cls-65r1c5nu`, found `hub-1`",
    ),
    case(
        LINK,
        "mesh_id = \"main\"\n cluster_id = \"cls-1\"",
        "mesh_id",
        "Expected an ID such as `mesh-rofjmxxx`, found `main`",
    ),
    case(
        LINK,
        "mesh_id = \"mesh-1\"\n cluster_id = \"cls-HUB\"",
        "cluster_id",
        "Expected an ID such as `cls-65r1c5nu`, found `cls-HUB`",
    ),
    case(
        "data tcmesh_cluster",
        "cluster_id = \"cluster1\"",
        "cluster_id",
        "Expected an ID such as `cls-65r1c5nu`, found `cluster1`",
    ),
    case(
        "ephemeral tcmesh_cluster_credentials",
        "cluster_id = \"cluster1\"",
        "cluster_id",
        "Expected an ID such as `cls-65r1c5nu`, found `cluster1`",
    ),
];

const PLACES: &[Case] = &[
    case(
        ATTACHMENT,
        "ccn_id = \"ccn-1\"\n instance_id = \"vpc-1\"\n instance_region = \"Guangzhou\"",
        "instance_region",
        "Expected a region such as `ap-guangzhou`, found `Guangzhou`",
    ),
    case(
        REGISTRATION,
        "hub_id = \"cls-1\"\n name = \"c\"\n cluster_region = \"guangzhou\"",
        "cluster_region",
        "Expected a region such as `ap-guangzhou`, found `guangzhou`",
    ),
    case(
        HUB,
        "zone = \"three\"\n vpc_id = \"vpc-1\"\n subnet_id = \"subnet-1\"",
        "zone",
        "Expected a zone such as `ap-guangzhou-3`, found `three`",
    ),
    case(
        MESH,
        "display_name = \"m\"\n mesh_version = \"1.18.5\"\n config {\n inject {\n exclude_ip_ranges = [\"10.0.0.0/33\"]\n }\n }",
        "exclude_ip_ranges",
        "Expected a network such as `169.254.0.0/16`; found `10.0.0.0/33`.",
    ),
    case(
        MESH,
        "display_name = \"m\"\n mesh_version = \"latest\"",
        "mesh_version",
        "with all three numbers, such as `1.18.5`; found `latest`.",
    ),
    case(
        DNS,
        "zone = \"imroc\"\n name = \"w\"\n type = \"A\"\n values = [\"10.0.0.1\"]",
        "zone",
        "Expected a domain in lower case such as `example.com`, found `imroc`",
    ),
    case(
        DNS,
        "zone = \"imroc.cc\"\n name = \"w w\"\n type = \"A\"\n values = [\"10.0.0.1\"]",
        "name",
        "Expected a name in lower case such as `www`",
    ),
    case(
        DNS,
        "zone = \"imroc.cc\"\n name = \"w\"\n type = \"A\"\n values = [\"10.0.0.256\"]",
        "values",
        "found `10.0.0.256`",
    ),
    case(
        DNS,
        "zone = \"imroc.cc\"\n name = \"w\"\n type = \"A\"\n values = [\"10.0.0.1\"]\n resolver = \"ns:domain\"",
        "resolver",
        "found `ns:domain`",
    ),
    case(PROBE, "host = \"http://www.example.com\"", "host", "found `http://www.example.com`"),
    case(PROBE, "host = \"www.example.com\"\n port = 0", "port", "from 1 to 65535"),
    case(PROBE, "host = \"www.example.com\"\n connect_to = \"127.0.0.1\"", "connect_to", "found `127.0.0.1`"),
    case(PROBE, "host = \"www.example.com\"\n timeout = \"soon\"", "timeout", "found `soon`"),
    case(
        PROBE,
        "host = \"www.example.com\"\n ca_certificate = \"/etc/ca.pem\"",
        "ca_certificate",
        "-----BEGIN CERTIFICATE-----",
    ),
];

const YAML: &[Case] = &[
    case(MANIFEST, "cluster_id = \"cls-1\"\n yaml = \"kind: [\"", "yaml", "Expected Kubernetes objects"),
    case(
        MANIFEST,
        "cluster_id = \"cls-1\"\n yaml = \"apiVersion: v1\\nmetadata: { name: a }\"",
        "yaml",
        "document 1 of the manifest: `kind` is missing",
    ),
    case(
        MANIFEST,
        "cluster_id = \"cls-1\"\n yaml = \"apiVersion: v1\\nkind: Namespace\\nmetadata: { name: a }\\n---\\nkind: Service\"",
        "yaml",
        "document 2 of the manifest: `apiVersion` is missing",
    ),
    case(MANIFEST, "cluster_id = \"cls-1\"\n yaml = \"\"", "yaml", "Expected Kubernetes objects"),
    case(
        AGENT,
        "registration_id = \"cls-1\"\n manifest_version = \"1\"\n manifest_wo = \"kind: [\"",
        "manifest_wo",
        "manifest",
    ),
];

/// The arguments of a gateway's server.
macro_rules! gateway {
    ($hosts:literal, $port:literal, $protocol:literal) => {
        concat!(
            "cluster_id = \"cls-1\"\n namespace = \"n\"\n name = \"g\"\n selector = { app = \"gateway\" }\n server {\n hosts = [\"",
            $hosts,
            "\"]\n port {\n number = ",
            $port,
            "\n name = \"web\"\n protocol = \"",
            $protocol,
            "\"\n }\n }"
        )
    };
}

/// The arguments of a route, with the contents of its rule.
macro_rules! route {
    ($hosts:literal, $rule:literal) => {
        concat!(
            "cluster_id = \"cls-1\"\n namespace = \"n\"\n name = \"r\"\n gateways = [\"n/g\"]\n hosts = [\"",
            $hosts,
            "\"]\n rule {\n ",
            $rule,
            "\n }"
        )
    };
}

const ROUTING: &[Case] = &[
    case(GATEWAY, gateway!("*.imroc.cc", "70000", "HTTP"), "number", "from 1 to 65535"),
    case(GATEWAY, gateway!("*.imroc.cc", "80", "http"), "protocol", "`HTTP`"),
    case(GATEWAY, gateway!("www", "80", "HTTP"), "hosts", "Expected a full host such as `www.example.com`"),
    case(
        ROUTE,
        route!("a_b.imroc.cc", "destination {\n service = \"s\"\n }"),
        "hosts",
        "Expected a host such as `www.example.com` or `*.example.com`; found `a_b.imroc.cc`.",
    ),
    case(
        ROUTE,
        route!("www.imroc.cc", "destination {\n service = \"s.n\"\n }"),
        "service",
        "at most 63, such as `cluster1`; found `s.n`.",
    ),
    case(ROUTE, route!("www.imroc.cc", "destination {\n service = \"s\"\n port = 0\n }"), "port", "from 1 to 65535"),
    case(
        ROUTE,
        route!("www.imroc.cc", "destination {\n service = \"s\"\n weight = -1\n }"),
        "weight",
        "from 0 to 2147483647",
    ),
    case(
        ROUTE,
        route!(
            "www.imroc.cc",
            "destination {\n service = \"s\"\n weight = 0\n }\n destination {\n service = \"t\"\n weight = 0\n }"
        ),
        "weight",
        "all weights are zero or not set",
    ),
    case(
        ROUTE,
        route!("www.imroc.cc", "timeout = \"soon\"\n destination {\n service = \"s\"\n }"),
        "timeout",
        "found `soon`",
    ),
    case(
        ROUTE,
        route!("www.imroc.cc", "match {\n path {\n regex = \"(\"\n }\n }\n destination {\n service = \"s\"\n }"),
        "regex",
        "Expected a regular expression",
    ),
    case(ROUTE, route!("www.imroc.cc", "name = \"nothing\""), "rule", "needs a `destination`"),
];

/// The blocks as a configuration, each with a name by its number.
fn configuration(cases: &[&Case]) -> String {
    cases.iter().enumerate().fold(String::new(), |mut text, (number, case)| {
        let (kind, name) = case.block.split_once(' ').unwrap();
        let _ = writeln!(text, "{kind} \"{name}\" \"case{number}\" {{\n {}\n}}\n", case.body);
        text
    })
}

/// What is told of a case, where that is not the one error that it should be.
fn problem(case: &Case, number: usize, told: &[Told]) -> Option<String> {
    let of_case = format!("\"case{number}\"");
    let own: Vec<_> = told.iter().filter(|told| told.block.ends_with(&of_case)).collect();
    let is_right = matches!(own.as_slice(), [only] if only.is_at(case.at, case.says));
    (!is_right).then(|| format!("{} {}: expected `{}` at `{}`: {own:#?}", case.block, case.body, case.says, case.at))
}

#[test]
fn what_has_the_wrong_form_is_told_at_its_line_and_nobody_is_asked() {
    let cases: Vec<&Case> = [IDS, PLACES, YAML, ROUTING].into_iter().flatten().collect();
    everywhere(QUICK, |world, workspace| {
        workspace.write("main.tf", &configuration(&cases));
        let told = errors(workspace, &["validate"]);
        let problems: Vec<_> =
            cases.iter().enumerate().filter_map(|(number, case)| problem(case, number, &told)).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert_eq!(told.len(), cases.len(), "{told:#?}");
        assert_eq!(errors(workspace, &["plan"]).len(), cases.len());
        assert_eq!(world.calls(), 0);
    });
}

#[test]
fn an_import_by_an_id_of_another_form_is_told_what_was_expected() {
    everywhere(QUICK, |world, workspace| {
        workspace.write("main.tf", "resource \"tcmesh_ccn\" \"main\" {\n  name = \"c\"\n}\n");
        let told = workspace.fails(&["import", "-no-color", "tcmesh_ccn.main", "main"]);
        assert!(unwrapped(&told).contains("expected an ID such as `ccn-gree226l`, found `main`"), "{told}");
        assert_eq!(world.calls(), 0);
    });
}

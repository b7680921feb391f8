//! What breaks the way from the gateway to a service: one thing at a time, with the exact answer of each host, and the checks
//! that say so.

use std::fs;

use serde_json::json;

use super::super::{mesh, network};
use super::{HOSTS, Story, everywhere, variables};
use crate::harness::world::QUICK;

/// Something that breaks the applied story.
struct Break {
    what: &'static str,
    make: fn(&Story<'_>),
    /// The answers of the three hosts then.
    statuses: [u16; 3],
    /// What is done before the apply that makes everything well again.
    repair: fn(&Story<'_>),
}

/// Applies the story, and breaks it in several ways.
fn each(breaks: &[Break]) {
    everywhere(QUICK, |story| {
        let mut variables = variables(&story.world.ready());
        // Probes go on trying where they fail.
        variables["probe_timeout"] = json!("2s");
        story.set(&variables);
        story.workspace.apply();
        for Break { what, make, statuses, repair } in breaks {
            make(story);
            shows(story, *statuses, what);
            repair(story);
            story.workspace.apply();
            shows(story, [200; 3], &format!("{what}, repaired"));
        }
    });
}

/// The hosts come to be answered like this, and the checks of exactly those that are not answered by their service fail. An
/// apply would repair some breaks: only its refresh is applied.
fn shows(story: &Story<'_>, statuses: [u16; 3], when: &str) {
    story.comes_to(statuses, when);
    story.workspace.succeeds(&["apply", "-refresh-only", "-auto-approve", "-no-color"]);
    let failed = HOSTS.iter().zip(statuses).filter(|(_, status)| *status != 200);
    assert_eq!(story.failed_checks(), failed.map(|(host, _)| *host).collect::<Vec<_>>(), "{when}");
}

/// The console's switch of the route to the gateway's pods in the table of account b's VPC.
fn switch_way_back(story: &Story<'_>, enabled: bool) {
    let route = json!({"vpc_id": "vpc-mem00003", "destination": "172.16.0.0/18", "enabled": enabled});
    story.world.control("console", &json!({"vpc_route": route}));
}

fn unpublish(story: &Story<'_>) {
    let network = json!({"cluster_id": "cls-mem00003", "published": false});
    story.world.control("console", &json!({"publish_container_cidr": network}));
}

#[test]
fn what_breaks_outside_is_shown_by_exactly_the_checks_of_the_hosts_concerned() {
    let by_the_apply: fn(&Story<'_>) = |_| ();
    let breaks = [
        Break {
            what: "the request of account b is not accepted",
            make: |story| {
                let accepter = story.workspace.state("tcmesh_ccn_attachment_accepter.member").unwrap();
                network::ask_again(story.world, &accepter);
            },
            statuses: [200, 200, 503],
            repair: by_the_apply,
        },
        Break {
            what: "only the way back from account b is closed",
            make: |story| switch_way_back(story, false),
            statuses: [200, 200, 503],
            repair: |story| switch_way_back(story, true),
        },
        Break {
            what: "a container network is not published",
            make: unpublish,
            statuses: [200, 200, 503],
            repair: by_the_apply,
        },
        Break {
            what: "the third cluster is not linked",
            make: |story| mesh::unlink(story.world, &story.workspace.state("tcmesh_mesh_cluster.cluster3").unwrap()),
            statuses: [200, 200, 503],
            repair: by_the_apply,
        },
    ];
    each(&breaks);
}

/// An argument of the gateway that is another than in the story.
fn override_gateway(story: &Story<'_>, argument: &str) {
    story.workspace.write("override.tf", &format!("resource \"tcmesh_gateway\" \"main\" {{\n{argument}\n}}\n"));
}

fn scale_third(story: &Story<'_>, from: &str, to: &str) {
    let file = story.workspace.home().join("services/cluster3.yaml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from));
    story.workspace.write("services/cluster3.yaml", &text.replace(from, to));
}

const ONLY_TWO_HOSTS: &str = "server {\n  port {\n    number = 80\n    name = \"HTTP-80\"\n    protocol = \"HTTP\"\n  }\n  hosts = \
                              [\"cluster1.imroc.cc\", \"cluster3.imroc.cc\"]\n}";

#[test]
fn what_the_configuration_breaks_is_shown_by_exactly_the_checks_of_the_hosts_concerned() {
    let breaks = [
        Break {
            what: "the selector picks no gateway",
            make: |story| {
                override_gateway(story, "selector = { app = \"other\" }");
                story.workspace.apply();
            },
            statuses: [404; 3],
            repair: |story| story.workspace.write("override.tf", ""),
        },
        Break {
            what: "the second host is unknown to the gateway",
            make: |story| {
                override_gateway(story, ONLY_TWO_HOSTS);
                story.workspace.apply();
            },
            statuses: [200, 404, 200],
            repair: |story| story.workspace.write("override.tf", ""),
        },
        Break {
            what: "the third service has no pods",
            make: |story| {
                scale_third(story, "replicas: 1", "replicas: 0");
                story.workspace.apply();
            },
            statuses: [200, 200, 503],
            repair: |story| scale_third(story, "replicas: 0", "replicas: 1"),
        },
    ];
    each(&breaks);
}

//! Several gateways in one cluster, and load balancers that exist.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tcmesh::cloud::action::{Action, Effect};
use tcmesh::cloud::api::tcm::{ClusterConfig, IngressGateway};

use super::{MESH, clusters, everywhere, fails_to_apply, gateways, link, modify, unwrapped};
use crate::harness::world::{QUICK, World};

/// A gateway of the mesh's one cluster, with more arguments.
fn gateway(name: &str, more: &str) -> String {
    format!(
        "resource \"tcmesh_ingress_gateway\" \"{name}\" {{\n  mesh_id = tcmesh_mesh.main.id\n  cluster_id = \
         tcmesh_mesh_cluster.main.cluster_id\n  name = \"{name}\"\n  {more}\n}}\n"
    )
}

fn base() -> String {
    [MESH, &link("main", "cls-hub00001", "auto_injection_namespaces = [\"test\"]")].concat()
}

fn found(world: &World) -> Vec<IngressGateway> {
    let mut found: Vec<_> = clusters(world).iter().flat_map(gateways).collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn names(world: &World) -> Vec<String> {
    found(world).into_iter().map(|gateway| gateway.name).collect()
}

/// A gateway of somebody else.
fn foreign(config: &mut ClusterConfig) {
    let theirs = json!({
        "Name": "theirs", "Namespace": "istio-system", "ClusterId": "cls-hub00001", "Service": {"Type": "LoadBalancer"},
        "Workload": {"Replicas": 4}, "LoadBalancer": {"LoadBalancerType": "OPEN", "InternetMaxBandwidthOut": 7},
    });
    config.ingress_gateway_list.get_or_insert_default().push(serde_json::from_value(theirs).unwrap());
}

#[test]
fn gateways_made_side_by_side_and_those_of_others_stay_whatever_a_sent_list_means() {
    for rule in ["replace", "merge"] {
        let description = format!("{QUICK}settings: {{ ingress_gateway_list: {rule} }}\n");
        everywhere(&description, |world, workspace| {
            workspace.write("main.tf", &base());
            workspace.apply();
            modify(world, foreign);
            world.comes_true(|| found(world).iter().all(|gateway| gateway.status.is_some()));
            let theirs = found(world);
            let open = |bandwidth: i64| format!("load_balancer {{\n    internet_max_bandwidth_out = {bandwidth}\n  }}");
            let both = |first: i64| [base(), gateway("first", &open(first)), gateway("second", &open(5))].concat();
            workspace.write("main.tf", &both(5));
            workspace.apply();
            workspace.is_settled();
            assert_eq!(names(world), ["first", "second", "theirs"], "{rule}");
            workspace.write("main.tf", &both(50));
            workspace.apply();
            workspace.is_settled();
            let now = found(world);
            let bandwidth =
                |gateway: &IngressGateway| gateway.load_balancer.as_ref().unwrap().internet_max_bandwidth_out;
            assert_eq!(now.iter().map(bandwidth).collect::<Vec<_>>(), [Some(50), Some(5), Some(7)], "{rule}");
            assert_eq!(now[2..], theirs[..], "{rule}: the other gateway changed");
            let injected = clusters(world).remove(0).config.unwrap().auto_injection_namespace_list;
            assert_eq!(injected, Some(vec!["test".to_owned()]), "{rule}");
            if rule == "replace" {
                workspace.write("main.tf", &[base(), gateway("second", &open(5))].concat());
                workspace.apply();
                assert_eq!(names(world), ["second", "theirs"]);
            }
        });
    }
}

#[test]
fn a_gateway_that_somebody_made_has_to_be_imported() {
    everywhere(QUICK, |world, workspace| {
        workspace.write("main.tf", &base());
        workspace.apply();
        modify(world, foreign);
        workspace.write("main.tf", &[base(), gateway("theirs", "load_balancer {}")].concat());
        let told = fails_to_apply(workspace);
        assert!(told.contains("Gateway already there") && told.contains("#istio-system#theirs\""), "{told}");
        assert!(workspace.state("tcmesh_ingress_gateway.theirs").is_none(), "the next apply would delete it");
    });
}

/// An action of the cloud that the provider does not send.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreateLoadBalancer {
    load_balancer_type: &'static str,
    vpc_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
    load_balancer_ids: Vec<String>,
}

impl Action for CreateLoadBalancer {
    const SERVICE: &'static str = "clb";
    const VERSION: &'static str = "2018-03-17";
    const NAME: &'static str = "CreateLoadBalancer";
    const EFFECT: Effect = Effect::WriteOnce;
    type Response = Created;
}

fn create_balancer(world: &World, vpc_id: &str) -> String {
    let action = CreateLoadBalancer { load_balancer_type: "OPEN", vpc_id: vpc_id.to_owned() };
    let created = world.does(async |scope| world.client("a").send(scope, &action).await).unwrap();
    created.load_balancer_ids[0].clone()
}

#[test]
fn an_existing_load_balancer_is_used_where_it_can_be() {
    everywhere(QUICK, |world, workspace| {
        let [near, far] = ["vpc-hub00001", "vpc-app00002"].map(|vpc_id| create_balancer(world, vpc_id));
        let existing = |id: &str| {
            let text = [base(), gateway("gw", &format!("load_balancer_id = \"{id}\""))].concat();
            workspace.write("main.tf", &text);
        };
        existing(&far);
        let told = fails_to_apply(workspace);
        assert!(told.contains("it is in vpc-app00002, and the cluster in vpc-hub00001"), "{told}");
        existing("lb-none0003");
        assert!(fails_to_apply(workspace).contains("there is none with this ID"));
        existing(&near);
        workspace.apply();
        workspace.is_settled();
        let state = workspace.state("tcmesh_ingress_gateway.gw").unwrap();
        assert_eq!(state["load_balancer_id"], *near);
        assert!(state["address"].as_str().is_some_and(|address| !address.is_empty()), "{state}");
        workspace.destroy();
    });
}

#[test]
fn what_cannot_be_changed_makes_another_gateway_and_the_plan_says_so() {
    everywhere(QUICK, |_, workspace| {
        workspace.write("main.tf", &[base(), gateway("gw", "load_balancer {}")].concat());
        workspace.apply();
        let internal = "load_balancer {\n    type = \"INTERNAL\"\n    subnet_id = \"subnet-hub00001\"\n  }";
        for change in [
            internal,
            "load_balancer {}\n  namespace = \"edge\"",
            "load_balancer {}\n  service {\n    external_traffic_policy = \"Local\"\n  }",
        ] {
            workspace.write("main.tf", &[base(), gateway("gw", change)].concat());
            assert_eq!(workspace.plan().actions("tcmesh_ingress_gateway.gw"), ["delete", "create"], "{change}");
        }
        workspace.write("main.tf", &[base(), gateway("gw", internal)].concat());
        workspace.apply();
        workspace.is_settled();
        let address = workspace.state("tcmesh_ingress_gateway.gw").unwrap()["address"].clone();
        assert!(address.as_str().is_some_and(|address| address.starts_with("10.0.1.")), "{address}");
    });
}

#[test]
fn wrong_input_is_told_at_its_attribute_before_anything_is_created() {
    everywhere(QUICK, |world, workspace| {
        for (more, expected) in [
            ("", "Missing load balancer"),
            ("load_balancer {}\n  load_balancer_id = \"lb-6rtdhlq1\"", "Two load balancers"),
            ("load_balancer {\n    type = \"INTERNAL\"\n  }", "An internal load balancer needs the subnet"),
            ("load_balancer_id = \"6rtdhlq1\"", "Expected an ID such as `lb-6rtdhlq1`"),
            ("load_balancer {}\n  namespace = \"Istio_System\"", "lower case letters"),
            ("load_balancer {}\n  workload {\n    replicas = 0\n  }", "Expected a number from 1 to 1000"),
        ] {
            workspace.write("main.tf", &[base(), gateway("gw", more)].concat());
            let told = unwrapped(&workspace.fails(&["plan", "-no-color"]));
            assert!(told.contains(expected) && told.matches("Error:").count() == 1, "{more}: {told}");
        }
        assert_eq!(world.writes_since(0), [""; 0]);
    });
}

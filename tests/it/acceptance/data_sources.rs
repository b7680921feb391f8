//! Data sources on real Terraform. The configurations are the files in `examples/`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;

/// The outputs of an example.
fn outputs(workspace: &Workspace, name: &str) -> Value {
    let file = format!("examples/data-sources/{name}/data-source.tf");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    workspace.write("main.tf", &text);
    workspace.apply();
    let json = workspace.succeeds(&["output", "-json"]);
    let outputs: Value = serde_json::from_str(&json[json.find('{').unwrap()..]).unwrap();
    outputs.as_object().unwrap().iter().map(|(name, output)| (name.clone(), output["value"].clone())).collect()
}

fn tells(name: &str, expected: &Value) {
    for terraform in terraform::installed() {
        let world = World::start();
        assert_eq!(outputs(&Workspace::new(terraform, &world), name), *expected, "{name}");
    }
}

#[test]
fn data_tcmesh_caller_identity_tells_whose_keys_these_are() {
    tells("tcmesh_caller_identity", &json!({"account_id": "100000000001"}));
}

#[test]
fn data_tcmesh_cluster_tells_whether_pods_need_a_container_network() {
    tells("tcmesh_cluster", &json!({"needs_container_network": true}));
}

#[test]
fn data_tcmesh_clusters_tells_which_clusters_a_network_has() {
    tells("tcmesh_clusters", &json!({"cluster_ids": ["cls-hub00001"]}));
}

#[test]
fn a_cluster_is_found_by_its_name_and_one_of_another_account_is_not() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = Workspace::new(terraform, &world);
        let find = |by: &str| workspace.write("main.tf", &format!("data \"tcmesh_cluster\" \"it\" {{\n  {by}\n}}\n"));
        find("name = \"cluster2\"");
        workspace.apply();
        let found = workspace.state("data.tcmesh_cluster.it").unwrap();
        let parts = ["cluster_id", "kind", "control_plane", "network", "cluster_cidr"].map(|name| found[name].clone());
        assert_eq!(json!(parts), json!(["cls-app00002", "TKE", "managed", "VPC-CNI", null]));
        find("cluster_id = \"cls-mem00003\"");
        assert!(workspace.fails(&["plan", "-no-color"]).contains("No such cluster"));
        find("name = \"cluster2\"\n  cluster_id = \"cls-app00002\"");
        assert!(workspace.fails(&["plan", "-no-color"]).contains("Set exactly one of `cluster_id` and `name`."));
    }
}

//! What only the cloud knows. What a plan reads is told in the plan, all else by the first call of the apply, and nothing is
//! written.

use super::{closed_port, error, everywhere};
use crate::harness::workspace::unwrapped;
use crate::harness::world::QUICK;

/// The cluster of account `b`.
const FOREIGN: &str = "cls-mem00003";

/// The story's world, in which the endpoints that the provider block chooses are closed.
fn closed() -> String {
    let text = include_str!("../../../../simulator/worlds/cross-account.yaml");
    text.replace("extranet: true", "extranet: false")
}

/// A manifest for a cluster.
fn manifest(cluster: &str) -> String {
    let yaml = "  yaml = \"{ apiVersion: v1, kind: Namespace, metadata: { name: n } }\"\n";
    format!("resource \"tcmesh_manifest\" \"main\" {{\n  {cluster}\n{yaml}}}\n")
}

fn gateway(cluster: &str) -> String {
    let port = "port {\n      number = 80\n      name = \"w\"\n      protocol = \"HTTP\"\n    }";
    let server = format!("  server {{\n    hosts = [\"*.a.com\"]\n    {port}\n  }}\n");
    let place = format!("  {cluster}\n  namespace = \"n\"\n  name = \"g\"\n  selector = {{ a = \"b\" }}\n");
    format!("resource \"tcmesh_gateway\" \"main\" {{\n{place}{server}}}\n")
}

#[test]
fn a_cluster_of_another_account_is_told_at_its_line() {
    let named = format!("cluster_id = \"{FOREIGN}\"");
    let credentials = format!("ephemeral \"tcmesh_cluster_credentials\" \"main\" {{\n  {named}\n}}\n");
    let data = format!("data \"tcmesh_cluster\" \"main\" {{\n  {named}\n}}\n");
    everywhere(QUICK, |world, workspace| {
        for (text, command) in [
            (&data, &["plan"][..]),
            (&credentials, &["plan"]),
            (&manifest(&named), &["apply", "-auto-approve"]),
            (&gateway(&named), &["apply", "-auto-approve"]),
        ] {
            workspace.write("main.tf", text);
            let told = error(workspace, command);
            assert!(told.is_at("cluster_id", "Account 100000000001 has no"), "{told:#?}");
            assert!(told.says("provider configuration (alias)"), "{told:#?}");
        }
        assert_eq!(world.writes_since(0), [""; 0]);
    });
}

#[test]
fn a_cluster_of_another_account_is_not_linked_to_a_mesh() {
    everywhere(QUICK, |world, workspace| {
        let mesh = "resource \"tcmesh_mesh\" \"main\" {\n  display_name = \"m\"\n  mesh_version = \"1.18.5\"\n}\n";
        workspace.write("main.tf", mesh);
        workspace.apply();
        let calls = world.calls();
        let link = format!("  mesh_id = tcmesh_mesh.main.id\n  cluster_id = \"{FOREIGN}\"\n");
        workspace.write("main.tf", &format!("{mesh}resource \"tcmesh_mesh_cluster\" \"main\" {{\n{link}}}\n"));
        let told = error(workspace, &["apply", "-auto-approve"]);
        assert!(told.is_at("cluster_id", FOREIGN), "{told:#?}");
        assert_eq!(world.writes_since(calls), [""; 0]);
    });
}

#[test]
fn a_closed_endpoint_is_told_at_the_cluster_with_the_way_out() {
    let named = "cluster_id = \"cls-hub00001\"";
    let credentials = format!("ephemeral \"tcmesh_cluster_credentials\" \"main\" {{\n  {named}\n}}\n");
    everywhere(&closed(), |world, workspace| {
        for (text, command) in [
            (&credentials, &["plan"][..]),
            (&manifest(named), &["apply", "-auto-approve"]),
            (&gateway(named), &["apply", "-auto-approve"]),
        ] {
            workspace.write("main.tf", text);
            let told = error(workspace, command);
            assert!(
                told.is_at("cluster_id", "The extranet endpoint of the cluster `cls-hub00001` is not open"),
                "{told:#?}"
            );
            assert!(told.says("`cluster_endpoint = \"intranet\"`"), "{told:#?}");
        }
        assert_eq!(world.writes_since(0), [""; 0]);
    });
}

#[test]
fn a_cluster_that_cannot_be_reached_is_told_with_its_address() {
    everywhere(QUICK, |world, workspace| {
        let (closed, (id, key)) = (closed_port(), world.keys("a"));
        let kubernetes = format!("  kubernetes {{\n    host = \"https://{closed}\"\n    insecure = true\n  }}\n");
        let provider =
            format!("provider \"tcmesh\" {{\n  secret_id = \"{id}\"\n  secret_key = \"{key}\"\n{kubernetes}}}\n");
        workspace.write("providers.tf", &format!("{}{provider}", workspace.required()));
        workspace.write("main.tf", &manifest(""));
        let told = error(workspace, &["apply", "-auto-approve"]);
        assert!(told.says(&closed), "{told:#?}");
        assert!(told.says("`kubernetes` block"), "{told:#?}");
        assert_eq!(world.writes_since(0), [""; 0]);
    });
}

#[test]
fn item_48_weights_that_an_old_mesh_refuses_are_warned_of_and_leave_nothing() {
    let story = "resource \"tcmesh_mesh\" \"main\" {\n  display_name = \"m\"\n  mesh_version = \"1.12.5\"\n}\n\
        resource \"tcmesh_mesh_cluster\" \"main\" {\n  mesh_id = tcmesh_mesh.main.id\n  cluster_id = \"cls-hub00001\"\n}\n";
    let destination =
        |weight| format!("    destination {{\n      service = \"s{weight}\"\n      weight = {weight}\n    }}\n");
    let place = "  cluster_id = \"cls-hub00001\"\n  namespace = tcmesh_manifest.main.objects[0].name\n  name = \"r\"\n";
    let hosts = "  hosts = [\"www.a.com\"]\n  gateways = [\"n/g\"]\n";
    let rule = format!("  rule {{\n{}{}  }}\n", destination(50), destination(40));
    let route = format!("resource \"tcmesh_host_route\" \"main\" {{\n{place}{hosts}{rule}}}\n");
    everywhere(QUICK, |_, workspace| {
        let before = format!("{story}{}", manifest("cluster_id = tcmesh_mesh_cluster.main.cluster_id"));
        workspace.write("main.tf", &before);
        workspace.apply();
        workspace.write("main.tf", &format!("{before}{route}"));
        let warned = unwrapped(&workspace.succeeds(&["plan", "-no-color"]));
        assert!(warned.contains("The weights are 90 together."), "{warned}");
        let told = error(workspace, &["apply", "-auto-approve"]);
        assert!(told.says("total destination weight 90 != 100"), "{told:#?}");
        workspace.write("main.tf", &before);
        workspace.is_settled();
    });
}

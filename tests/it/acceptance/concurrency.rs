//! Three Terraform processes, each with a state of its own, on the gateways of one cluster of one mesh.

use tcmesh::cloud::api::tcm::{Cluster, DescribeMeshList, IngressGateway};

use crate::harness::terraform::{self, Terraform};
use crate::harness::workspace::Workspace;
use crate::harness::world::{QUICK, World};

const NAMES: [&str; 3] = ["first", "second", "third"];
const ADDRESS: &str = "tcmesh_ingress_gateway.own";

/// The names of the gateways that the cloud has.
fn found(world: &World) -> Vec<String> {
    let meshes = world.does(async |scope| world.client("a").send(scope, &DescribeMeshList::default()).await).unwrap();
    let clusters = meshes.mesh_list.into_iter().flat_map(|mesh| mesh.cluster_list);
    let gateways = clusters.filter_map(|cluster: Cluster| cluster.config?.ingress_gateway_list).flatten();
    let mut names: Vec<_> = gateways.map(|gateway: IngressGateway| gateway.name).collect();
    names.sort();
    names
}

/// A mesh with one linked cluster, which belongs to none of the three.
fn mesh(terraform: &Terraform, world: &World) -> (Workspace, String) {
    let workspace = Workspace::new(terraform, world);
    workspace.write(
        "main.tf",
        "resource \"tcmesh_mesh\" \"main\" {\n  display_name = \"m\"\n  mesh_version = \"1.18.5\"\n}\nresource \
         \"tcmesh_mesh_cluster\" \"main\" {\n  mesh_id = tcmesh_mesh.main.id\n  cluster_id = \"cls-hub00001\"\n}\n",
    );
    workspace.apply();
    let id = workspace.state("tcmesh_mesh.main").unwrap()["id"].as_str().unwrap().to_owned();
    (workspace, id)
}

/// Does the same in each workspace at once.
fn at_once(workspaces: &[Workspace], work: impl Fn(&Workspace) + Sync) {
    std::thread::scope(|threads| {
        for workspace in workspaces {
            threads.spawn(|| work(workspace));
        }
    });
}

#[test]
fn what_three_processes_take_from_each_other_is_restored_or_shows_in_the_next_plan() {
    for (rule, terraform) in ["replace", "merge"].into_iter().zip(terraform::installed().iter().cycle()) {
        let world = World::with(&format!("{QUICK}settings: {{ ingress_gateway_list: {rule} }}\n"));
        let before = world.inventory();
        let (base, mesh_id) = mesh(terraform, &world);
        let workspaces = NAMES.map(|name| {
            let workspace = Workspace::new(terraform, &world);
            let text = format!(
                "resource \"tcmesh_ingress_gateway\" \"own\" {{\n  mesh_id = \"{mesh_id}\"\n  cluster_id = \"cls-hub00001\"\n  name = \
                 \"{name}\"\n  load_balancer {{}}\n}}\n"
            );
            workspace.write("main.tf", &text);
            workspace
        });
        at_once(&workspaces, |workspace| drop(workspace.run(&["apply", "-auto-approve", "-no-color"])));
        for (name, workspace) in NAMES.iter().zip(&workspaces) {
            let is_there = found(&world).iter().any(|found| found == name);
            let expected = if is_there { "no-op" } else { "create" };
            assert_eq!(workspace.plan().actions(ADDRESS), [expected], "{rule}: {name}");
            workspace.apply();
        }
        workspaces.iter().for_each(Workspace::is_settled);
        assert_eq!(found(&world), NAMES, "{rule}");
        if rule == "replace" {
            at_once(&workspaces, |workspace| drop(workspace.run(&["destroy", "-auto-approve", "-no-color"])));
            workspaces.iter().for_each(|workspace| drop(workspace.destroy()));
            assert_eq!(found(&world), [""; 0]);
        }
        base.destroy();
        world.is_as_before(&before, rule);
    }
}

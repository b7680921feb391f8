//! Gateways, host routes, manifests and probes in a cluster that the provider's `kubernetes` block names.

use std::fs;
use std::path::Path;

use kube::api::{Api, DynamicObject, ListParams};
use tcmesh_simulator::kubernetes::istio::{self, Release};
use tcmesh_simulator::kubernetes::{ApiServer, Identity, MASTERS, Options, Store};

use crate::harness::terraform;
use crate::harness::workspace::Workspace;
use crate::harness::world::World;
use crate::routing::support::{api, cluster, controllers};

const PROVIDER: &str = r#"
terraform {
  required_providers {
    tcmesh = { source = "tcmesh/tcmesh" }
  }
}

provider "tcmesh" {
  secret_id  = "AKID"
  secret_key = "key"

  kubernetes {
    config_path = "kubeconfig"
  }
}
"#;

/// An example, from its first resource of a type on, for the cluster of the provider block.
fn example(r#type: &str, from: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/resources/{type}/resource.tf"));
    let text = fs::read_to_string(file).unwrap();
    let begin = text.find(&format!("resource \"{from}\"")).unwrap();
    let lines = text[begin..].lines().filter(|line| !line.trim_start().starts_with("cluster_id"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The example of a probe, which asks where nobody listens.
fn probe(file: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(file);
    let nobody = "address = \"127.0.0.1\"\n  port    = 1\n  timeout = \"100ms\"\n";
    let lines = fs::read_to_string(file).unwrap();
    lines.lines().map(|line| if line.contains("timeout ") { nobody } else { line }).collect::<Vec<_>>().join("\n")
}

fn configuration() -> String {
    let gateway = example("tcmesh_gateway", "tcmesh_gateway")
        .replace("tcmesh_ingress_gateway.main.namespace", "\"istio-system\"")
        .replace("tcmesh_ingress_gateway.main.selector", "{ istio = \"ingressgateway\" }");
    let routes = example("tcmesh_host_route", "tcmesh_manifest");
    let web = example("tcmesh_manifest", "tcmesh_manifest").replace("shop", "web");
    [PROVIDER, &gateway, &routes, &web].join("\n")
}

/// A cluster of a mesh whose kubeconfig is in a workspace.
async fn linked(workspace: &Workspace) -> ApiServer {
    let server = cluster(Options::default()).await;
    server.attach(&istio::group(Release { major: 1, minor: 18 }, Store::new()));
    let kubeconfig = server.kubeconfig(&Identity::new("terraform", &[MASTERS])).unwrap();
    workspace.write("kubeconfig", &kubeconfig);
    server
}

#[test]
fn routes_settle_shift_in_place_are_imported_and_go() {
    for terraform in terraform::installed() {
        let world = World::start();
        let workspace = Workspace::bare(terraform, &world);
        let server = world.block_on(linked(&workspace));
        let _controllers = world.block_on(async { controllers(&server) });
        let text = configuration();
        workspace.write("main.tf", &text);
        workspace.apply();
        workspace.is_settled();

        workspace.write(
            "main.tf",
            &text.replacen("weight    = 90", "weight    = 50", 1).replacen("weight    = 10", "weight    = 50", 1),
        );
        let plan = workspace.plan();
        assert_eq!(plan.changes(), ["tcmesh_host_route.shop: [\"update\"]"]);
        workspace.apply();
        workspace.is_settled();

        for (address, id) in [
            ("tcmesh_host_route.shop", "shop#shop"),
            ("tcmesh_gateway.main", "istio-system#cluster"),
            ("tcmesh_manifest.web", "v1/Namespace//web,v1/Service/web/web,apps/v1/Deployment/web/web"),
        ] {
            workspace.succeeds(&["state", "rm", address]);
            workspace.succeeds(&["import", "-no-color", address, id]);
        }
        let plan = workspace.plan();
        assert!(plan.changes().iter().all(|change| change.ends_with("[\"update\"]")), "{:?}", plan.changes());
        workspace.apply();
        workspace.is_settled();

        workspace.write("check.tf", &probe("ephemeral-resources/tcmesh_route_probe/ephemeral-resource.tf"));
        let told = workspace.apply();
        assert!(told.contains("Warning: shop.imroc.cc is not answered as expected"), "{told}");
        assert!(told.contains("http://shop.imroc.cc:1/cart/ at 127.0.0.1:1 did not answer"), "{told}");
        workspace.is_settled();

        workspace.write("output.tf", &probe("data-sources/tcmesh_route_probe/data-source.tf"));
        let told = workspace.apply();
        assert!(told.contains("shop = \"http://shop.imroc.cc:1/cart/ at 127.0.0.1:1 did not answer"), "{told}");
        // Terraform 1.15.5 finds a difference in every refresh with a data source, also of its own.
        workspace.succeeds(&["plan", "-no-color", "-detailed-exitcode"]);

        workspace.destroy();
        let left = world.block_on(async {
            let routes: Api<DynamicObject> = api(&server, "networking.istio.io/v1beta1", "VirtualService", None);
            routes.list(&ListParams::default()).await.unwrap().items.len()
        });
        assert_eq!(left, 0);
    }
}

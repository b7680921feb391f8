resource "tcmesh_ccn" "main" {
  provider = tcmesh.ingress
  name     = "handover"
}

resource "tcmesh_ccn_attachment" "main" {
  provider    = tcmesh.ingress
  ccn_id      = tcmesh_ccn.main.id
  instance_id = var.clusters.cluster1.vpc_id
}

resource "tcmesh_mesh" "main" {
  provider     = tcmesh.ingress
  display_name = "handover"
  mesh_version = var.mesh_version

  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"
    }
  }
}

resource "tcmesh_mesh_cluster" "main" {
  provider   = tcmesh.ingress
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = var.clusters.cluster1.id
}

# One mesh over the three clusters, and one gateway into it.

resource "tcmesh_mesh" "main" {
  provider     = tcmesh.ingress
  display_name = "cross-account-ingress"
  mesh_version = var.mesh_version

  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"
    }
  }
}

resource "tcmesh_mesh_cluster" "cluster1" {
  provider   = tcmesh.ingress
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = var.clusters.cluster1.id
}

resource "tcmesh_mesh_cluster" "cluster2" {
  provider   = tcmesh.ingress
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = var.clusters.cluster2.id
}

resource "tcmesh_mesh_cluster" "cluster3" {
  provider             = tcmesh.ingress
  mesh_id              = tcmesh_mesh.main.id
  cluster_id           = tcmesh_tdcc_agent.cluster3.registered_cluster_id
  cluster_kind         = var.registered_cluster_kind
  member_control_plane = tcmesh_tdcc_agent.cluster3.control_plane

  # Without TDCC actions the hub cannot be looked up.
  region    = var.tdcc_enabled ? null : var.region
  vpc_id    = var.tdcc_enabled ? null : var.hub.vpc_id
  subnet_id = var.tdcc_enabled ? null : var.hub.subnet_id
}

resource "tcmesh_ingress_gateway" "main" {
  provider   = tcmesh.ingress
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id

  load_balancer {
    type = "OPEN"
  }
}

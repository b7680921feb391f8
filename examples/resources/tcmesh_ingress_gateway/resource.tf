resource "tcmesh_mesh" "main" {
  display_name = "cross-account-ingress"
  mesh_version = "1.18.5"
}

resource "tcmesh_mesh_cluster" "main" {
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = "cls-hub00001"
}

# The cluster's ID comes from the link, so that the gateway waits for it.
resource "tcmesh_ingress_gateway" "main" {
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = tcmesh_mesh_cluster.main.cluster_id

  load_balancer {
    type                       = "OPEN"
    internet_charge_type       = "TRAFFIC_POSTPAID_BY_HOUR"
    internet_max_bandwidth_out = 10
  }

  workload {
    replicas = 2
  }
}

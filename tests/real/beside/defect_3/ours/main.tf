resource "tcmesh_mesh" "main" {
  provider     = tcmesh.ingress
  display_name = "defect-3"
  mesh_version = var.mesh_version

  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"
    }
  }
}

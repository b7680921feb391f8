resource "tencentcloud_tcm_mesh" "main" {
  provider     = tencentcloud.ingress
  display_name = "defect-3"
  mesh_version = var.mesh_version
  type         = "HOSTED"

  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"
    }
  }
}

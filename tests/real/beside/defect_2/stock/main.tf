resource "tcmesh_mesh" "main" {
  provider     = tcmesh.ingress
  display_name = "defect-2"
  mesh_version = var.mesh_version
}

resource "tencentcloud_tcm_cluster_attachment" "both" {
  provider = tencentcloud.ingress
  mesh_id  = tcmesh_mesh.main.id

  dynamic "cluster_list" {
    for_each = ["cluster1", "cluster2"]
    content {
      cluster_id = var.clusters[cluster_list.value].id
      region     = var.region
      role       = "REMOTE"
      vpc_id     = var.clusters[cluster_list.value].vpc_id
      subnet_id  = var.subnets[cluster_list.value]
      type       = "TKE"
    }
  }
}

variable "subnets" {
  description = "A subnet of each cluster."
  type        = map(string)
}

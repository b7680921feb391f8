resource "tcmesh_mesh" "main" {
  provider     = tcmesh.ingress
  display_name = "defect-1"
  mesh_version = var.mesh_version
}

resource "tencentcloud_tcm_cluster_attachment" "linked" {
  provider = tencentcloud.ingress
  for_each = var.linked
  mesh_id  = tcmesh_mesh.main.id

  cluster_list {
    cluster_id = var.clusters[each.key].id
    region     = var.region
    role       = "REMOTE"
    vpc_id     = var.clusters[each.key].vpc_id
    subnet_id  = var.subnets[each.key]
    type       = "TKE"
  }
}

variable "linked" {
  description = "The clusters to link."
  type        = set(string)
}

variable "subnets" {
  description = "A subnet of each cluster."
  type        = map(string)
}

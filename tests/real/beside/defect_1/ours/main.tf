resource "tcmesh_mesh" "main" {
  provider     = tcmesh.ingress
  display_name = "defect-1"
  mesh_version = var.mesh_version
}

resource "tcmesh_mesh_cluster" "linked" {
  provider   = tcmesh.ingress
  for_each   = var.linked
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = var.clusters[each.key].id
}

variable "linked" {
  description = "The clusters to link."
  type        = set(string)
}

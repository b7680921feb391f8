resource "tcmesh_mesh" "main" {
  provider     = tcmesh.ingress
  display_name = "defect-2"
  mesh_version = var.mesh_version
}

resource "tcmesh_mesh_cluster" "both" {
  provider   = tcmesh.ingress
  for_each   = toset(["cluster1", "cluster2"])
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = var.clusters[each.key].id
}

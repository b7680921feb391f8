resource "tcmesh_mesh" "main" {
  display_name = "cross-account-ingress"
  mesh_version = "1.18.5"
}

# A TKE cluster of the mesh's account: region, VPC and subnet are looked up.
resource "tcmesh_mesh_cluster" "main" {
  mesh_id                   = tcmesh_mesh.main.id
  cluster_id                = "cls-hub00001"
  auto_injection_namespaces = ["test"]
}

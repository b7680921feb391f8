data "tcmesh_cluster" "ingress" {
  cluster_id = "cls-hub00001"
}

# A cluster whose pods have addresses of their own needs them in the CCN.
output "needs_container_network" {
  value = data.tcmesh_cluster.ingress.network == "GR"
}

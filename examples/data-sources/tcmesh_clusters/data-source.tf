# All clusters of one VPC.
data "tcmesh_clusters" "ingress" {
  vpc_id = "vpc-hub00001"
}

output "cluster_ids" {
  value = data.tcmesh_clusters.ingress.ids
}

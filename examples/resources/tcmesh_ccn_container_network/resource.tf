resource "tcmesh_ccn" "main" {
  name = "cross-account-ingress"
}

resource "tcmesh_ccn_attachment" "ingress" {
  ccn_id      = tcmesh_ccn.main.id
  instance_id = "vpc-hub00001"
}

# The pods of this cluster have addresses that are not part of its VPC.
resource "tcmesh_ccn_container_network" "main" {
  attachment_id = tcmesh_ccn_attachment.ingress.id
  cluster_id    = "cls-hub00001"
  mode          = "api"
}

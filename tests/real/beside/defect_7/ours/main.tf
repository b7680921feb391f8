resource "tcmesh_ccn_attachment_accepter" "member" {
  provider        = tcmesh.ingress
  ccn_id          = var.ccn_id
  instance_id     = var.clusters.cluster3.vpc_id
  instance_region = var.region
}

variable "ccn_id" {
  description = "The CCN that account B has asked to join."
  type        = string
}

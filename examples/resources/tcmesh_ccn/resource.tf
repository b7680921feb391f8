resource "tcmesh_ccn" "main" {
  name        = "cross-account-ingress"
  description = "Joins the VPCs whose services one gateway serves"
  qos_level   = "AU"

  tags = {
    team = "network"
  }
}

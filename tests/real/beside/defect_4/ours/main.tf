resource "tcmesh_ccn" "main" {
  provider = tcmesh.ingress
  name     = "defect-4"
}

resource "tcmesh_ccn_attachment" "member" {
  provider    = tcmesh.member
  ccn_id      = tcmesh_ccn.main.id
  ccn_uin     = tcmesh_ccn.main.account_id
  instance_id = var.clusters.cluster3.vpc_id
}

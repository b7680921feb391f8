resource "tcmesh_ccn" "main" {
  name = "cross-account-ingress"
}

# A VPC of the account that owns the CCN is attached at once.
resource "tcmesh_ccn_attachment" "main" {
  ccn_id      = tcmesh_ccn.main.id
  instance_id = "vpc-app00002"
  description = "Services of account A"
}

# One of another account asks to join: see tcmesh_ccn_attachment_accepter.
resource "tcmesh_ccn_attachment" "member" {
  provider = tcmesh.member

  ccn_id      = tcmesh_ccn.main.id
  ccn_uin     = tcmesh_ccn.main.account_id
  instance_id = "vpc-mem00003"
}

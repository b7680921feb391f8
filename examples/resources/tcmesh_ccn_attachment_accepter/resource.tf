resource "tcmesh_ccn" "main" {
  name = "cross-account-ingress"
}

# Account B asks.
resource "tcmesh_ccn_attachment" "member" {
  provider = tcmesh.member

  ccn_id      = tcmesh_ccn.main.id
  ccn_uin     = tcmesh_ccn.main.account_id
  instance_id = "vpc-mem00003"
}

# Account A, which owns the CCN, accepts.
resource "tcmesh_ccn_attachment_accepter" "main" {
  ccn_id          = tcmesh_ccn_attachment.member.ccn_id
  instance_id     = tcmesh_ccn_attachment.member.instance_id
  instance_region = tcmesh_ccn_attachment.member.instance_region
  on_destroy      = "detach"
}

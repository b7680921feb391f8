# One network over both accounts.

resource "tcmesh_ccn" "main" {
  provider    = tcmesh.ingress
  name        = "cross-account-ingress"
  description = "Joins the VPCs whose services one gateway serves"
}

# Account A's own VPCs: those of its clusters, and that of the hub, so that agents reach the hub by intranet.
resource "tcmesh_ccn_attachment" "ingress" {
  provider = tcmesh.ingress
  for_each = toset([var.clusters.cluster1.vpc_id, var.clusters.cluster2.vpc_id, var.hub.vpc_id])

  ccn_id      = tcmesh_ccn.main.id
  instance_id = each.value
}

# Account B asks, account A accepts.
resource "tcmesh_ccn_attachment" "member" {
  provider = tcmesh.member

  ccn_id      = tcmesh_ccn.main.id
  ccn_uin     = tcmesh_ccn.main.account_id
  instance_id = var.clusters.cluster3.vpc_id
  description = "Services of account B"
}

resource "tcmesh_ccn_attachment_accepter" "member" {
  provider = tcmesh.ingress

  ccn_id          = tcmesh_ccn_attachment.member.ccn_id
  instance_id     = tcmesh_ccn_attachment.member.instance_id
  instance_region = tcmesh_ccn_attachment.member.instance_region
}

# Pod addresses of Global Router clusters are not part of a VPC: each has to be published. Clusters with VPC-CNI need
# nothing here.
resource "tcmesh_ccn_container_network" "cluster1" {
  provider = tcmesh.ingress

  attachment_id = tcmesh_ccn_attachment.ingress[var.clusters.cluster1.vpc_id].id
  cluster_id    = var.clusters.cluster1.id
  mode          = var.container_network_mode
}

resource "tcmesh_ccn_container_network" "cluster3" {
  provider = tcmesh.member

  attachment_id = tcmesh_ccn_attachment_accepter.member.active_id
  cluster_id    = var.clusters.cluster3.id
  mode          = var.container_network_mode
}

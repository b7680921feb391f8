# The networks and the CCN are the stock provider's; what joins them is ours.

resource "tencentcloud_vpc" "hub" {
  provider   = tencentcloud.ingress
  name       = "hub"
  cidr_block = "10.8.0.0/16"
}

resource "tencentcloud_subnet" "hub" {
  provider          = tencentcloud.ingress
  name              = "hub"
  vpc_id            = tencentcloud_vpc.hub.id
  cidr_block        = "10.8.1.0/24"
  availability_zone = var.hub.zone
}

resource "tencentcloud_vpc" "member" {
  provider   = tencentcloud.member
  name       = "member"
  cidr_block = "10.9.0.0/16"
}

resource "tencentcloud_ccn" "main" {
  provider    = tencentcloud.ingress
  name        = "cross-account-ingress"
  description = "Joins the VPCs whose services one gateway serves"
}

resource "tcmesh_ccn_attachment" "ingress" {
  provider = tcmesh.ingress
  for_each = toset([var.clusters.cluster1.vpc_id, var.clusters.cluster2.vpc_id])

  ccn_id      = tencentcloud_ccn.main.id
  instance_id = each.value
}

resource "tcmesh_ccn_attachment" "hub" {
  provider    = tcmesh.ingress
  ccn_id      = tencentcloud_ccn.main.id
  instance_id = tencentcloud_vpc.hub.id
}

# Of account B: the VPC of its cluster, and one that the stock provider makes.
resource "tcmesh_ccn_attachment" "member" {
  provider    = tcmesh.member
  ccn_id      = tencentcloud_ccn.main.id
  ccn_uin     = var.ingress_account_id
  instance_id = var.clusters.cluster3.vpc_id
}

resource "tcmesh_ccn_attachment_accepter" "member" {
  provider        = tcmesh.ingress
  ccn_id          = tcmesh_ccn_attachment.member.ccn_id
  instance_id     = tcmesh_ccn_attachment.member.instance_id
  instance_region = tcmesh_ccn_attachment.member.instance_region
}

resource "tcmesh_ccn_attachment" "made_by_stock" {
  provider    = tcmesh.member
  ccn_id      = tencentcloud_ccn.main.id
  ccn_uin     = var.ingress_account_id
  instance_id = tencentcloud_vpc.member.id
}

resource "tcmesh_ccn_attachment_accepter" "made_by_stock" {
  provider        = tcmesh.ingress
  ccn_id          = tcmesh_ccn_attachment.made_by_stock.ccn_id
  instance_id     = tcmesh_ccn_attachment.made_by_stock.instance_id
  instance_region = tcmesh_ccn_attachment.made_by_stock.instance_region
}

resource "tcmesh_ccn_container_network" "cluster1" {
  provider      = tcmesh.ingress
  attachment_id = tcmesh_ccn_attachment.ingress[var.clusters.cluster1.vpc_id].id
  cluster_id    = var.clusters.cluster1.id
  mode          = var.container_network_mode
}

resource "tcmesh_ccn_container_network" "cluster3" {
  provider      = tcmesh.member
  attachment_id = tcmesh_ccn_attachment_accepter.member.active_id
  cluster_id    = var.clusters.cluster3.id
  mode          = var.container_network_mode
}

variable "ingress_account_id" {
  description = "The root account that owns the CCN; the stock provider does not tell it."
  type        = string
}

# CCN, mesh and gateway are ours; networks, attachments, acceptance, link and record are the stock provider's.

resource "tcmesh_ccn" "main" {
  provider = tcmesh.ingress
  name     = "ours-below"
}

resource "tcmesh_mesh" "main" {
  provider     = tcmesh.ingress
  display_name = "ours-below"
  mesh_version = var.mesh_version

  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"
    }
  }
}

resource "tencentcloud_vpc" "ingress" {
  provider   = tencentcloud.ingress
  name       = "ours-below"
  cidr_block = "10.8.0.0/16"
}

resource "tencentcloud_ccn_attachment_v2" "ingress" {
  provider        = tencentcloud.ingress
  ccn_id          = tcmesh_ccn.main.id
  instance_id     = tencentcloud_vpc.ingress.id
  instance_region = var.region
  instance_type   = "VPC"
}

resource "tencentcloud_ccn_attachment_v2" "member" {
  provider        = tencentcloud.member
  ccn_id          = tcmesh_ccn.main.id
  ccn_uin         = tcmesh_ccn.main.account_id
  instance_id     = var.clusters.cluster3.vpc_id
  instance_region = var.region
  instance_type   = "VPC"
}

resource "tencentcloud_ccn_instances_accept_attach" "member" {
  provider = tencentcloud.ingress
  ccn_id   = tcmesh_ccn.main.id

  instances {
    instance_id     = tencentcloud_ccn_attachment_v2.member.instance_id
    instance_region = tencentcloud_ccn_attachment_v2.member.instance_region
    instance_type   = "VPC"
  }
}

resource "tencentcloud_tcm_cluster_attachment" "cluster1" {
  provider = tencentcloud.ingress
  mesh_id  = tcmesh_mesh.main.id

  cluster_list {
    cluster_id = var.clusters.cluster1.id
    region     = var.region
    role       = "REMOTE"
    vpc_id     = var.clusters.cluster1.vpc_id
    subnet_id  = var.hub.subnet_id
    type       = "TKE"
  }
}

resource "tcmesh_ingress_gateway" "main" {
  provider   = tcmesh.ingress
  mesh_id    = tencentcloud_tcm_cluster_attachment.cluster1.mesh_id
  cluster_id = tencentcloud_tcm_cluster_attachment.cluster1.cluster_list[0].cluster_id

  load_balancer {
    type = "OPEN"
  }
}

resource "tencentcloud_dnspod_record" "gateway" {
  provider    = tencentcloud.ingress
  domain      = var.domain
  sub_domain  = "ours-below"
  record_type = "A"
  record_line = "默认"
  value       = tcmesh_ingress_gateway.main.address
}

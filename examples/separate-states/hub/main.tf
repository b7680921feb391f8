terraform {
  required_version = ">= 1.11"

  required_providers {
    tcmesh = {
      source = "tcmesh/tcmesh"
    }
  }
}

# Keys come from the workspace's environment: TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.
provider "tcmesh" {
  region              = var.region
  allowed_account_ids = [var.account_id]
  cluster_endpoint    = "extranet"
}

resource "tcmesh_ccn" "main" {
  name = "cross-account-ingress"
}

resource "tcmesh_ccn_attachment" "own" {
  for_each    = toset([var.cluster.vpc_id, var.hub.vpc_id])
  ccn_id      = tcmesh_ccn.main.id
  instance_id = each.value
}

resource "tcmesh_ccn_container_network" "own" {
  attachment_id = tcmesh_ccn_attachment.own[var.cluster.vpc_id].id
  cluster_id    = var.cluster.id
  mode          = "api"
}

resource "tcmesh_tdcc_hub" "main" {
  zone      = var.hub.zone
  vpc_id    = var.hub.vpc_id
  subnet_id = var.hub.subnet_id
}

resource "tcmesh_tdcc_registration" "member" {
  hub_id         = tcmesh_tdcc_hub.main.id
  name           = "member"
  cluster_region = var.region
}

resource "tcmesh_mesh" "main" {
  display_name = "cross-account-ingress"
  mesh_version = "1.18.5"

  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"
    }
  }
}

resource "tcmesh_mesh_cluster" "own" {
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = var.cluster.id
}

resource "tcmesh_ingress_gateway" "main" {
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = tcmesh_mesh_cluster.own.cluster_id

  load_balancer {
    type = "OPEN"
  }
}

resource "tcmesh_gateway" "main" {
  cluster_id = tcmesh_mesh_cluster.own.cluster_id
  name       = "cluster"
  namespace  = tcmesh_ingress_gateway.main.namespace
  selector   = tcmesh_ingress_gateway.main.selector

  server {
    port {
      number   = 80
      name     = "HTTP-80"
      protocol = "HTTP"
    }
    hosts = ["*.${var.domain}"]
  }
}

# The member's part, once there is a member.

resource "tcmesh_ccn_attachment_accepter" "member" {
  count           = var.member == null ? 0 : 1
  ccn_id          = tcmesh_ccn.main.id
  instance_id     = var.member.vpc_id
  instance_region = var.region
}

resource "tcmesh_mesh_cluster" "member" {
  count        = var.member == null ? 0 : 1
  mesh_id      = tcmesh_mesh.main.id
  cluster_id   = tcmesh_tdcc_registration.member.cluster_id
  cluster_kind = "REGISTERED"
}

resource "tcmesh_manifest" "namespace" {
  count      = var.member == null ? 0 : 1
  cluster_id = var.cluster.id
  yaml       = <<-YAML
    apiVersion: v1
    kind: Namespace
    metadata:
      name: test
  YAML
}

resource "tcmesh_host_route" "member" {
  count      = var.member == null ? 0 : 1
  cluster_id = tcmesh_mesh_cluster.own.cluster_id
  name       = "cluster3"
  namespace  = tcmesh_manifest.namespace[0].objects[0].name
  hosts      = ["cluster3.${var.domain}"]
  gateways   = [tcmesh_gateway.main.reference]

  rule {
    destination {
      service   = "cluster3"
      namespace = "test"
      port      = 80
    }
  }
}

resource "tcmesh_dns_record" "member" {
  count    = var.member == null ? 0 : 1
  zone     = var.domain
  name     = "cluster3"
  type     = "A"
  values   = [tcmesh_ingress_gateway.main.address]
  resolver = var.resolver
}

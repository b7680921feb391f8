terraform {
  required_version = ">= 1.11"

  required_providers {
    tcmesh = {
      source = "tcmesh/tcmesh"
    }
  }
}

# Account A takes the traffic in: CCN, hub, mesh and gateway live here.
provider "tcmesh" {
  alias               = "ingress"
  region              = var.region
  secret_id           = var.ingress_account.secret_id
  secret_key          = var.ingress_account.secret_key
  allowed_account_ids = [var.ingress_account.id]
  cluster_endpoint    = var.cluster_endpoint

  tdcc {
    enabled = var.tdcc_enabled
  }
}

# Account B runs a service that account A sends traffic to.
provider "tcmesh" {
  alias               = "member"
  region              = var.region
  secret_id           = var.member_account.secret_id
  secret_key          = var.member_account.secret_key
  allowed_account_ids = [var.member_account.id]
  cluster_endpoint    = var.cluster_endpoint
}

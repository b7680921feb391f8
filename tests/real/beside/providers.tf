terraform {
  required_version = ">= 1.11"

  required_providers {
    tcmesh = {
      source = "tcmesh/tcmesh"
    }
    tencentcloud = {
      source = "tencentcloudstack/tencentcloud"
    }
  }
}

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

provider "tcmesh" {
  alias               = "member"
  region              = var.region
  secret_id           = var.member_account.secret_id
  secret_key          = var.member_account.secret_key
  allowed_account_ids = [var.member_account.id]
  cluster_endpoint    = var.cluster_endpoint
}

provider "tencentcloud" {
  alias      = "ingress"
  region     = var.region
  protocol   = "HTTP"
  secret_id  = var.ingress_account.secret_id
  secret_key = var.ingress_account.secret_key
}

provider "tencentcloud" {
  alias      = "member"
  region     = var.region
  protocol   = "HTTP"
  secret_id  = var.member_account.secret_id
  secret_key = var.member_account.secret_key
}

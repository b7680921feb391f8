terraform {
  required_providers {
    tcmesh = {
      source = "tcmesh/tcmesh"
    }
  }
}

# The account that takes the traffic in.
provider "tcmesh" {
  alias               = "ingress"
  region              = "ap-guangzhou"
  profile             = "ingress"
  allowed_account_ids = ["100000000001"]
}

# An account whose services are reached.
provider "tcmesh" {
  alias               = "member"
  region              = "ap-guangzhou"
  profile             = "member"
  allowed_account_ids = ["100000000002"]
}

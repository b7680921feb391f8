terraform {
  required_providers {
    tcmesh = {
      source = "tcmesh/tcmesh"
    }
  }
}

provider "tcmesh" {
  region     = "ap-guangzhou"
  secret_id  = var.keys[0].id
  secret_key = var.keys[0].key
}

resource "tcmesh_ccn" "main" {
  name = "peers"
}

resource "tcmesh_ccn_attachment" "all" {
  for_each    = var.vpcs
  ccn_id      = tcmesh_ccn.main.id
  instance_id = each.key
}

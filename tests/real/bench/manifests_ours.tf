terraform {
  required_providers {
    tcmesh = {
      source = "tcmesh/tcmesh"
    }
  }
}

provider "tcmesh" {
  secret_id  = "AKIDnone"
  secret_key = "none"

  kubernetes {
    config_path = var.kubeconfig
  }
}

resource "tcmesh_manifest" "all" {
  count = var.manifests
  yaml  = yamlencode(local.manifests[count.index])
}

terraform {
  required_providers {
    kubectl = {
      source = "alekc/kubectl"
    }
  }
}

provider "kubectl" {
  config_path = var.kubeconfig
}

resource "kubectl_manifest" "all" {
  count             = var.manifests
  server_side_apply = true
  yaml_body         = yamlencode(local.manifests[count.index])
}

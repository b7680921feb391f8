terraform {
  required_providers {
    kubernetes = {
      source = "hashicorp/kubernetes"
    }
  }
}

provider "kubernetes" {
  config_path = var.kubeconfig
}

resource "kubernetes_manifest" "all" {
  count    = var.manifests
  manifest = local.manifests[count.index]
}

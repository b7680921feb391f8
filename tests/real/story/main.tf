# What the example's routing.tf needs to stand alone on a mesh without a cloud, and what the story adds to it: two
# certificates on one port, and a host whose traffic is shifted. `tests/real/story.py` puts both files together.

terraform {
  required_version = ">= 1.11"

  required_providers {
    tcmesh = {
      source = "tcmesh/tcmesh"
    }
  }
}

variable "kubeconfig" {
  description = "The kubeconfig of the cluster that keeps the mesh's objects."
  type        = string
}

variable "domain" {
  description = "The domain of all hosts."
  type        = string
  default     = "imroc.cc"
}

variable "shifted" {
  description = "The percentage of requests to shift.* that cluster3 answers; cluster1 answers the others."
  type        = number
  default     = 0
}

# No call to the cloud is made: every object is in the cluster of the block.
provider "tcmesh" {
  secret_id  = "AKID"
  secret_key = "key"

  kubernetes {
    config_path = var.kubeconfig
  }
}

locals {
  ingress = {
    namespace = "istio-system"
    selector  = { app = "istio-ingressgateway", istio = "ingressgateway" }
  }
}

resource "tcmesh_gateway" "secure" {
  name      = "secure"
  namespace = local.ingress.namespace
  selector  = local.ingress.selector

  dynamic "server" {
    for_each = { shop = "shop-certificate", pay = "pay-certificate" }

    content {
      hosts = ["${server.key}.${var.domain}"]

      port {
        number   = 443
        name     = "https-${server.key}"
        protocol = "HTTPS"
      }

      tls {
        mode            = "SIMPLE"
        credential_name = server.value
      }
    }
  }
}

resource "tcmesh_host_route" "secure" {
  for_each = { shop = "cluster2", pay = "cluster3" }

  name      = each.key
  namespace = local.services
  hosts     = ["${each.key}.${var.domain}"]
  gateways  = [tcmesh_gateway.secure.reference]

  rule {
    destination {
      service   = each.value
      namespace = "test"
      port      = 80
    }
  }
}

resource "tcmesh_host_route" "shift" {
  name      = "shift"
  namespace = local.services
  hosts     = ["shift.${var.domain}"]
  gateways  = [tcmesh_gateway.main.reference]

  rule {
    destination {
      service   = "cluster1"
      namespace = "test"
      port      = 80
      weight    = 100 - var.shifted
    }
    destination {
      service   = "cluster3"
      namespace = "test"
      port      = 80
      weight    = var.shifted
    }
  }
}

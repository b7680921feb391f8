# What all three providers apply: small ConfigMaps.

variable "kubeconfig" {
  description = "The file that leads to the cluster."
  type        = string
}

variable "namespace" {
  description = "An empty namespace."
  type        = string
}

variable "manifests" {
  description = "How many."
  type        = number
}

locals {
  manifests = [for number in range(var.manifests) : {
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = { name = "peers-${number}", namespace = var.namespace, labels = { number = tostring(number) } }
    data       = { "a.txt" = "some text", "b.json" = jsonencode({ number = number }) }
  }]
}

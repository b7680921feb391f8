variable "resolver" {
  description = "The name server that is asked for the records; null asks the domain's own."
  type        = string
  default     = null
}

resource "tcmesh_dns_record" "main" {
  zone     = "imroc.cc"
  name     = "cluster1"
  type     = "A"
  values   = ["203.0.113.10"]
  ttl      = 600
  resolver = var.resolver
}

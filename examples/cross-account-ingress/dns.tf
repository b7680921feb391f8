# All hosts resolve to the one gateway.

resource "tcmesh_dns_record" "host" {
  provider = tcmesh.ingress
  for_each = toset(["cluster1", "cluster2", "cluster3", "paths", "split"])

  zone     = var.domain
  name     = each.value
  type     = "A"
  values   = [tcmesh_ingress_gateway.main.address]
  ttl      = 600
  resolver = var.resolver
}

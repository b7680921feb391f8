# Proof: each host is answered by its own cluster. The probes are ephemeral, so that they ask in every plan and every apply and
# plans stay empty.

ephemeral "tcmesh_route_probe" "host" {
  provider = tcmesh.ingress
  for_each = {
    cluster1 = tcmesh_host_route.cluster1
    cluster2 = tcmesh_host_route.cluster2
    cluster3 = tcmesh_host_route.cluster3
  }

  # The name is known once its record is there: a plan does not ask for what is yet to come.
  host    = tcmesh_dns_record.host[each.key].fqdn
  address = one(tcmesh_dns_record.host[each.key].values)
  proxy   = var.probe_proxy
  timeout = var.probe_timeout

  expect {
    status        = 200
    body_contains = each.key
    headers       = each.value.rule[0].respond_with.headers
  }
}

check "cluster1" {
  assert {
    condition     = ephemeral.tcmesh_route_probe.host["cluster1"].passed
    error_message = "cluster1.${var.domain} is not answered by cluster1; the warning of its probe says why."
  }
}

check "cluster2" {
  assert {
    condition     = ephemeral.tcmesh_route_probe.host["cluster2"].passed
    error_message = "cluster2.${var.domain} is not answered by cluster2; the warning of its probe says why."
  }
}

check "cluster3" {
  assert {
    condition     = ephemeral.tcmesh_route_probe.host["cluster3"].passed
    error_message = "cluster3.${var.domain} is not answered by cluster3; the warning of its probe says why."
  }
}

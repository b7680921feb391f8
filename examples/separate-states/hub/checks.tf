# Proof, from where the traffic comes in: the member's host is answered by the member's cluster.

ephemeral "tcmesh_route_probe" "member" {
  count   = var.member == null ? 0 : 1
  host    = one(tcmesh_host_route.member[0].hosts)
  address = one(tcmesh_dns_record.member[0].values)
  proxy   = var.probe_proxy
  timeout = var.probe_timeout

  expect {
    status        = 200
    body_contains = "cluster3"
  }
}

check "member" {
  assert {
    condition     = alltrue(ephemeral.tcmesh_route_probe.member[*].passed)
    error_message = "cluster3.${var.domain} is not answered by cluster3; the warning of its probe says why."
  }
}

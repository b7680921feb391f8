# Proof, from where the traffic comes in: the member's host is answered by the member's cluster.

ephemeral "tcmesh_route_probe" "member" {
  count = length(tcmesh_host_route.member)

  # The name is known once its record is there: a plan does not ask for what is yet to come.
  host    = tcmesh_dns_record.member[count.index].fqdn
  address = one(tcmesh_dns_record.member[count.index].values)
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

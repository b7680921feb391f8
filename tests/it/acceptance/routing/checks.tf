# Whether the host is answered. The probe goes through the simulator, which carries requests to the gateway's address.

ephemeral "tcmesh_route_probe" "cluster1" {
  host    = one(tcmesh_host_route.cluster1.hosts)
  address = tcmesh_ingress_gateway.main.address
  proxy   = "ENDPOINT"
  timeout = "20s"

  expect {
    body_contains = "cluster1"
    headers       = { x-served-by = "cluster1" }
  }
}

check "cluster1" {
  assert {
    condition     = ephemeral.tcmesh_route_probe.cluster1.passed
    error_message = "cluster1.imroc.cc is not answered by cluster1; the warning of its probe says why."
  }
}

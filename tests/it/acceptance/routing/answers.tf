# What two hosts answer, for an output. The probes go through the simulator, which carries requests to the gateway's address.

data "tcmesh_route_probe" "cluster1" {
  host    = one(tcmesh_host_route.cluster1.hosts)
  address = tcmesh_ingress_gateway.main.address
  proxy   = "ENDPOINT"
  timeout = "20s"

  expect {
    body_contains = "cluster1"
    headers       = { x-served-by = "cluster1" }
  }
}

data "tcmesh_route_probe" "unknown" {
  host    = "unknown.imroc.cc"
  address = tcmesh_ingress_gateway.main.address
  proxy   = "ENDPOINT"
  timeout = "20s"

  expect {
    status = 404
  }
}

output "failures" {
  value = "[${data.tcmesh_route_probe.cluster1.failure}] [${data.tcmesh_route_probe.unknown.failure}]"
}

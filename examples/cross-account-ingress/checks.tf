# Proof: each host is answered by its own cluster.

check "cluster1" {
  data "tcmesh_route_probe" "cluster1" {
    provider = tcmesh.ingress
    host     = one(tcmesh_host_route.cluster1.hosts)
    address  = one(tcmesh_dns_record.host["cluster1"].values)
    proxy    = var.probe_proxy
    timeout  = var.probe_timeout

    expect {
      status        = 200
      body_contains = "cluster1"
      headers       = { "x-served-by" = "cluster1" }
    }
  }

  assert {
    condition     = data.tcmesh_route_probe.cluster1.passed
    error_message = data.tcmesh_route_probe.cluster1.failure
  }
}

check "cluster2" {
  data "tcmesh_route_probe" "cluster2" {
    provider = tcmesh.ingress
    host     = one(tcmesh_host_route.cluster2.hosts)
    address  = one(tcmesh_dns_record.host["cluster2"].values)
    proxy    = var.probe_proxy
    timeout  = var.probe_timeout

    expect {
      status        = 200
      body_contains = "cluster2"
      headers       = { "x-served-by" = "cluster2" }
    }
  }

  assert {
    condition     = data.tcmesh_route_probe.cluster2.passed
    error_message = data.tcmesh_route_probe.cluster2.failure
  }
}

check "cluster3" {
  data "tcmesh_route_probe" "cluster3" {
    provider = tcmesh.ingress
    host     = one(tcmesh_host_route.cluster3.hosts)
    address  = one(tcmesh_dns_record.host["cluster3"].values)
    proxy    = var.probe_proxy
    timeout  = var.probe_timeout

    expect {
      status        = 200
      body_contains = "cluster3"
      headers       = { "x-served-by" = "cluster3" }
    }
  }

  assert {
    condition     = data.tcmesh_route_probe.cluster3.passed
    error_message = data.tcmesh_route_probe.cluster3.failure
  }
}

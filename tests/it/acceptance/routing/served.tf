# A host of the mesh, whose probes go through the simulator, which carries requests to the gateway's address.

resource "tcmesh_mesh" "main" {
  display_name = "ingress"
  mesh_version = "1.18.5"
}

resource "tcmesh_mesh_cluster" "cluster1" {
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = "cls-hub00001"
}

resource "tcmesh_ingress_gateway" "main" {
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id

  load_balancer {}
}

resource "tcmesh_gateway" "main" {
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id
  namespace  = tcmesh_ingress_gateway.main.namespace
  name       = "cluster"
  selector   = tcmesh_ingress_gateway.main.selector

  server {
    hosts = ["*.imroc.cc"]

    port {
      number   = 80
      name     = "http"
      protocol = "HTTP"
    }
  }
}

resource "tcmesh_manifest" "cluster1" {
  cluster_id = "cls-hub00001"
  yaml       = file("cluster1.yaml")

  wait {
    rollout = true
  }
}

resource "tcmesh_host_route" "cluster1" {
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id
  namespace  = tcmesh_manifest.cluster1.objects[0].name
  name       = "cluster1"
  hosts      = ["cluster1.imroc.cc"]
  gateways   = [tcmesh_gateway.main.reference]

  rule {
    destination {
      service   = "cluster1"
      namespace = "test"
      port      = 80
    }

    respond_with {
      headers = { x-served-by = "cluster1" }
    }
  }
}

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

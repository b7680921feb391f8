resource "tcmesh_mesh" "main" {
  display_name = "ingress"
  mesh_version = "1.18.5"

  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"
    }
  }
}

resource "tcmesh_mesh_cluster" "ingress" {
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = "cls-hub00001"
}

resource "tcmesh_ingress_gateway" "main" {
  mesh_id    = tcmesh_mesh.main.id
  cluster_id = tcmesh_mesh_cluster.ingress.cluster_id

  load_balancer {
    type = "OPEN"
  }
}

resource "tcmesh_gateway" "main" {
  cluster_id = tcmesh_mesh_cluster.ingress.cluster_id
  namespace  = tcmesh_ingress_gateway.main.namespace
  name       = "cluster"
  selector   = tcmesh_ingress_gateway.main.selector

  labels = {
    team = "network"
  }

  server {
    hosts = ["*.imroc.cc"]

    port {
      number   = 80
      name     = "http"
      protocol = "HTTP"
    }
  }

  server {
    hosts = ["*.imroc.cc"]

    port {
      number   = 443
      name     = "https"
      protocol = "HTTPS"
    }

    tls {
      mode            = "SIMPLE"
      credential_name = "imroc-cc"
    }
  }
}

# Which host and path goes to which service. Istio's objects are the mesh's: any linked cluster takes them.

resource "tcmesh_gateway" "main" {
  provider   = tcmesh.ingress
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id
  name       = "cluster"
  namespace  = tcmesh_ingress_gateway.main.namespace
  selector   = tcmesh_ingress_gateway.main.selector

  server {
    port {
      number   = 80
      name     = "HTTP-80"
      protocol = "HTTP"
    }
    hosts = ["*.${var.domain}"]
  }
}

locals {
  # The namespace of the services, known once it is there.
  services = tcmesh_manifest.cluster1.objects[0].name
}

resource "tcmesh_host_route" "cluster1" {
  provider   = tcmesh.ingress
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id
  name       = "cluster1"
  namespace  = local.services
  hosts      = ["cluster1.${var.domain}"]
  gateways   = [tcmesh_gateway.main.reference]

  rule {
    destination {
      service   = "cluster1"
      namespace = "test"
      port      = 80
    }
    respond_with {
      headers = { "x-served-by" = "cluster1" }
    }
  }
}

resource "tcmesh_host_route" "cluster2" {
  provider   = tcmesh.ingress
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id
  name       = "cluster2"
  namespace  = local.services
  hosts      = ["cluster2.${var.domain}"]
  gateways   = [tcmesh_gateway.main.reference]

  rule {
    destination {
      service   = "cluster2"
      namespace = "test"
      port      = 80
    }
    respond_with {
      headers = { "x-served-by" = "cluster2" }
    }
  }
}

resource "tcmesh_host_route" "cluster3" {
  provider   = tcmesh.ingress
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id
  name       = "cluster3"
  namespace  = local.services
  hosts      = ["cluster3.${var.domain}"]
  gateways   = [tcmesh_gateway.main.reference]

  rule {
    destination {
      service   = "cluster3"
      namespace = "test"
      port      = 80
    }
    respond_with {
      headers = { "x-served-by" = "cluster3" }
    }
  }
}

# Two paths of one host on two clusters.
resource "tcmesh_host_route" "paths" {
  provider   = tcmesh.ingress
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id
  name       = "paths"
  namespace  = local.services
  hosts      = ["paths.${var.domain}"]
  gateways   = [tcmesh_gateway.main.reference]

  rule {
    match {
      path {
        prefix = "/two"
      }
    }
    rewrite {
      path = "/"
    }
    destination {
      service   = "cluster2"
      namespace = "test"
      port      = 80
    }
  }

  rule {
    match {
      path {
        prefix = "/three"
      }
    }
    rewrite {
      path = "/"
    }
    destination {
      service   = "cluster3"
      namespace = "test"
      port      = 80
    }
  }
}

# One host on two clusters, 80 to 20.
resource "tcmesh_host_route" "split" {
  provider   = tcmesh.ingress
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id
  name       = "split"
  namespace  = local.services
  hosts      = ["split.${var.domain}"]
  gateways   = [tcmesh_gateway.main.reference]

  rule {
    destination {
      service   = "cluster1"
      namespace = "test"
      port      = 80
      weight    = 80
    }
    destination {
      service   = "cluster3"
      namespace = "test"
      port      = 80
      weight    = 20
    }
  }
}

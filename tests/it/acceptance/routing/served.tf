# A host of the mesh.

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

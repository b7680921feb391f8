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

resource "tcmesh_manifest" "namespace" {
  cluster_id = "cls-hub00001"
  yaml       = <<-YAML
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
  YAML
}

resource "tcmesh_host_route" "shop" {
  cluster_id = tcmesh_mesh_cluster.ingress.cluster_id
  namespace  = tcmesh_manifest.namespace.objects[0].name
  name       = "shop"
  hosts      = ["shop.imroc.cc"]
  gateways   = ["istio-system/cluster"]

  labels = {
    team = "shop"
  }

  # The new cart gets one request in ten.
  rule {
    name    = "cart"
    timeout = "5s"

    match {
      path {
        prefix = "/cart/"
      }
    }

    destination {
      service   = "cart"
      namespace = "shop"
      port      = 80
      weight    = 90
    }

    destination {
      service   = "cart-next"
      namespace = "shop"
      port      = 80
      weight    = 10
    }

    retries {
      attempts        = 2
      per_try_timeout = "2s"
      retry_on        = ["5xx", "reset"]
    }
  }

  rule {
    name = "preview"

    match {
      headers = {
        x-preview = { exact = "on" }
      }
    }

    destination {
      service   = "storefront-next"
      namespace = "shop"
      port      = 80
    }
  }

  rule {
    destination {
      service   = "storefront"
      namespace = "shop"
      port      = 80
    }

    respond_with {
      headers = {
        x-served-by = "storefront"
      }
    }
  }
}

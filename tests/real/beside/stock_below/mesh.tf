# The mesh is the stock provider's; its clusters and its gateway are ours.

resource "tencentcloud_tcm_mesh" "main" {
  provider     = tencentcloud.ingress
  display_name = "cross-account-ingress"
  mesh_version = var.mesh_version
  type         = "HOSTED"

  # Most of this is the cloud's own values: the stock provider finds a difference where they are left out.
  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"

      smart_dns {
        istio_meta_dns_capture       = true
        istio_meta_dns_auto_allocate = true
      }

      tracing {
        enable = false
      }
    }

    inject {
      exclude_ip_ranges                   = []
      hold_application_until_proxy_starts = true
      hold_proxy_until_application_ends   = true
    }

    sidecar_resources {
      limits {
        name     = "cpu"
        quantity = "2"
      }
      limits {
        name     = "memory"
        quantity = "1Gi"
      }
      requests {
        name     = "cpu"
        quantity = "100m"
      }
      requests {
        name     = "memory"
        quantity = "128Mi"
      }
    }
  }
}

resource "tcmesh_mesh_cluster" "cluster1" {
  provider   = tcmesh.ingress
  mesh_id    = tencentcloud_tcm_mesh.main.id
  cluster_id = var.clusters.cluster1.id
}

resource "tcmesh_mesh_cluster" "cluster2" {
  provider   = tcmesh.ingress
  mesh_id    = tencentcloud_tcm_mesh.main.id
  cluster_id = var.clusters.cluster2.id
}

resource "tcmesh_mesh_cluster" "cluster3" {
  provider             = tcmesh.ingress
  mesh_id              = tencentcloud_tcm_mesh.main.id
  cluster_id           = tcmesh_tdcc_agent.cluster3.registered_cluster_id
  cluster_kind         = var.registered_cluster_kind
  member_control_plane = tcmesh_tdcc_agent.cluster3.control_plane
}

resource "tcmesh_ingress_gateway" "main" {
  provider   = tcmesh.ingress
  mesh_id    = tencentcloud_tcm_mesh.main.id
  cluster_id = tcmesh_mesh_cluster.cluster1.cluster_id

  load_balancer {
    type = "OPEN"
  }
}

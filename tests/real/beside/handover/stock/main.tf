resource "tencentcloud_ccn" "main" {
  provider = tencentcloud.ingress
  name     = "handover"
}

resource "tencentcloud_ccn_attachment_v2" "main" {
  provider        = tencentcloud.ingress
  ccn_id          = tencentcloud_ccn.main.id
  instance_id     = var.clusters.cluster1.vpc_id
  instance_region = var.region
  instance_type   = "VPC"
}

resource "tencentcloud_tcm_mesh" "main" {
  provider     = tencentcloud.ingress
  display_name = "handover"
  mesh_version = var.mesh_version
  type         = "HOSTED"

  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"
      disable_policy_checks   = true

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

resource "tencentcloud_tcm_cluster_attachment" "main" {
  provider = tencentcloud.ingress
  mesh_id  = tencentcloud_tcm_mesh.main.id

  cluster_list {
    cluster_id = var.clusters.cluster1.id
    region     = var.region
    role       = "REMOTE"
    vpc_id     = var.clusters.cluster1.vpc_id
    subnet_id  = var.hub.subnet_id
    type       = "TKE"
  }
}

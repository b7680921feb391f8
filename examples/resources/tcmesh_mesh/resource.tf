resource "tcmesh_mesh" "main" {
  display_name = "cross-account-ingress"
  mesh_version = "1.18.5"

  config {
    istio {
      outbound_traffic_policy = "ALLOW_ANY"
    }

    inject {
      exclude_ip_ranges                   = ["169.254.0.0/16"]
      hold_application_until_proxy_starts = true
    }

    tracing {
      enable   = true
      sampling = 1.5
    }

    access_log {
      enable        = true
      template      = "istio"
      encoding      = "JSON"
      enable_stdout = true
    }

    sidecar_resources {
      limits {
        cpu    = "1"
        memory = "512Mi"
      }
      requests {
        cpu    = "50m"
        memory = "64Mi"
      }
    }
  }

  tags = {
    team = "network"
  }
}

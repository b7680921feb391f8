# What the story does without: a role, a password, a kubeconfig that passes through.

variable "prometheus_password" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "tcmesh_mesh" "watched" {
  provider = tcmesh.ingress

  display_name = "watched"
  mesh_version = var.mesh_version

  config {
    prometheus {
      custom {
        url              = "http://10.0.0.9:9090"
        auth_type        = "basic"
        username         = "mesh"
        password_wo      = var.prometheus_password
        password_version = "1"
      }
    }
  }
}

ephemeral "tcmesh_cluster_credentials" "cluster1" {
  provider = tcmesh.ingress

  cluster_id = var.clusters.cluster1.id
  endpoint   = var.cluster_endpoint
}

provider "tcmesh" {
  alias      = "direct"
  region     = var.region
  secret_id  = var.ingress_account.secret_id
  secret_key = var.ingress_account.secret_key

  kubernetes {
    kubeconfig = ephemeral.tcmesh_cluster_credentials.cluster1.kubeconfig
  }
}

resource "tcmesh_manifest" "direct" {
  provider = tcmesh.direct

  yaml = <<-YAML
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: direct
      namespace: default
    data:
      a: "1"
  YAML
}

# Is to be found everywhere.
output "canary-planted-8d21f0c3" {
  value = "canary-planted-8d21f0c3"
}

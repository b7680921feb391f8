# The services: each cluster runs one, and answers with its own name.

locals {
  namespace = <<-YAML
    apiVersion: v1
    kind: Namespace
    metadata:
      name: test
  YAML
}

resource "tcmesh_manifest" "cluster1" {
  provider   = tcmesh.ingress
  cluster_id = var.clusters.cluster1.id
  yaml       = join("---\n", [local.namespace, file("${path.module}/services/cluster1.yaml")])

  wait {
    rollout = true
  }
}

resource "tcmesh_manifest" "cluster2" {
  provider   = tcmesh.ingress
  cluster_id = var.clusters.cluster2.id
  yaml       = join("---\n", [local.namespace, file("${path.module}/services/cluster2.yaml")])

  wait {
    rollout = true
  }
}

resource "tcmesh_manifest" "cluster3" {
  provider   = tcmesh.member
  cluster_id = var.clusters.cluster3.id
  yaml       = join("---\n", [local.namespace, file("${path.module}/services/cluster3.yaml")])

  wait {
    rollout = true
  }
}

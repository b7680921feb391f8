terraform {
  required_version = ">= 1.11"

  required_providers {
    tcmesh = {
      source = "tcmesh/tcmesh"
    }
  }
}

# Keys come from the workspace's environment: TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.
provider "tcmesh" {
  region              = var.region
  allowed_account_ids = [var.account_id]
  cluster_endpoint    = "extranet"
}

# The hub's account, by a role that may only fetch the agent's manifest.
provider "tcmesh" {
  alias               = "hub"
  region              = var.region
  allowed_account_ids = [var.hub_account_id]

  assume_role {
    role_arn     = var.manifest_role_arn
    session_name = "agent-manifest"
  }
}

resource "tcmesh_ccn_attachment" "own" {
  ccn_id          = var.ccn_id
  ccn_uin         = var.hub_account_id
  instance_id     = var.cluster.vpc_id
  wait_for_accept = true
}

resource "tcmesh_ccn_container_network" "own" {
  attachment_id = tcmesh_ccn_attachment.own.id
  cluster_id    = var.cluster.id
  mode          = "api"
}

ephemeral "tcmesh_tdcc_agent_manifest" "own" {
  provider        = tcmesh.hub
  registration_id = var.registration_id
}

resource "tcmesh_tdcc_agent" "own" {
  cluster_id        = var.cluster.id
  registration_id   = var.registration_id
  manifest_wo       = ephemeral.tcmesh_tdcc_agent_manifest.own.manifest
  manifest_version  = "1"
  reachable_through = [tcmesh_ccn_attachment.own.id]
}

resource "tcmesh_manifest" "service" {
  cluster_id = var.cluster.id
  yaml       = join("---\n", [var.namespace, var.service])

  wait {
    rollout = true
  }
}

# Account B's cluster becomes a registered cluster of account A.

resource "tcmesh_tdcc_hub" "main" {
  provider = tcmesh.ingress
  count    = var.tdcc_enabled ? 1 : 0

  zone      = var.hub.zone
  vpc_id    = var.hub.vpc_id
  subnet_id = var.hub.subnet_id
}

resource "tcmesh_tdcc_registration" "cluster3" {
  provider = tcmesh.ingress
  count    = var.tdcc_enabled ? 1 : 0

  hub_id         = tcmesh_tdcc_hub.main[0].id
  name           = "cluster3"
  cluster_region = var.region
  kind           = "external"
  hub_endpoint   = "intranet"
}

# The manifest holds a token: it passes through, and is stored nowhere.
ephemeral "tcmesh_tdcc_agent_manifest" "cluster3" {
  provider = tcmesh.ingress
  count    = var.tdcc_enabled ? 1 : 0

  registration_id = tcmesh_tdcc_registration.cluster3[0].id
  hub_endpoint    = tcmesh_tdcc_registration.cluster3[0].hub_endpoint
}

resource "tcmesh_tdcc_agent" "cluster3" {
  provider = tcmesh.member

  cluster_id       = var.clusters.cluster3.id
  registration_id  = var.tdcc_enabled ? tcmesh_tdcc_registration.cluster3[0].id : var.agent_cluster_id
  manifest_wo      = var.tdcc_enabled ? ephemeral.tcmesh_tdcc_agent_manifest.cluster3[0].manifest : var.agent_manifest
  manifest_version = "1"

  # The agent reports to the hub by intranet: both VPCs have to be in the CCN first.
  reachable_through = [
    tcmesh_ccn_attachment_accepter.member.active_id,
    tcmesh_ccn_attachment.ingress[var.hub.vpc_id].id,
  ]
}

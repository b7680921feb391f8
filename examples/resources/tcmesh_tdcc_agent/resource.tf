# In the hub's account: the cluster's registration.

resource "tcmesh_tdcc_hub" "main" {
  provider = tcmesh.ingress

  zone      = "ap-guangzhou-3"
  vpc_id    = "vpc-hub00001"
  subnet_id = "subnet-hub00001"
}

resource "tcmesh_tdcc_registration" "cluster3" {
  provider = tcmesh.ingress

  hub_id         = tcmesh_tdcc_hub.main.id
  name           = "cluster3"
  cluster_region = "ap-guangzhou"
  hub_endpoint   = "extranet"
}

ephemeral "tcmesh_tdcc_agent_manifest" "cluster3" {
  provider = tcmesh.ingress

  registration_id = tcmesh_tdcc_registration.cluster3.id
  hub_endpoint    = tcmesh_tdcc_registration.cluster3.hub_endpoint
}

# In the cluster's account: the agent.

resource "tcmesh_tdcc_agent" "cluster3" {
  provider = tcmesh.member

  cluster_id       = "cls-mem00003"
  registration_id  = tcmesh_tdcc_registration.cluster3.id
  manifest_wo      = ephemeral.tcmesh_tdcc_agent_manifest.cluster3.manifest
  manifest_version = "1"
}

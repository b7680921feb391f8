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
}

# The keys are those of the hub's account, or of a role of it.
ephemeral "tcmesh_tdcc_agent_manifest" "cluster3" {
  provider = tcmesh.ingress

  registration_id = tcmesh_tdcc_registration.cluster3.id
  hub_endpoint    = tcmesh_tdcc_registration.cluster3.hub_endpoint
}

resource "tcmesh_tdcc_hub" "main" {
  zone      = "ap-guangzhou-3"
  vpc_id    = "vpc-hub00001"
  subnet_id = "subnet-hub00001"
}

resource "tcmesh_tdcc_registration" "cluster3" {
  hub_id         = tcmesh_tdcc_hub.main.id
  name           = "cluster3"
  cluster_region = "ap-guangzhou"
  hub_endpoint   = "intranet"
  description    = "Serves orders in account B"
}

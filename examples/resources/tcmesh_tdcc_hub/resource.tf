resource "tcmesh_tdcc_hub" "main" {
  name      = "hub"
  zone      = "ap-guangzhou-3"
  vpc_id    = "vpc-hub00001"
  subnet_id = "subnet-hub00001"
}

# The hub stands in the stock provider's network.

resource "tcmesh_tdcc_hub" "main" {
  zone      = tencentcloud_subnet.hub.availability_zone
  vpc_id    = tencentcloud_vpc.hub.id
  subnet_id = tencentcloud_subnet.hub.id
}

resource "tcmesh_tdcc_agent" "cluster3" {
  reachable_through = [
    tcmesh_ccn_attachment_accepter.member.active_id,
    tcmesh_ccn_attachment.hub.id,
  ]
}

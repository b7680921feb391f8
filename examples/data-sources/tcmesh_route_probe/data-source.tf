# Whether the host is answered, and by which service: its route sets the header. The data source stands outside of the `check`
# block: one inside is read again by every apply, so that no plan is ever empty.
data "tcmesh_route_probe" "shop" {
  host        = "shop.imroc.cc"
  path        = "/cart/"
  timeout     = "10s"
  consecutive = 3

  expect {
    status  = 200
    headers = { x-served-by = "storefront" }
  }
}

check "shop" {
  assert {
    condition     = data.tcmesh_route_probe.shop.passed
    error_message = data.tcmesh_route_probe.shop.failure
  }
}

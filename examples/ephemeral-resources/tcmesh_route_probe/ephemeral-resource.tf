# Whether the host is answered, and by which service: its route sets the header. Where it is not, the check fails and a warning
# tells the reason.
ephemeral "tcmesh_route_probe" "shop" {
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
    condition     = ephemeral.tcmesh_route_probe.shop.passed
    error_message = "shop.imroc.cc is not answered by the storefront; the warning of its probe says why."
  }
}

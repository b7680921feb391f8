# What the host answers, for an output. For a check use the ephemeral resource of the same name.
data "tcmesh_route_probe" "shop" {
  host    = "shop.imroc.cc"
  path    = "/cart/"
  timeout = "10s"

  expect {
    status = 200
  }
}

output "shop" {
  description = "The service that answers, as its route says in a header; the reason where there is none."
  value       = try(data.tcmesh_route_probe.shop.response_headers["x-served-by"], data.tcmesh_route_probe.shop.failure)
}

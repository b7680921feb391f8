output "address" {
  description = "The address of the gateway."
  value       = tcmesh_ingress_gateway.main.address
}

output "hosts" {
  description = "The hosts that the gateway serves."
  value       = sort([for record in tcmesh_dns_record.host : record.fqdn])
}

output "ccn_id" {
  description = "The CCN that the member asks to be let into."
  value       = tcmesh_ccn.main.id
}

output "account_id" {
  description = "The account that owns the CCN and accepts the request."
  value       = tcmesh_ccn.main.account_id
}

output "registration_id" {
  description = "The registration that the member's agent reports to."
  value       = tcmesh_tdcc_registration.member.id
}

output "address" {
  description = "The address of the gateway."
  value       = tcmesh_ingress_gateway.main.address
}

data "tcmesh_caller_identity" "current" {}

output "account_id" {
  value = data.tcmesh_caller_identity.current.account_id
}

# Account B's resources are made by a role.
provider "tcmesh" {
  alias                 = "member"
  acquire_cluster_admin = true

  assume_role {
    role_arn     = "qcs::cam::uin/100000000002:roleName/terraform"
    session_name = "canary"
  }
}

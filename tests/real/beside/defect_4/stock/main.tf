resource "tencentcloud_ccn" "main" {
  provider = tencentcloud.ingress
  name     = "defect-4"
}

resource "tencentcloud_ccn_attachment_v2" "member" {
  provider        = tencentcloud.member
  ccn_id          = tencentcloud_ccn.main.id
  ccn_uin         = var.ingress_account_id
  instance_id     = var.clusters.cluster3.vpc_id
  instance_region = var.region
  instance_type   = "VPC"
}

variable "ingress_account_id" {
  description = "The root account that owns the CCN."
  type        = string
}

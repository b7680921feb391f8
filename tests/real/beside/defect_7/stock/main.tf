resource "tencentcloud_ccn_instances_accept_attach" "member" {
  provider = tencentcloud.ingress
  ccn_id   = var.ccn_id

  instances {
    instance_id     = var.clusters.cluster3.vpc_id
    instance_region = var.region
    instance_type   = "VPC"
  }
}

variable "ccn_id" {
  description = "The CCN that account B has asked to join."
  type        = string
}

resource "tencentcloud_ccn" "main" {
  provider = tencentcloud.ingress
  name     = "defect-5"
}

resource "tencentcloud_ccn_attachment_v2" "attached" {
  provider        = tencentcloud.ingress
  for_each        = var.attached
  ccn_id          = tencentcloud_ccn.main.id
  instance_id     = var.clusters[each.key].vpc_id
  instance_region = var.region
  instance_type   = "VPC"
}

variable "attached" {
  description = "The clusters whose VPCs to attach."
  type        = set(string)
}

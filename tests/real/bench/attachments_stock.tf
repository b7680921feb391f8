terraform {
  required_providers {
    tencentcloud = {
      source = "tencentcloudstack/tencentcloud"
    }
  }
}

provider "tencentcloud" {
  region     = "ap-guangzhou"
  protocol   = "HTTP"
  secret_id  = var.keys[0].id
  secret_key = var.keys[0].key
}

resource "tencentcloud_ccn" "main" {
  name = "peers"
}

resource "tencentcloud_ccn_attachment_v2" "all" {
  for_each        = var.vpcs
  ccn_id          = tencentcloud_ccn.main.id
  instance_id     = each.key
  instance_region = "ap-guangzhou"
  instance_type   = "VPC"
}

variable "region" {
  description = "The region of everything in this example."
  type        = string
  default     = "ap-guangzhou"
}

variable "account_id" {
  description = "The root account ID of account B."
  type        = string
}

variable "cluster" {
  description = "The independent cluster of account B, and its VPC."
  type        = object({ id = string, vpc_id = string })
}

variable "hub_account_id" {
  description = "The hub's output `account_id`."
  type        = string
}

variable "ccn_id" {
  description = "The hub's output `ccn_id`."
  type        = string
}

variable "registration_id" {
  description = "The hub's output `registration_id`."
  type        = string
}

variable "manifest_role_arn" {
  description = "The role of the hub's account that may fetch the agent's manifest, for example `qcs::cam::uin/100000000001:roleName/tdcc-manifest-reader`."
  type        = string
}

variable "service" {
  description = "The manifest of the service."
  type        = string
}

variable "namespace" {
  description = "The manifest of the service's namespace."
  type        = string
  default     = <<-YAML
    apiVersion: v1
    kind: Namespace
    metadata:
      name: test
  YAML
}

variable "keys" {
  description = "The keys of the accounts."
  type        = list(object({ id = string, key = string }))
  sensitive   = true
}

variable "vpcs" {
  description = "The VPCs to attach."
  type        = set(string)
}

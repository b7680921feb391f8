variable "region" {
  description = "The region of everything in this example."
  type        = string
  default     = "ap-guangzhou"
}

variable "account_id" {
  description = "The root account ID of account A."
  type        = string
}

variable "cluster" {
  description = "The cluster that takes the traffic in, and its VPC."
  type        = object({ id = string, vpc_id = string })
}

variable "hub" {
  description = "Zone, VPC and subnet of the hub of the registered clusters."
  type        = object({ zone = string, vpc_id = string, subnet_id = string })
}

variable "domain" {
  description = "The DNSPod domain of account A."
  type        = string
  default     = "imroc.cc"
}

variable "resolver" {
  description = "The DNS server that is asked for the record, as `address:port`; null asks the domain's own name servers."
  type        = string
  default     = null
}

variable "probe_proxy" {
  description = "An HTTP proxy that the probe goes through, for example where the gateway is not reachable from here."
  type        = string
  default     = null
}

variable "probe_timeout" {
  description = "How long the probe goes on trying. The member's service may come up after the hub's apply: the check then warns."
  type        = string
  default     = "60s"
}

variable "member" {
  description = "The member's VPC; null until the member's team is ready."
  type        = object({ vpc_id = string })
  default     = null
}

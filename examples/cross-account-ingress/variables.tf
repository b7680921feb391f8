variable "region" {
  description = "The region of everything in this example."
  type        = string
  default     = "ap-guangzhou"
}

variable "ingress_account" {
  description = "Account A: its root account ID and an API key of it."
  type        = object({ id = string, secret_id = string, secret_key = string })
  sensitive   = true
  ephemeral   = true
}

variable "member_account" {
  description = "Account B: its root account ID and an API key of it."
  type        = object({ id = string, secret_id = string, secret_key = string })
  sensitive   = true
  ephemeral   = true
}

variable "clusters" {
  description = "The three clusters with their VPCs: two of account A, one independent cluster of account B."
  type = object({
    cluster1 = object({ id = string, vpc_id = string })
    cluster2 = object({ id = string, vpc_id = string })
    cluster3 = object({ id = string, vpc_id = string })
  })
}

variable "hub" {
  description = "Where the hub of the registered clusters gets its address: zone, VPC and subnet of account A."
  type        = object({ zone = string, vpc_id = string, subnet_id = string })
}

variable "mesh_version" {
  description = "The Istio version of the mesh."
  type        = string
  default     = "1.18.5"
}

variable "domain" {
  description = "The DNSPod domain of account A under which the services are published."
  type        = string
  default     = "imroc.cc"
}

variable "cluster_endpoint" {
  description = "How Terraform reaches the clusters: `intranet` or `extranet`."
  type        = string
  default     = "extranet"
}

variable "container_network_mode" {
  description = "`api` publishes container CIDRs by an undocumented action; `verify` checks that the console's switch is on."
  type        = string
  default     = "api"
}

variable "registered_cluster_kind" {
  description = "What the mesh calls a registered cluster. The public documents do not say; change it if the mesh refuses."
  type        = string
  default     = "REGISTERED"
}

variable "tdcc_enabled" {
  description = "Whether the registration goes through the undocumented TDCC actions. If not, `agent` is needed."
  type        = bool
  default     = true
}

variable "agent_manifest" {
  description = "Without TDCC actions: the agent.yaml from the console."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "agent_cluster_id" {
  description = "Without TDCC actions: the ID that the console gave the registered cluster."
  type        = string
  default     = null
}

variable "resolver" {
  description = "The DNS server that is asked for the records, as `address:port`; null asks the domain's own name servers."
  type        = string
  default     = null
}

variable "probe_proxy" {
  description = "An HTTP proxy that the probes go through, for example where the gateway is not reachable from here."
  type        = string
  default     = null
}

variable "probe_timeout" {
  description = "How long a probe goes on trying."
  type        = string
  default     = "60s"
}

resource "tcmesh_ccn" "main" {
  provider = tcmesh.ingress
  name     = "defect-5"
}

resource "tcmesh_ccn_attachment" "attached" {
  provider    = tcmesh.ingress
  for_each    = var.attached
  ccn_id      = tcmesh_ccn.main.id
  instance_id = var.clusters[each.key].vpc_id
}

variable "attached" {
  description = "The clusters whose VPCs to attach."
  type        = set(string)
}

output "registered_cluster_id" {
  description = "The cluster's ID at the hub, known once its agent reports there."
  value       = tcmesh_tdcc_agent.own.registered_cluster_id
}

# Goes into the blocks of other providers: host = ephemeral.tcmesh_cluster_credentials.cluster1.host, and so on.
ephemeral "tcmesh_cluster_credentials" "cluster1" {
  cluster_id = "cls-hub00001"
  endpoint   = "extranet"
}

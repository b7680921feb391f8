# Cluster, namespace and name; without the first part for the cluster of the provider's `kubernetes` block.
terraform import tcmesh_gateway.main 'cls-hub00001#istio-system#cluster'

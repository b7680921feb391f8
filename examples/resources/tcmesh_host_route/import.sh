# Cluster, namespace and name; without the first part for the cluster of the provider's `kubernetes` block.
terraform import tcmesh_host_route.shop 'cls-hub00001#shop#shop'

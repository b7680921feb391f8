terraform import tcmesh_ccn_container_network.main 'ccn-gree226l#VPC#ap-guangzhou#vpc-hub00001#cls-hub00001'

terraform import tcmesh_ccn.main ccn-gree226l

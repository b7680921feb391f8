terraform import tcmesh_mesh_cluster.main 'mesh-rofjmxxx#cls-65r1c5nu'

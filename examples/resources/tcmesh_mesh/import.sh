terraform import tcmesh_mesh.main mesh-rofjmxxx

terraform import tcmesh_tdcc_hub.main cls-9ts4ddnr

terraform import tcmesh_tdcc_agent.cluster3 'cls-mem00003#cls-65r1c5nu'

terraform import tcmesh_dns_record.main 'imroc.cc#cluster1#A#0'

terraform import tcmesh_ccn_attachment_accepter.main 'ccn-gree226l#VPC#ap-guangzhou#vpc-mem00003'

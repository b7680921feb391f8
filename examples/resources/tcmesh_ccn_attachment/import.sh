terraform import tcmesh_ccn_attachment.main 'ccn-gree226l#VPC#ap-guangzhou#vpc-app00002'

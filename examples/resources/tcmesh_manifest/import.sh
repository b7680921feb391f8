# The cluster and the objects, as `apiVersion/Kind/namespace/name`, separated by commas.
terraform import tcmesh_manifest.web 'cls-hub00001#v1/Namespace//shop,v1/Service/shop/web,apps/v1/Deployment/shop/web'

terraform import tcmesh_ingress_gateway.main 'mesh-rofjmxxx#cls-65r1c5nu#istio-system#istio-ingressgateway'

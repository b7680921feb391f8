"""Stock Envoy as the ingress gateway of a mesh, configured by istiod over xDS and known to it as a pod with a service.

The pod and the service are objects only: they make istiod take the process for a gateway of its mesh, and tell it on
which port of this machine the service's port 80 and the others are.
"""

import json

from control_plane import Program, answers, free_port, write_secret
from istiod import ISTIOD_NAME, NAMESPACE, SERVICE_ACCOUNT, write_client_certificate

NAME = "istio-ingressgateway"
LABELS = {"app": NAME, "istio": "ingressgateway"}
PORTS = {80: "http2", 443: "https", 8080: "http-alternative"}
SDS = "envoy.transport_sockets.tls"


def tls(certificate, key, root):
    """How Envoy speaks to istiod: each proves who it is."""
    def file(path):
        return {"filename": str(path)}

    return {
        "name": SDS, "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": ISTIOD_NAME, "common_tls_context": {
                "tls_certificates": [{"certificate_chain": file(certificate), "private_key": file(key)}],
                "validation_context": {
                    "trusted_ca": file(root),
                    "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": ISTIOD_NAME}}]},
            },
        },
    }


def socket_address(address, port):
    """An address as Envoy writes it."""
    return {"socket_address": {"address": address, "port_value": port}}


def control_plane(istiod, secrets):
    """The one cluster that Envoy knows by itself."""
    endpoint = {"endpoint": {"address": socket_address(*istiod.xds)}}
    options = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {
        "name": "xds-grpc", "type": "STATIC", "connect_timeout": "1s", "transport_socket": tls(*secrets),
        "load_assignment": {"cluster_name": "xds-grpc", "endpoints": [{"lb_endpoints": [endpoint]}]},
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": options, "explicit_http_config": {"http2_protocol_options": {}}}},
    }


def bootstrap(cluster, address, admin, istiod, secrets):
    """What Envoy begins with: who it is, and where istiod is. Everything else comes over xDS."""
    metadata = {
        "CLUSTER_ID": cluster, "NAMESPACE": NAMESPACE, "SERVICE_ACCOUNT": SERVICE_ACCOUNT, "LABELS": LABELS,
        "ISTIO_VERSION": "1.31.0", "INSTANCE_IPS": address, "PROXY_CONFIG": {}, "UNPRIVILEGED_POD": "true",
    }
    source = {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"}
    service = {"envoy_grpc": {"cluster_name": "xds-grpc"}}
    return {
        "node": {"id": f"router~{address}~{NAME}.{NAMESPACE}~{NAMESPACE}.svc.cluster.local", "cluster": NAME,
                 "metadata": metadata},
        "admin": {"address": socket_address("127.0.0.1", admin)},
        "static_resources": {"clusters": [control_plane(istiod, secrets)]},
        "dynamic_resources": {
            "ads_config": {"api_type": "DELTA_GRPC", "transport_api_version": "V3", "grpc_services": [service],
                           "set_node_on_first_message_only": True},
            "lds_config": source, "cds_config": source,
        },
    }


def objects(address, ports):
    """The gateway as its cluster knows it: an account that may read certificates, a service, and a pod."""
    def document(version, kind, name, **members):
        return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, **members}

    reader = f"{SERVICE_ACCOUNT}-sds"
    container = {"name": "istio-proxy", "image": "envoy", "ports": [{"containerPort": port} for port in ports.values()]}
    pod = document("v1", "Pod", NAME, spec={"serviceAccountName": SERVICE_ACCOUNT, "containers": [container]})
    pod["metadata"]["labels"] = LABELS
    service_ports = [{"name": PORTS[port], "port": port, "targetPort": target} for port, target in ports.items()]
    return [
        document("v1", "ServiceAccount", SERVICE_ACCOUNT),
        document("rbac.authorization.k8s.io/v1", "Role", reader,
                 rules=[{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "watch", "list"]}]),
        document("rbac.authorization.k8s.io/v1", "RoleBinding", reader,
                 roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": reader},
                 subjects=[{"kind": "ServiceAccount", "name": SERVICE_ACCOUNT, "namespace": NAMESPACE}]),
        document("v1", "Service", NAME, spec={"selector": LABELS, "ports": service_ports}),
        pod,
    ]


def running(pod, address):
    """The status that a kubelet would give the pod."""
    conditions = [{"type": kind, "status": "True", "lastProbeTime": None,
                   "lastTransitionTime": "2026-01-01T00:00:00Z"} for kind in ("Ready", "ContainersReady")]
    status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "hostIP": address,
              "conditions": conditions}
    return {key: pod[key] for key in ("apiVersion", "kind", "metadata")} | {"status": status}


class Ingress:
    """Envoy, and its objects in a cluster. `ports` tells where on this machine each port of the gateway is."""

    def __init__(self, folder, client, cluster, address, istiod):
        self.folder = folder / "envoy"
        self.folder.mkdir(mode=0o700)
        self.address = address
        self.ports = {port: free_port(address) for port in PORTS}
        self.admin = f"http://127.0.0.1:{free_port('127.0.0.1')}"
        documents = objects(address, self.ports)
        for one in documents:
            client.apply(one)
        client.apply(running(documents[-1], address), "status")
        secrets = write_client_certificate(istiod, self.folder)
        settings = bootstrap(cluster, address, int(self.admin.rsplit(":", 1)[1]), istiod, secrets)
        write_secret(self.folder / "bootstrap.json", json.dumps(settings, indent=2))
        self.program = Program(self.folder, "envoy", "-c", str(self.folder / "bootstrap.json"), "--concurrency", "1",
                               "--disable-hot-restart", "--log-level", "warning")

    def wait(self):
        """Waits until Envoy has got its first configuration."""
        self.program.wait_until(lambda: answers(f"{self.admin}/ready"))

    def url(self, port=80, scheme="http"):
        """Where a port of the gateway is on this machine."""
        return f"{scheme}://{self.address}:{self.ports[port]}"

    def stop(self):
        """Stops Envoy."""
        self.program.stop()

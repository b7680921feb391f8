"""Istio's control plane for several clusters, and the identities that it and its gateways have.

istiod runs beside the first cluster and reads the others by secrets with the label `istio/multiCluster`, as
`istioctl create-remote-secret` writes them. Its authority is made here, so that the certificate of a gateway can be.
"""

import base64
import json

from control_plane import NotStarted, Program, answers, free_port, openssl, write_secret

NAMESPACE = "istio-system"
SERVICE_ACCOUNT = "istio-ingressgateway"
ISTIOD_NAME = f"istiod.{NAMESPACE}.svc"
# The gateway is stock Envoy, which lacks the filters that Istio compiles into its own proxy.
ENVIRONMENT = {
    "PILOT_ENABLE_METADATA_EXCHANGE": "false", "PILOT_ENABLE_ALPN_FILTER": "false", "PILOT_ENABLE_GATEWAY_API": "false",
    "INJECT_ENABLED": "false", "VALIDATION_WEBHOOK_CONFIG_NAME": "", "PILOT_DEBOUNCE_AFTER": "50ms",
    "POD_NAMESPACE": NAMESPACE, "POD_NAME": "istiod", "REVISION": "default",
}
# Mutual TLS between gateway and pods is what sidecars would speak; the backends have none.
MESH_CONFIG = {"enableAutoMtls": False, "accessLogFile": "", "trustDomain": "cluster.local"}
CERTIFICATES = """[req]
distinguished_name = name
prompt = no
[name]
CN = test
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, digitalSignature
[gateway]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth, serverAuth
subjectAltName = URI:spiffe://cluster.local/ns/{namespace}/sa/{account}
"""


def make_authority(folder):
    """The authority of the mesh under the names that istiod reads, and a gateway's certificate of it."""
    folder.mkdir(mode=0o700)
    (folder / "openssl.cnf").write_text(CERTIFICATES.format(namespace=NAMESPACE, account=SERVICE_ACCOUNT))
    new = ["req", "-x509", "-config", "openssl.cnf", "-days", "7", "-newkey", "ec", "-pkeyopt",
           "ec_paramgen_curve:P-256", "-nodes"]
    openssl(folder, *new, "-extensions", "authority", "-subj", "/O=mesh", "-keyout", "ca-key.pem", "-out",
            "ca-cert.pem")
    for name in ("root-cert.pem", "cert-chain.pem"):
        (folder / name).write_bytes((folder / "ca-cert.pem").read_bytes())
    openssl(folder, *new, "-extensions", "gateway", "-CA", "ca-cert.pem", "-CAkey", "ca-key.pem", "-subj", "/",
            "-keyout", "gateway-key.pem", "-out", "gateway-cert.pem")


def remote_secret(cluster):
    """The secret that makes istiod read a cluster."""
    return {
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {"name": f"istio-remote-secret-{cluster.name}", "namespace": NAMESPACE,
                     "labels": {"istio/multiCluster": "true"}},
        "data": {cluster.name: base64.b64encode(cluster.kubeconfig.read_bytes()).decode()},
    }


def webhook(url, authority):
    """Istio's validation of its own objects, as its chart registers it."""
    return {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": f"istio-validator-{NAMESPACE}"},
        "webhooks": [{
            "name": "rev.validation.istio.io", "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "failurePolicy": "Fail", "clientConfig": {"url": url, "caBundle": base64.b64encode(authority).decode()},
            "rules": [{"operations": ["CREATE", "UPDATE"], "resources": ["*"], "apiVersions": ["*"],
                       "apiGroups": ["networking.istio.io"]}],
        }],
    }


class Istiod:
    """istiod beside the first of several clusters. `xds` is where gateways find it."""

    def __init__(self, folder, clusters, address):
        self.folder = folder / "istiod"
        self.folder.mkdir(mode=0o700)
        self.certificates = self.folder / "authority"
        make_authority(self.certificates)
        self.xds = (address, free_port(address))
        self.ready = f"http://127.0.0.1:{free_port('127.0.0.1')}"
        self.validation = f"https://{address}:{free_port(address)}/validate"
        self.debug = f"http://127.0.0.1:{free_port('127.0.0.1')}"
        (self.folder / "mesh.json").write_text(json.dumps(MESH_CONFIG))
        self.program = Program(self.folder, "pilot-discovery", "discovery", *self.flags(clusters[0]), **ENVIRONMENT,
                               ROOT_CA_DIR=str(self.certificates), ISTIOD_CUSTOM_HOST=address)

    def flags(self, cluster):
        """The flags of the program; every port is one that nothing else listens on."""
        local = "127.0.0.1"
        flags = {
            "kubeconfig": cluster.kubeconfig, "clusterID": cluster.name, "meshConfig": self.folder / "mesh.json",
            "httpAddr": self.ready.removeprefix("http://"), "grpcAddr": f"{local}:{free_port(local)}",
            "secureGRPCAddr": f"{self.xds[0]}:{self.xds[1]}", "ctrlz_port": free_port(local),
            "httpsAddr": self.validation.removeprefix("https://").removesuffix("/validate"),
            "monitoringAddr": self.debug.removeprefix("http://"), "log_output_level": "default:info",
        }
        return [f"--{name}={value}" for name, value in flags.items()]

    def wait(self):
        """Waits until istiod has read all clusters that it knows of."""
        self.program.wait_until(lambda: answers(f"{self.ready}/ready"))

    def validate(self, clients):
        """Makes the clusters ask istiod before they take an Istio object."""
        authority = (self.certificates / "root-cert.pem").read_bytes()
        for client in clients:
            client.apply(webhook(self.validation, authority))

    def stop(self):
        """Stops istiod."""
        self.program.stop()


def write_client_certificate(istiod, folder):
    """Gives a gateway its certificate and key, and tells their files with that of the authority."""
    names = {name: folder / name for name in ("gateway-cert.pem", "gateway-key.pem", "root-cert.pem")}
    for name, path in names.items():
        source = istiod.certificates / name
        if not source.exists():
            raise NotStarted(f"{source} was not made")
        write_secret(path, source.read_text())
    return names.values()

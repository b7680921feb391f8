"""Starts independent Kubernetes API servers on this machine, and stops them again.

    python3 tests/real/control_plane.py [--count 3] [--folder DIR] [--address IP] [--controllers]

The programs `etcd` and `kube-apiserver` are taken from the folder that KUBEBUILDER_ASSETS names, or from where
`tests/real/tools.py` puts them. One etcd serves all of them, each below a prefix of its own; authority, tokens and
service-account key differ. It prints the path of each kubeconfig and of one that has them all, and runs until Ctrl-C.
"""

import argparse
import base64
import json
import os
import pathlib
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(os.environ.get("KUBEBUILDER_ASSETS") or ROOT / ".tools/real/bin")
READY_SECONDS = 120
STOP_SECONDS = 15

OPENSSL = """[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, DNS:kubernetes.default.svc, IP:127.0.0.1, IP:{address}, IP:{service}
"""


class NotStarted(Exception):
    """A program that ended or did not become ready, with the end of its log."""


def free_port(address):
    """A TCP port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind((address, 0))
        return listener.getsockname()[1]


def write_secret(path, text):
    """Writes a file that only its owner can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def openssl(folder, *arguments):
    """Runs openssl in a folder; the files that it writes are readable by their owner only."""
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, umask=0o077)


def make_certificates(folder, name, address, service):
    """An authority, a server certificate of it, and a key for service accounts."""
    (folder / "openssl.cnf").write_text(OPENSSL.format(name=name, address=address, service=service))
    new = ["req", "-x509", "-config", "openssl.cnf", "-days", "7", "-newkey", "ec", "-pkeyopt",
           "ec_paramgen_curve:P-256", "-nodes"]
    openssl(folder, *new, "-extensions", "authority", "-subj", f"/CN={name} authority", "-keyout", "ca.key",
            "-out", "ca.crt")
    openssl(folder, *new, "-extensions", "server", "-CA", "ca.crt", "-CAkey", "ca.key", "-keyout", "server.key",
            "-out", "server.crt")
    openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "accounts.key")


class Program:
    """A program that runs with its output in a file."""

    def __init__(self, folder, *command, **environment):
        self.log = folder / f"{command[0]}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([BINARIES / command[0], *command[1:]], stdout=log, stderr=log,
                                            env={**os.environ, **environment}, start_new_session=True)

    def wait_until(self, ready):
        """Waits until `ready` answers with true; a program that ended or takes too long has not started."""
        end = time.monotonic() + READY_SECONDS
        while not ready():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                tail = self.log.read_text(errors="replace").splitlines()[-8:]
                raise NotStarted("\n".join([f"{self.log}:", *tail]))
            time.sleep(0.2)

    def stop(self):
        """Asks the program to end, and ends it where it does not."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def answers(url, **options):
    """Whether a GET of the URL succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=5, **options):
            return True
    except (urllib.error.URLError, OSError):
        return False


class Cluster:
    """One API server, and a controller manager where it is wanted."""

    def __init__(self, folder, number, address):
        self.name = f"cluster-{number}"
        self.folder = folder / self.name
        self.folder.mkdir(mode=0o700)
        self.kubeconfig = self.folder / "kubeconfig"
        self.token = secrets.token_hex(16)
        self.server = f"https://{address}:{free_port(address)}"
        self.address = address
        self.services = f"10.{90 + number}.0"
        self.programs = []
        make_certificates(self.folder, self.name, address, f"{self.services}.1")
        write_secret(self.folder / "tokens.csv", f"{self.token},admin,admin,system:masters\n")
        write_secret(self.kubeconfig, json.dumps(kubeconfig([self]), indent=2))

    def start(self, etcd, controllers):
        """Starts what runs for this cluster; it is not ready yet."""
        self.programs.append(Program(self.folder, "kube-apiserver", *self.server_flags(etcd, controllers)))
        if controllers:
            self.programs.append(Program(self.folder, "kube-controller-manager", *self.controller_flags()))

    def server_flags(self, etcd, controllers):
        """The flags of the API server."""
        flags = {
            "etcd-servers": etcd, "etcd-prefix": f"/{self.name}", "bind-address": self.address,
            "advertise-address": self.address, "secure-port": self.server.rsplit(":", 1)[1],
            "service-cluster-ip-range": f"{self.services}.0/24", "authorization-mode": "RBAC",
            "token-auth-file": self.folder / "tokens.csv", "cert-dir": self.folder,
            "tls-cert-file": self.folder / "server.crt", "tls-private-key-file": self.folder / "server.key",
            "service-account-issuer": self.server, "service-account-key-file": self.folder / "accounts.key",
            "service-account-signing-key-file": self.folder / "accounts.key", "endpoint-reconciler-type": "none",
        }
        if not controllers:
            flags["disable-admission-plugins"] = "ServiceAccount"
        return [f"--{name}={value}" for name, value in flags.items()]

    def controller_flags(self):
        """The flags of the controller manager."""
        return [f"--kubeconfig={self.kubeconfig}", "--leader-elect=false", "--secure-port=0",
                f"--root-ca-file={self.folder / 'ca.crt'}", f"--cert-dir={self.folder}",
                "--use-service-account-credentials=true",
                f"--service-account-private-key-file={self.folder / 'accounts.key'}"]

    def wait(self):
        """Waits until the API server says that it is ready."""
        request = urllib.request.Request(f"{self.server}/readyz", headers={"Authorization": f"Bearer {self.token}"})
        trust = ssl.create_default_context(cafile=self.folder / "ca.crt")
        self.programs[0].wait_until(lambda: answers(request, context=trust))

    def stop(self):
        """Stops what runs for this cluster."""
        for program in reversed(self.programs):
            program.stop()


def kubeconfig(clusters):
    """A kubeconfig with a context for each cluster; the first one is the current context. JSON is YAML too."""
    def entry(kind, cluster, body):
        return {"name": cluster.name, kind: body}

    return {
        "apiVersion": "v1", "kind": "Config", "current-context": clusters[0].name,
        "clusters": [entry("cluster", one, {"server": one.server, "certificate-authority-data": authority(one)})
                     for one in clusters],
        "users": [entry("user", one, {"token": one.token}) for one in clusters],
        "contexts": [entry("context", one, {"cluster": one.name, "user": one.name}) for one in clusters],
    }


def authority(cluster):
    """The cluster's authority as a kubeconfig holds it."""
    return base64.b64encode((cluster.folder / "ca.crt").read_bytes()).decode()


class ControlPlanes:
    """Several clusters on one etcd. Use it with `with`: everything is stopped at the end."""

    def __init__(self, folder, count=3, address="127.0.0.1", controllers=False):
        self.folder = pathlib.Path(folder).resolve()
        self.kubeconfig = self.folder / "kubeconfig"
        self.clusters = []
        self.folder.mkdir(parents=True, exist_ok=True)
        self.etcd, url = start_etcd(self.folder)
        try:
            for number in range(1, count + 1):
                self.clusters.append(Cluster(self.folder, number, address))
                self.clusters[-1].start(url, controllers)
            for cluster in self.clusters:
                cluster.wait()
        except BaseException:
            self.stop()
            raise
        write_secret(self.kubeconfig, json.dumps(kubeconfig(self.clusters), indent=2))

    def stop(self):
        """Stops all clusters, then what they store their things in."""
        for cluster in self.clusters:
            cluster.stop()
        self.etcd.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def start_etcd(folder):
    """Starts an etcd that only this machine reaches, and gives it and its URL."""
    client, peer = (f"http://127.0.0.1:{free_port('127.0.0.1')}" for _ in range(2))
    etcd = Program(folder, "etcd", f"--data-dir={folder / 'etcd'}", "--unsafe-no-fsync", f"--name={folder.name}",
                   f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
                   f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
                   f"--initial-cluster={folder.name}={peer}")
    etcd.wait_until(lambda: answers(f"{client}/health"))
    return etcd, client


def main():
    """Runs the clusters until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Starts independent Kubernetes API servers.")
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--folder", help="an empty folder for everything that they write; else one that is removed")
    parser.add_argument("--address", default="127.0.0.1", help="the address that the API servers listen on")
    parser.add_argument("--controllers", action="store_true", help="also run a kube-controller-manager for each")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as temporary:
        try:
            run(given.folder or temporary, given)
        except KeyboardInterrupt:
            print("== stopped", flush=True)
        except (NotStarted, OSError) as error:
            print(f"== not started: {error}", file=sys.stderr)
            return 1
    return 0


def run(folder, given):
    """Starts the clusters in a folder, says where they are, and waits."""
    began = time.monotonic()
    with ControlPlanes(folder, given.count, given.address, given.controllers) as planes:
        print(f"== {given.count} API servers are ready after {time.monotonic() - began:.1f} s", flush=True)
        for path in (*(cluster.kubeconfig for cluster in planes.clusters), planes.kubeconfig):
            print(path, flush=True)
        signal.pause()


if __name__ == "__main__":
    sys.exit(main())

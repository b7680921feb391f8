"""A running simulator and a Terraform workspace on it, for the demo and the benchmarks."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "bin"
STORY = ROOT / "examples/cross-account-ingress"
STARTS_WITHIN = 60
SOURCE = "registry.terraform.io/tcmesh/tcmesh"


class Simulator:
    """The simulator's process; `ready` is what it wrote when it was ready."""

    def __init__(self, world, home, *arguments):
        ready_file = pathlib.Path(home) / "ready.json"
        self.log = open(pathlib.Path(home) / "simulator.log", "w")
        command = [BIN / "tcmesh-simulator", "serve", "--world", world, "--listen", "127.0.0.1:0", "--ready-file", ready_file,
                   *arguments]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, start_new_session=True)
        self.ready = self._wait_for(ready_file)
        self.endpoint = self.ready["endpoint"]

    def _wait_for(self, ready_file):
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"the simulator ended at once; see {self.log.name}")
            with contextlib.suppress(OSError, ValueError):
                return json.loads(ready_file.read_text())
            time.sleep(0.01)
        raise SystemExit(f"the simulator was not ready within {STARTS_WITHIN} s; see {self.log.name}")

    def get(self, path):
        with urllib.request.urlopen(f"{self.endpoint}/_sim/{path}") as answer:
            return json.load(answer)

    def post(self, path, body):
        request = urllib.request.Request(f"{self.endpoint}/_sim/{path}", json.dumps(body).encode())
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def inventory(self):
        """Everything that exists, one line each, without clocks and counters."""
        return set(listed("", self.get("state")))

    def gateway(self):
        """The gateway's address in the simulated cloud, and where it listens on this machine."""
        gateways = self.get("gateways")
        if len(gateways) != 1:
            raise SystemExit(f"expected one gateway, the simulator has {gateways}")
        address, ports = next(iter(gateways.items()))
        return address, ports["80"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.log.close()
        return self.process.wait(timeout=10)

    close = stop


class Workspace:
    """A copy of a configuration, with the provider from bin/ and the simulator as its cloud."""

    def __init__(self, terraform, source, home, simulator, variables):
        self.terraform = terraform
        self.home = pathlib.Path(home) / "workspace"
        shutil.copytree(source, self.home, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        (self.home / "demo.auto.tfvars.json").write_text(json.dumps(variables))
        (self.home / "demo.auto.tfvars.json").chmod(0o600)
        config = self.home / "terraform.rc"
        config.write_text(f'provider_installation {{\n  dev_overrides {{\n    "{SOURCE}" = "{BIN}"\n  }}\n  direct {{}}\n}}\n')
        self.env = dict(os.environ, TF_CLI_CONFIG_FILE=str(config), TCMESH_ENDPOINT=simulator.endpoint, TF_IN_AUTOMATION="1")

    def run(self, *arguments, allow=(0,), show=None):
        """Runs Terraform and returns its exit code; one that is not allowed ends everything. Prints the lines that `show` matches."""
        command = [self.terraform, *arguments]
        lines = []
        with subprocess.Popen(
            command, cwd=self.home, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            for line in process.stdout:
                lines.append(line)
                if show and show.search(line):
                    print(f"   {line.rstrip()}", flush=True)
        if process.returncode not in allow:
            raise SystemExit(f"`terraform {' '.join(arguments)}` ended with {process.returncode}\n{''.join(lines)}")
        return process.returncode

    def output(self, *arguments):
        return subprocess.run(
            [self.terraform, *arguments], cwd=self.home, env=self.env, check=True, capture_output=True, text=True
        ).stdout


COUNTERS = {"last_record", "now", "resource_version", "serial", "tasks"}


def listed(path, value):
    """The leaves of a JSON value as lines, without what only ever grows or moves by itself."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in COUNTERS:
                yield from listed(f"{path}/{key}", member)
    elif isinstance(value, list):
        for item in value:
            yield from listed(f"{path}/-", item)
    else:
        yield f"{path} = {value}"


def story_variables(ready):
    """The story's variables, taken from what the simulator says of its world."""
    accounts, clusters = ready["accounts"], ready["clusters"]
    named = {cluster["name"]: {"id": cluster_id, "vpc_id": cluster["vpc_id"]} for cluster_id, cluster in clusters.items()}
    hub_vpc_id = named["cluster1"]["vpc_id"]
    subnet = ready["vpcs"][hub_vpc_id]["subnets"][0]

    def key(name):
        account = accounts[name]
        return {"id": account["uin"], "secret_id": account["secret_id"], "secret_key": account["secret_key"]}

    return {
        "ingress_account": key("a"),
        "member_account": key("b"),
        "clusters": {name: named[name] for name in ("cluster1", "cluster2", "cluster3")},
        "hub": {"zone": subnet["zone"], "vpc_id": hub_vpc_id, "subnet_id": subnet["id"]},
        "resolver": ready["dns"],
        "probe_proxy": ready["endpoint"],
    }


def request(listener, host, path="/"):
    """A plain HTTP request to a gateway; returns status and body."""
    connection = http.client.HTTPConnection(listener, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read().decode().strip()
    finally:
        connection.close()


@contextlib.contextmanager
def temporary_home(keep=False):
    home = tempfile.mkdtemp(prefix="tcmesh-")
    try:
        yield home
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)

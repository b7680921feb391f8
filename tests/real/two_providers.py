"""A workspace with this provider and the stock provider `tencentcloud`, both on one simulated cloud.

The stock provider's binary is the one that TCMESH_STOCK_PROVIDER names. It asks `vpc.tencentcloudapi.com` and so on by
plain HTTP (`protocol = "HTTP"`); HTTP_PROXY leads that to the simulator, which knows the service by the signature.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))

import simulation

STOCK_ADDRESS = "registry.terraform.io/tencentcloudstack/tencentcloud"
OURS = {simulation.SOURCE: simulation.BIN / "terraform-provider-tcmesh"}
# Minutes; the shortest that the stock provider knows. It waits three to six times as long.
RETRY_MINUTES = "1"


def stock_provider():
    """The stock provider's binary, or None where none is given."""
    named = os.environ.get("TCMESH_STOCK_PROVIDER")
    return pathlib.Path(named).resolve() if named else None


def environment(simulator):
    """What leads both providers to the simulator."""
    return {
        "TCMESH_ENDPOINT": simulator.endpoint, "HTTP_PROXY": simulator.endpoint, "NO_PROXY": "127.0.0.1,localhost",
        "TENCENTCLOUD_READ_RETRY_TIMEOUT": RETRY_MINUTES, "TENCENTCLOUD_WRITE_RETRY_TIMEOUT": RETRY_MINUTES,
    }


class Result:
    """What a run of Terraform came to."""

    def __init__(self, code, text):
        self.code = code
        self.text = text

    @property
    def words(self):
        """The text in one line, without the frames of messages."""
        return " ".join(self.text.replace("│", " ").split())


class Workspace:
    """A folder with files of configurations, each a file or a folder whose files are taken."""

    def __init__(self, terraform, providers, sources, variables, environment):
        self.terraform = terraform
        self.folder = tempfile.TemporaryDirectory(prefix="tcmesh-beside-")
        self.home = pathlib.Path(self.folder.name)
        for source in sources:
            self.copy(source)
        self.set(variables)
        self.environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(self.overrides(providers)), "TF_IN_AUTOMATION": "1",
                            **environment}

    def copy(self, source):
        """Takes over a file, or a folder with what is in it."""
        files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
        for file in files:
            target = self.home / file.relative_to(source.parent if source.is_file() else source)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())

    def set(self, variables):
        """Sets the variables of the configuration; there are keys among them."""
        file = self.home / "all.auto.tfvars.json"
        file.touch(mode=0o600)
        declared = "".join(path.read_text() for path in self.home.glob("*.tf"))
        known = {name: value for name, value in variables.items() if f'variable "{name}"' in declared}
        file.write_text(json.dumps(known))

    def overrides(self, providers):
        """The command line's configuration that names the binaries, which are given by their providers' addresses."""
        folder = self.home / ".providers"
        folder.mkdir()
        for address, binary in providers.items():
            (folder / f"terraform-provider-{address.rsplit('/', 1)[1]}").symlink_to(binary)
        lines = "".join(f'    "{address}" = "{folder}"\n' for address in providers)
        file = self.home / ".terraform.rc"
        file.write_text(f"provider_installation {{\n  dev_overrides {{\n{lines}  }}\n  direct {{}}\n}}\n")
        return file

    def run(self, *arguments):
        """Runs Terraform, whatever comes of it."""
        done = subprocess.run([self.terraform, *arguments, "-no-color"], cwd=self.home, env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return Result(done.returncode, done.stdout)

    def succeeds(self, *arguments):
        """Runs Terraform; where it fails, everything ends."""
        result = self.run(*arguments)
        if result.code != 0:
            raise SystemExit(f"`terraform {' '.join(arguments)}` ended with {result.code}\n{result.text}")
        return result

    def apply(self):
        return self.succeeds("apply", "-auto-approve")

    def destroy(self):
        return self.run("destroy", "-auto-approve")

    def planned(self, *flags):
        """A plan as JSON."""
        self.succeeds("plan", "-out=plan.out", *flags)
        return self.json("plan.out")

    def state(self):
        """The resources of the state by their addresses."""
        module = self.json().get("values", {}).get("root_module", {})
        return {resource["address"]: resource["values"] for resource in module.get("resources", [])}

    def json(self, *plan):
        """`terraform show -json`; warnings come before it."""
        text = self.succeeds("show", "-json", *plan).text
        return json.JSONDecoder().raw_decode(text[text.index('{"'):])[0]

    def close(self):
        self.folder.cleanup()


def changes(plan):
    """What a plan does, as `address: actions`, but for what stays."""
    actions = {change["address"]: change["change"]["actions"] for change in plan.get("resource_changes", [])}
    return {address: "/".join(todo) for address, todo in actions.items() if todo not in (["no-op"], ["read"])}


def drift(plan, attribute):
    """The addresses at which a plan finds another value of an attribute than the state has."""
    found = [change for change in plan.get("resource_drift", []) if change["change"]["after"]]
    return {change["address"] for change in found
            if change["change"]["before"].get(attribute) != change["change"]["after"].get(attribute)}


def drift_of_all(plan):
    """The addresses of everything that a refresh finds changed."""
    return {change["address"] for change in plan.get("resource_drift", [])}

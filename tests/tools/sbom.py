"""Writes dist/NAME_VERSION_sbom.json: what the released provider is made of, in CycloneDX 1.5."""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
NAME = "terraform-provider-tcmesh"
TARGET = "x86_64-unknown-linux-gnu"


def checksums():
    """SHA-256 of every package in Cargo.lock that comes from a registry, by name and version."""
    entry = r'name = "([^"]+)"\nversion = "([^"]+)"\nsource = [^\n]+\nchecksum = "([0-9a-f]{64})"'
    return {(name, version): checksum for name, version, checksum in re.findall(entry, (ROOT / "Cargo.lock").read_text())}


def linked(metadata):
    """The packages that end up in the binary: reached from it without its build and test dependencies."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    open_ids = [identifier for identifier, package in packages.items() if package["name"] == NAME]
    seen = set(open_ids)
    while open_ids:
        for dependency in nodes[open_ids.pop()]["deps"]:
            normal = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if normal and dependency["pkg"] not in seen:
                seen.add(dependency["pkg"])
                open_ids.append(dependency["pkg"])
    return sorted((packages[identifier] for identifier in seen), key=lambda package: (package["name"], package["version"]))


def component(package, known):
    name, version = package["name"], package["version"]
    described = {"type": "library", "name": name, "version": version, "purl": f"pkg:cargo/{name}@{version}"}
    if package["license"]:
        described["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if (name, version) in known:
        described["hashes"] = [{"alg": "SHA-256", "content": known[name, version]}]
    return described


def main(version):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    known = checksums()
    components = [component(package, known) for package in linked(metadata) if package["name"] != NAME]
    subject = {"type": "application", "name": NAME, "version": version, "licenses": [{"expression": "Apache-2.0"}]}
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": {"component": subject}, "components": components}
    DIST.mkdir(exist_ok=True)
    target = DIST / f"{NAME}_{version}_sbom.json"
    target.write_text(json.dumps(document, indent=2) + "\n")
    print(f"{target.relative_to(ROOT)}: {len(components)} components")


if __name__ == "__main__":
    main(sys.argv[1])

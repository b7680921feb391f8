"""Makes dist/: the archive, the registry's manifest and the checksums, as the Terraform registry wants them."""

import hashlib
import json
import pathlib
import shutil
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
# The same bytes for the same input: archives hold the time of the earliest date that zip knows.
EPOCH = (1980, 1, 1, 0, 0, 0)


def archive(name, version):
    target = DIST / f"{name}_{version}_linux_amd64.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as files:
        for source, stored, mode in (
            (ROOT / f"bin/{name}", f"{name}_v{version}", 0o755),
            (ROOT / "LICENSE", "LICENSE", 0o644),
        ):
            entry = zipfile.ZipInfo(stored, EPOCH)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            files.writestr(entry, source.read_bytes())
    return target


def manifest(name, version):
    target = DIST / f"{name}_{version}_manifest.json"
    target.write_text(json.dumps({"version": 1, "metadata": {"protocol_versions": ["6.0"]}}, indent=2) + "\n")
    return target


def main(version):
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    name = "terraform-provider-tcmesh"
    files = [archive(name, version), manifest(name, version)]
    sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    (DIST / f"{name}_{version}_SHA256SUMS").write_text(sums)
    for file in sorted(DIST.iterdir()):
        print(f"{file.stat().st_size:>10} {file.relative_to(ROOT)}")
    print("sign the SHA256SUMS file with a GPG key (RSA) to publish it")


if __name__ == "__main__":
    main(sys.argv[1])

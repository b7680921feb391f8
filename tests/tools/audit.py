"""Known vulnerabilities of the dependencies in Cargo.lock. Without the advisory database nothing is known, and that is an error."""

import subprocess
import sys

UNREACHABLE = "failed to fetch advisory database"


def main(cargo_deny):
    done = subprocess.run([cargo_deny, "--locked", "check", "advisories"], capture_output=True, text=True)
    print(done.stdout + done.stderr, end="")
    if UNREACHABLE in done.stderr + done.stdout:
        sys.exit("== NOT AUDITED: the advisory database could not be reached. Run `make audit` where github.com can be.")
    if done.returncode:
        sys.exit("== advisories were found: update the dependency, or name the advisory with its reason in deny.toml")
    print("== audited: no advisory is known for the dependencies in Cargo.lock")


if __name__ == "__main__":
    main(sys.argv[1])

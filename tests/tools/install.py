"""Puts the provider from bin/ where Terraform finds it without a registry, and prints how to require it."""

import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADDRESS = "registry.terraform.io/tcmesh/tcmesh"


def main(version):
    home = pathlib.Path.home() / f".terraform.d/plugins/{ADDRESS}/{version}/linux_amd64"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy2(ROOT / "bin/terraform-provider-tcmesh", home / f"terraform-provider-tcmesh_v{version}")
    print(f"""installed in {home}

terraform {{
  required_providers {{
    tcmesh = {{
      source  = "tcmesh/tcmesh"
      version = "{version}"
    }}
  }}
}}""")


if __name__ == "__main__":
    main(sys.argv[1])

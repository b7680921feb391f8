"""Calls every step of a plan with the vendor's command line, as `tccli SERVICE ACTION --cli-input-json file://…`.

tccli speaks nothing but https: the endpoint given to it is one that `tls.py` makes. It trusts the authorities that the
package `certifi` names and no others, so that certifi is made to name the certificate of `tls.py`. Its own entry point is called again and again in this process, since starting it takes a second.
Services and actions that it does not have are left out.
"""

import contextlib
import io
import json
import pathlib
import sys

import certifi
import walk
from tccli.command import CLICommand
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException


class Printed(io.BytesIO):
    """What was printed. tccli wraps its output anew, and a wrapper that goes would close it."""

    def close(self):
        """Leaves it open."""


INPUT = pathlib.Path.home() / "input.json"


def arguments(plan, key, step, parameters):
    """The command line of a step. Keys stand in it, which nobody sees: no process is started."""
    service, action = step["call"].split(":")
    INPUT.write_text(json.dumps(parameters), encoding="utf-8")
    line = [service, action, "--region", plan["region"], "--endpoint", plan["tls"], "--output", "json",
            "--language", "en-US", "--cli-input-json", f"file://{INPUT}"]
    if key:
        line += ["--secretId", key[0], "--secretKey", key[1]]
    if key and key[2]:
        line += ["--token", key[2]]
    return line


def client(plan):
    """What takes a step of the plan."""
    certifi.where = lambda: plan["certificate"]
    command = CLICommand()

    def call(key, step, parameters):
        printed, sys.argv = Printed(), ["tccli", *arguments(plan, key, step, parameters)]
        try:
            with contextlib.redirect_stdout(io.TextIOWrapper(printed, encoding="utf-8")):
                command()
                sys.stdout.flush()
        except TencentCloudSDKException as error:
            raise walk.Refused(error.code, error.message) from error
        return json.loads(printed.getvalue())

    return call


if __name__ == "__main__":
    walk.main(client)

"""The vendor's published models: which members requests and answers have, of which type, and which are always there.

The members are those of the Python SDK's classes and of the API description that tccli carries; only the latter says
which members are required and which may be null.
"""

import dataclasses
import functools
import importlib
import json
import pathlib
import re

SCALARS = {"string": "text", "int": "integer", "float": "float", "bool": "boolean"}
NULLABLE = re.compile(r"可能返回\s*null", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Member:
    """A member of an object: a scalar kind or the name of an object, or a list of such."""

    name: str
    kind: str
    is_object: bool
    is_list: bool
    required: bool
    nullable: bool


@functools.cache
def description(service, version):
    """tccli's description of a service, or None."""
    import tccli

    file = pathlib.Path(tccli.__file__).parent / f"services/{service}/v{version.replace('-', '')}/api.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


@functools.cache
def sdk(service, version):
    """The SDK's module of a service's classes."""
    return importlib.import_module(f"tencentcloud.{service}.v{version.replace('-', '')}.models")


def is_documented(service, version, action):
    """Whether the vendor's description has the action."""
    described = description(service, version)
    return described is not None and action in described["actions"]


@functools.cache
def members(service, version, object_name):
    """The members of an object by name. The description and the SDK's class must have the same."""
    told = description(service, version)["objects"][object_name]
    known = {it["name"]: member(it, told.get("usage") == "both") for it in told["members"]}
    kind = getattr(sdk(service, version), object_name)
    of_class = {name.removeprefix("_") for name in vars(kind())}
    if of_class != known.keys():
        raise SystemExit(f"{service} {object_name}: tccli and the SDK differ in {of_class ^ known.keys()}")
    return known


def member(told, goes_both_ways):
    """A member as the description tells it. One that is disabled need not be there, nor what a request may leave out of
    an object that answers give back: the samples of the API reference leave it out too."""
    is_list = told["type"] == "list"
    scalar = SCALARS.get(re.sub(r"^u?(int)64$", r"\1", told["member"]) if is_list else told["type"])
    nullable = told.get("value_allowed_null") or told.get("output_required") is False or told.get("disabled")
    nullable = nullable or goes_both_ways and not told.get("required") and not told.get("output_required")
    nullable = nullable or NULLABLE.search(told["document"] or "")
    return Member(told["name"], scalar or told["member"], scalar is None, is_list, bool(told.get("required")),
                  bool(nullable))

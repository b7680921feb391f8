"""Makes a plan for a client out of the scenarios: the steps themselves, and before the first step of every action the
refusals that all actions share."""

import json
import pathlib

import models

HERE = pathlib.Path(__file__).resolve().parent
REGION = "ap-guangzhou"
WORLD = HERE / "world.yaml"
STRANGER = ("stranger", "of a stranger")
# Whoever signs may call these, whatever policies say.
FREE = {"sts:GetCallerIdentity", "cam:GetUserAppId"}
WRONG = {"text": {"not": "a text"}, "integer": "many", "float": "much", "boolean": "perhaps"}


def scenarios():
    """The scenarios as they are written."""
    return json.loads((HERE / "scenarios.json").read_text(encoding="utf-8"))


def wrong_type(action):
    """A parameter with a value of a type that it cannot have, which the SDK's classes let pass, or nothing."""
    for name, shape in sorted(action["parameters"].items()):
        of = shape[0] if isinstance(shape, list) else shape
        if isinstance(of, str) and of in WRONG:
            return {name: [WRONG[of]] if isinstance(shape, list) else WRONG[of]}
    return {}


def shared_refusals(step, action):
    """What every action refuses: a wrong key, a caller without rights, a missing parameter, one of a wrong type."""
    base, call = step["with"], step["call"]
    if step["as"] is not None:
        yield step | {"as": "wrong", "code": "AuthFailure.SignatureFailure"}
    if step["as"] is not None and call not in FREE:
        code = "UnauthorizedOperation.CamNoAuth" if call.startswith("tke:") else "UnauthorizedOperation"
        yield step | {"as": "stranger", "code": code}
    if wrong := wrong_type(action):
        yield step | {"with": base | wrong, "code": "InvalidParameter"}
    for name in required(action):
        yield step | {"with": {key: value for key, value in base.items() if key != name}, "code": "MissingParameter"}


def required(action):
    """The parameters that the vendor's models call required."""
    if not action["documented"]:
        return []
    request = models.members(action["service"], action["version"], action["action"] + "Request")
    return [it.name for it in request.values() if it.required]


def expanded(step, action, is_first):
    """A step, and before it what is refused."""
    plain = {"as": "a", "version": action["version"], "documented": action["documented"]} | step
    errors = plain.pop("errors", [])
    bare = {name: value for name, value in plain.items() if name not in ("keep", "expect")}
    if is_first:
        yield from shared_refusals(bare, action)
    for error in errors:
        yield bare | {"with": bare["with"] | error["set"], "code": error["code"]}
    yield plain


def steps(offered):
    """All steps, in order; fails where an action on offer has no scenario."""
    actions = {f"{it['service']}:{it['action']}": it for it in offered}
    seen = set()
    for step in scenarios():
        if "control" in step:
            yield step
            continue
        yield from expanded(step, actions[step["call"]], step["call"] not in seen)
        seen.add(step["call"])
    if actions.keys() - seen:
        raise SystemExit(f"no scenario calls {', '.join(sorted(actions.keys() - seen))}")


def offered(simulator):
    """The actions that a simulator offers, and whether the vendor documents them."""
    import subprocess

    listed = json.loads(subprocess.run([simulator, "actions"], check=True, capture_output=True).stdout)
    return [it | {"documented": models.is_documented(it["service"], it["version"], it["action"])} for it in listed]


def make(ready, actions):
    """The plan for the simulator that said `ready`. It holds keys."""
    accounts = ready["accounts"]
    keys = {name: (it["secret_id"], it["secret_key"]) for name, it in accounts.items()}
    keys |= {"stranger": STRANGER, "wrong": (keys["a"][0], "wrong")}
    known = {name: it["uin"] for name, it in accounts.items()}
    return {"endpoint": ready["endpoint"], "region": REGION, "keys": keys, "known": known,
            "steps": list(steps(actions))}

"""Generated cases of routing: Gateways, VirtualServices and DestinationRules, each with requests that try their edges.

A case is the same for a seed and a number. Every kind of case is a function that draws its objects and requests; the
services `cluster1` to `cluster3` of the namespace `test` are what they route to.
"""

import random

from doubtful_objects import OBJECTS
from routing_objects import GATEWAYS, HOST, SELECTOR, SERVICES, Case, Request, answer, gateway, routes, rule, server, to

PATHS = ("/", "/a", "/a/", "/a/b", "/ab", "/A/b", "/b", "/b/c/d", "//a", "/a//b", "/a/../b", "/a/./b", "/a%2Fb", "/v1",
         "/v22/x", "/a?x=1", "/a/b?y", "/c%20d")
EXPRESSIONS = ("/v[0-9]+", "/v[0-9]+/.*", "/a|/b", "/(a|b)/.*", "(?i)/A/B", ".*", "/.*b", "/a/?", "/[^/]+")


def text(draw, exact=(), prefix=(), regex=()):
    """A condition on a text, of one of the kinds for which there are values."""
    kinds = {name: values for name, values in (("exact", exact), ("prefix", prefix), ("regex", regex)) if values}
    kind = draw.choice(list(kinds))
    return {kind: draw.choice(kinds[kind])}


def uri(draw):
    """A condition on the path."""
    return text(draw, exact=("/", "/a", "/a/", "/a/b", "/A/b", "/b"), prefix=("/", "/a", "/a/", "/b/c", "/v", "/A"),
                regex=EXPRESSIONS)


def paths(draw, count=12, **more):
    """Requests for several paths."""
    return [Request(path=path, **more) for path in draw.sample(PATHS, count)]


def hosts(draw):
    """Exact names and wildcards, on gateways and routes, where the closest one counts."""
    pool = ("*", "*.test", "*.a.test", HOST, "y.a.test", "*.b.a.test", "z.b.a.test", "other.test")
    pairs = (["*.b.a.test", HOST], ["other.test", "*.a.test"], ["y.a.test", HOST])
    shown = gateway(server(draw.sample(pool, draw.randint(1, 3))))
    services = [routes(rule(number), name=f"case{number}", hosts=draw.choice((*pairs, *([host] for host in pool))))
                for number in (1, 2, 3)]
    asked = (HOST, "X.A.test", "y.a.test", "z.b.a.test", "b.a.test", "a.test", "other.test", "nobody.example",
             "x.a.test:80", "y.a.test:8080", "y.a.test:1234", "x.a.test.")
    return [shown, *services], [Request(host=host) for host in asked]


def namespaced_hosts(draw):
    """Hosts of a gateway that only routes of some namespaces may bind to."""
    pool = (f"{SERVICES}/*.a.test", "./y.a.test", "*/other.test", f"{GATEWAYS}/*.b.a.test", f"{SERVICES}/*", "./*")
    services = [routes(rule(1), name="case1", hosts=["*.a.test"]), routes(rule(2), name="case2", hosts=["*.test"]),
                routes(rule(3), name="case3", namespace=GATEWAYS, hosts=["*.a.test"])]
    asked = (HOST, "y.a.test", "z.b.a.test", "other.test", "a.test")
    return ([gateway(server(draw.sample(pool, draw.randint(1, 3)))), *services], [Request(host=host) for host in asked])


def path_kinds(draw):
    """Exact paths, prefixes and expressions, in an order in which the first one decides."""
    rules = [rule(draw.randint(1, 3), match=[{"uri": uri(draw)}]) for _ in range(draw.randint(2, 4))]
    return [gateway(), routes(*rules, *([rule(3)] if draw.random() < 0.5 else []))], paths(draw)


def path_case(draw):
    """Paths of which upper and lower case are the same."""
    rules = [rule(number, match=[{"uri": uri(draw), "ignoreUriCase": draw.random() < 0.7}]) for number in (1, 2, 3)]
    return [gateway(), routes(*rules)], paths(draw)


def alternatives(draw):
    """Several conditions of one rule: one of them must hold."""
    def condition():
        return {"uri": uri(draw)} | ({"method": {"exact": draw.choice(("GET", "POST"))}} if draw.random() < 0.5 else {})

    rules = [rule(number, match=[condition() for _ in range(draw.randint(2, 3))]) for number in (1, 2)]
    return [gateway(), routes(*rules)], [*paths(draw, 8), *paths(draw, 4, method="POST")]


def header_condition(draw, *more):
    """A condition on a header."""
    return {} if draw.random() < 0.2 else text(draw, exact=("on", "a,b", "a"), prefix=("o", "test-"),
                                               regex=("[0-9]+", "o.*", *more))


HEADERS = ((), (("x-one", "on"),), (("x-one", "off"),), (("x-one", "123"),), (("x-one", "test-1"), ("x-two", "on")),
           (("x-two", "7"),), (("x-one", "a"), ("x-one", "b")), (("x-one", ""),), (("X-ONE", "on"), ("x-two", "off")))


def headers(draw):
    """Conditions on headers that must be there."""
    rules = [rule(number, match=[{"headers": {name: header_condition(draw) for name in
                                              draw.sample(("x-one", "x-two"), draw.randint(1, 2))}}])
             for number in (1, 2)]
    return [gateway(), routes(*rules, rule(3))], [Request(headers=sent) for sent in HEADERS]


def without_headers(draw):
    """Conditions on headers that must not be so."""
    match = {"withoutHeaders": {"x-one": header_condition(draw, "*")}}
    if draw.random() < 0.5:
        match["headers"] = {"x-two": header_condition(draw)}
    return [gateway(), routes(rule(1, match=[match]), rule(2))], [Request(headers=sent) for sent in HEADERS]


def query(draw):
    """Conditions on query parameters."""
    def condition():
        return text(draw, exact=("1", ""), prefix=("1", "b"), regex=("[0-9]+", ".*", "b|c"))

    rules = [rule(number, match=[{"queryParams": {name: condition() for name in draw.sample(("a", "b"), number)}}])
             for number in (1, 2)]
    asked = ("/", "/?a=1", "/?a=12", "/?a", "/?a=&b=1", "/?b=b&a=b", "/?a=1&a=2", "/?a=2&a=1", "/?a=1&b=", "/?A=1",
             "/?a=%31", "/?b=c")
    return [gateway(), routes(*rules, rule(3))], [Request(path=path) for path in asked]


def methods(draw):
    """Conditions on the method."""
    first = {"method": text(draw, exact=("GET", "POST", "get"), prefix=("P", "DE"), regex=("P.*|GET", "PUT"))}
    second = {"method": {"exact": draw.choice(("PUT", "GET"))}}
    return ([gateway(), routes(rule(1, match=[first]), rule(2, match=[second]))],
            [Request(method=method) for method in ("GET", "POST", "PUT", "DELETE", "PATCH")])


def authorities(draw):
    """Conditions on host, scheme and port."""
    match = {"authority": text(draw, exact=(HOST, "x.a.test:80"), prefix=("x.", "y"),
                               regex=(".*[.]a[.]test", "x.*:[0-9]+"))}
    if draw.random() < 0.4:
        match["scheme"] = {"exact": draw.choice(("http", "https"))}
    other = {"port": draw.choice((80, 8080))}
    shown = gateway(server(["*"]), server(["*"], port=8080))
    asked = [Request(host=host, port=port) for host in (HOST, "y.a.test", "x.a.test:80", "x.a.test:8080")
             for port in (80, 8080)]
    return [shown, routes(rule(1, match=[match]), rule(2, match=[other]), rule(3), hosts=["*.a.test"])], asked


def merged(draw):
    """Several virtual services for one host: their rules become one list."""
    def service(number):
        conditions = [[{"uri": uri(draw)}] for _ in range(2)] + ([[]] if draw.random() < 0.5 else [])
        return routes(*(rule(number, match=match) for match in conditions), name=f"case{number}")

    return [gateway(), *map(service, (1, 2, 3))], paths(draw)


def weights(draw):
    """Shares of 0 and of everything, and shares between, of which everybody gets something."""
    shares = draw.choice(((0, 100, 0), (100, 0, 0), (0, 0, 100), (0, 50, 50), (1, 0, 1), (20, 30, 50), (3, 3, 0)))
    alone = draw.choice((0, 1, 100))
    rules = [rule(to(draw.randint(1, 3), weight=alone), match=[{"uri": {"prefix": "/alone"}}]),
             rule(*(to(number, weight=weight) for number, weight in enumerate(shares, start=1)))]
    return [gateway(), routes(*rules)], [Request(times=200), Request(path="/alone")]


def redirects(draw):
    """Redirects of which each part may be given."""
    def redirect():
        parts = {"uri": ("/new", "/new?x", "/"), "authority": ("new.test", "new.test:81"), "scheme": ("https", "http")}
        chosen = {name: draw.choice(values) for name, values in parts.items() if draw.random() < 0.5}
        port = draw.choice(({}, {"port": 8443}, {"port": 443}, {"port": 80}, {"derivePort": "FROM_REQUEST_PORT"},
                            {"derivePort": "FROM_PROTOCOL_DEFAULT"}))
        code = draw.choice(({}, *({"redirectCode": code} for code in (301, 302, 303, 307, 308))))
        return (chosen | port or {"uri": "/other"}) | code

    shown = gateway(server(["*"]), server(["*"], port=8080))
    rules = [answer([{"uri": {"prefix": "/a"}}], redirect=redirect()), answer(redirect=redirect())]
    asked = [Request(path=path, host=host, port=port) for path in ("/a/b?c=d", "/b", "/a%2Fb")
             for host, port in ((HOST, 80), ("x.a.test:80", 80), ("x.a.test:8080", 8080), (HOST, 8080))]
    return [shown, routes(*rules)], asked


def rewrites(draw):
    """New paths in the place of what a condition matched."""
    def rewriting(match):
        return rule(draw.randint(1, 3), match=match, rewrite={"uri": draw.choice(("/", "/new", "/new/", "/a"))})

    conditions = [text(draw, prefix=("/a", "/a/")), text(draw, exact=("/b", "/")),
                  text(draw, regex=("/v[0-9]+.*", "/c.*"))]
    rules = [*(rewriting([{"uri": condition}]) for condition in conditions), rewriting([])]
    return [gateway(), routes(*rules)], paths(draw, 14)


def responses(draw):
    """Fixed responses."""
    def response():
        body = draw.choice(({}, {"body": {"string": "down"}}, {"body": {"bytes": "aGk="}}))
        return {"directResponse": {"status": draw.choice((200, 204, 404, 418, 503, 599)), **body}}

    return ([gateway(), routes(answer([{"uri": uri(draw)}], **response()), answer(**response()))],
            [*paths(draw, 4), *paths(draw, 2, method="POST")])


def missing(draw):
    """Destinations that are not there, and short names of those that are."""
    names = draw.sample(("cluster1", "cluster2.test", "nobody.test.svc.cluster.local", "nobody",
                         "cluster3.other.svc.cluster.local", "cluster3.test.svc.cluster.local"), 4)
    rules = [rule({"destination": {"host": name} | draw.choice(({"port": {"number": 80}}, {"port": {"number": 81}}, {},
                                                                {"subset": "none", "port": {"number": 80}}))},
                  match=[{"uri": {"exact": f"/{number}"}}]) for number, name in enumerate(names)]
    return [gateway(), routes(*rules)], [Request(path=f"/{number}") for number in range(5)]


def faults(draw):
    """Errors put in on purpose, always or never."""
    def fault():
        percent = draw.choice(({"percentage": {"value": 100}}, {"percentage": {"value": 0}}))
        return {"fault": {"abort": {"httpStatus": draw.choice((400, 418, 503)), **percent}}}

    rules = [rule(1, match=[{"uri": {"exact": "/a"}}], **fault()), rule(to(2, weight=50), to(3, weight=50), **fault())]
    return [gateway(), routes(*rules)], [Request(path=path) for path in ("/a", "/b", "/ab")]


def cors(draw):
    """Which pages of other origins may read the answers."""
    origin = text(draw, exact=("https://one.test",), prefix=("https://o",), regex=("https://.*[.]test", ".*"))
    policy = {"allowOrigins": [origin], "allowMethods": draw.choice((["GET"], ["GET", "POST"], []))}
    policy |= draw.choice(({}, {"allowCredentials": True}, {"allowCredentials": False}))
    policy |= draw.choice(({}, {"maxAge": "24h"}, {"allowHeaders": ["x-one", "x-two"], "exposeHeaders": ["x-three"]}))
    ask = ("access-control-request-method", "GET")
    asked = [Request(headers=(("origin", origin),) + more, method=method)
             for origin in ("https://one.test", "https://other.test", "http://one.test")
             for method, more in (("GET", ()), ("OPTIONS", (ask,)), ("OPTIONS", ()), ("POST", ()))]
    return [gateway(), routes(rule(1, corsPolicy=policy))], asked


def header_changes(draw):
    """Headers of answers, set, added and removed by rule and destination."""
    def change():
        return {"response": {draw.choice(("set", "add")): {"x-mark": draw.choice(("one", "two"))},
                             "remove": draw.choice(([], ["x-seen-host"], ["x-mark"]))}}

    rules = [rule(to(1, headers=change()), match=[{"uri": {"prefix": "/a"}}], headers=change()),
             rule(to(2, weight=100, headers=change()), to(3, weight=0))]
    first = answer([{"uri": {"exact": "/b"}}], redirect={"uri": "/x"}, headers=change())
    return [gateway(), routes(first, *rules)], [Request(path=path) for path in ("/a", "/b", "/ab", "/c%20d")]


def references(draw):
    """How routes name gateways, what they export, and which pods a gateway selects."""
    names = draw.sample(([f"{GATEWAYS}/case"], ["case"], ["mesh"], [f"{GATEWAYS}/other"], ["mesh", f"{GATEWAYS}/case"],
                         ["./case"]), 3)
    export = [draw.choice(([], ["*"], ["."], [GATEWAYS], [SERVICES], ["other", GATEWAYS])) for _ in range(3)]
    selector = draw.choice((SELECTOR, SELECTOR | {"app": "istio-ingressgateway"}, {"istio": "other"}))
    services = [routes(rule(number), name=f"case{number}", hosts=[f"{number}.a.test"], gateways=names[number - 1],
                       namespace=draw.choice((SERVICES, GATEWAYS)), exportTo=export[number - 1])
                for number in (1, 2, 3)]
    return [gateway(selector=selector), *services], [Request(host=f"{number}.a.test") for number in (1, 2, 3)]


def several_gateways(draw):
    """Two gateways that share a port, of which one may only redirect to https."""
    pool = ("*", "*.a.test", HOST, "other.test")
    one = gateway(server(draw.sample(pool, 2)), name="one")
    tls = {"tls": {"httpsRedirect": True}} if draw.random() < 0.5 else {}
    protocol = draw.choice(("HTTP", "HTTP2", "GRPC"))
    two = gateway(server(draw.sample(pool, 2), **tls), server(["*"], port=8080, protocol=protocol), name="two")
    services = [routes(rule(1), name="case1", hosts=["*.a.test"], gateways=[f"{GATEWAYS}/one"]),
                routes(rule(2), name="case2", hosts=[draw.choice((HOST, "*"))], gateways=[f"{GATEWAYS}/two"]),
                routes(rule(3, match=[{"gateways": [f"{GATEWAYS}/two"], "uri": {"prefix": "/a"}}]), rule(1),
                       name="case3", hosts=["other.test"], gateways=[f"{GATEWAYS}/one", f"{GATEWAYS}/two"])]
    asked = [Request(host=host, path=path, port=port) for host in (HOST, "y.a.test", "other.test")
             for path in ("/a", "/b") for port in (80, 8080)]
    return [one, two, *services], asked


def doubtful(draw):
    """Objects of which it is told only whether they are taken."""
    return draw.sample(OBJECTS, 10), []


KINDS = (hosts, namespaced_hosts, path_kinds, path_case, alternatives, headers, without_headers, query, methods,
         authorities, merged, weights, redirects, rewrites, responses, missing, faults, cors, header_changes,
         references, several_gateways, doubtful)


def cases(seed, count):
    """The cases of a seed, of all kinds in turn."""
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        objects, requests = kind(random.Random(f"{seed}:{number}"))
        yield Case(number, kind.__name__, objects, requests)

"""The request info: path, method and query become a ``Target``.

Source: staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go, kubernetes v1.37.2.
"""

from __future__ import annotations

import msgspec

from kmagic.sandbox.access.authorization import Attributes

__all__ = ("Target", "attributes", "parse")

VERBS = {"POST": "create", "GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Target(msgspec.Struct, frozen=True):
    """The place a request names: ``Target("list", "apps", "v1", "deployments", namespace="shop")``.

    ``path`` holds what follows a subresource, as in ``.../proxy/metrics``.
    """

    verb: str
    group: str
    version: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    path: str = ""


def parse(method: str, path: str, *, watch: bool = False) -> Target | None:
    """Reads an API path; None for every other path (discovery, version, health).

    Args:
        method: The HTTP method.
        path: The decoded path: ``/apis/apps/v1/namespaces/shop/deployments/web/scale``.
        watch: Whether the query asks for a watch.
    """
    parts = [part for part in path.split("/") if part]
    if len(parts) >= 3 and parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    elif len(parts) >= 4 and parts[0] == "apis":
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    if rest[0] == "watch" and len(rest) > 1:  # the deprecated /watch/ prefix
        rest, watch = rest[1:], True
    namespace = ""
    # /namespaces/x/status and /namespaces/x/finalize are the namespace's own subresources
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in ("status", "finalize"):
            rest = rest[2:]
    resource, name, subresource = (*rest[:3], "", "", "")[:3]
    verb = _verb(method, name, watch=watch)
    return Target(verb, group, version, resource, namespace, name, subresource, "/".join(rest[3:]))


def attributes(target: Target) -> Attributes:
    """Returns the request's action for the authorizer."""
    return Attributes(target.verb, target.group, target.resource, target.subresource, target.namespace, target.name)


def _verb(method: str, name: str, *, watch: bool) -> str:
    verb = VERBS.get(method, "")
    if verb == "get" and watch:
        return "watch"
    if not name:
        return {"get": "list", "delete": "deletecollection"}.get(verb, verb)
    return verb

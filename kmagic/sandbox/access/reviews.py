"""Requests that ask a question and store nothing: who am I, may I, whose token is this.

Source: pkg/registry/authorization, pkg/registry/authentication, kubernetes v1.37.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from kmagic.api.types import JSONObject
from kmagic.sandbox.access.auth import Attributes, User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmagic.sandbox.cluster import Cluster
    from kmagic.sandbox.endpoints.handlers import Call

__all__ = ("Review", "of")

# Answers one review: its object and the call it came with.
Review: TypeAlias = "Callable[[JSONObject, Call], JSONObject]"


def of(cluster: Cluster) -> Mapping[str, Review]:
    """The review resources by storage key."""
    authorization, authentication = "authorization.k8s.io", "authentication.k8s.io"
    return {
        f"selfsubjectaccessreviews.{authorization}": lambda body, call: _access(cluster, body, call.user),
        f"subjectaccessreviews.{authorization}": lambda body, call: _access(cluster, body, _subject(body)),
        f"localsubjectaccessreviews.{authorization}": lambda body, call: _access(cluster, body, _subject(body)),
        f"selfsubjectrulesreviews.{authorization}": lambda body, call: _rules(cluster, body, call.user),
        f"selfsubjectreviews.{authentication}": lambda body, call: _myself(body, call.user),
        f"tokenreviews.{authentication}": lambda body, call: _token(cluster, body),
    }


def _answer(body: JSONObject, status: JSONObject) -> JSONObject:
    head = {"kind": body["kind"], "apiVersion": body["apiVersion"], "metadata": body.get("metadata") or {}}
    return head | body | {"status": status}


def _subject(body: JSONObject) -> User:
    spec = body.get("spec") or {}
    return User(spec.get("user", ""), tuple(spec.get("groups") or ()))


def _access(cluster: Cluster, body: JSONObject, user: User) -> JSONObject:
    spec = body.get("spec") or {}
    asked = spec.get("resourceAttributes") or {}
    other = spec.get("nonResourceAttributes") or {}
    wanted = Attributes(
        verb=asked.get("verb") or other.get("verb", ""),
        group=asked.get("group", ""),
        resource=asked.get("resource", ""),
        subresource=asked.get("subresource", ""),
        namespace=asked.get("namespace", ""),
        name=asked.get("name", ""),
        path=other.get("path", ""),
    )
    allowed = cluster.authorizer.allows(user, wanted)
    status: JSONObject = {"allowed": allowed}
    if allowed and "system:masters" not in user.groups:
        status["reason"] = "RBAC: allowed by a binding of the user or of one of its groups"
    return _answer(body, status)


def _rules(cluster: Cluster, body: JSONObject, user: User) -> JSONObject:
    namespace = (body.get("spec") or {}).get("namespace", "")
    rules = list(cluster.authorizer.rules(user, namespace))
    if "system:masters" in user.groups:
        rules.append({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]})
        rules.append({"verbs": ["*"], "nonResourceURLs": ["*"]})
    resource_rules = [rule for rule in rules if "resources" in rule]
    other_rules = [rule for rule in rules if "nonResourceURLs" in rule]
    status = {"resourceRules": resource_rules, "nonResourceRules": other_rules, "incomplete": False}
    return _answer(body, status)


def _myself(body: JSONObject, user: User) -> JSONObject:
    return _answer(body, {"userInfo": _info(user)})


def _token(cluster: Cluster, body: JSONObject) -> JSONObject:
    user = cluster.authenticator.user_of((body.get("spec") or {}).get("token", ""))
    if user is None:
        return _answer(body, {"user": {}, "error": "invalid bearer token"})
    return _answer(body, {"authenticated": True, "user": _info(user)})


def _info(user: User) -> JSONObject:
    info: JSONObject = {"username": user.name, "groups": list(user.groups)}
    if user.uid:
        info["uid"] = user.uid
    return info

"""Requests that ask a question and store nothing: who am I, may I, whose token is this.

Source: pkg/registry/authorization, pkg/registry/authentication, kubernetes v1.37.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from kmagic.api.types import JSONObject
from kmagic.sandbox.access.authentication import MASTERS, User
from kmagic.sandbox.access.authorization import Attributes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kmagic.sandbox.access.authentication import Authenticator
    from kmagic.sandbox.access.authorization import Authorizer

__all__ = ("Review", "reviews")

# Answers one review: its object and who sent it.
Review: TypeAlias = "Callable[[JSONObject, User], JSONObject]"


def reviews(authenticator: Authenticator, authorizer: Authorizer) -> Mapping[str, Review]:
    """The review resources by storage key."""
    authorization, authentication = "authorization.k8s.io", "authentication.k8s.io"
    return {
        f"selfsubjectaccessreviews.{authorization}": lambda body, user: _access(authorizer, body, user),
        f"subjectaccessreviews.{authorization}": lambda body, user: _access(authorizer, body, _subject(body)),
        f"localsubjectaccessreviews.{authorization}": lambda body, user: _access(authorizer, body, _subject(body)),
        f"selfsubjectrulesreviews.{authorization}": lambda body, user: _rules(authorizer, body, user),
        f"selfsubjectreviews.{authentication}": lambda body, user: _myself(body, user),
        f"tokenreviews.{authentication}": lambda body, user: _token(authenticator, body),
    }


def _answer(body: JSONObject, status: JSONObject) -> JSONObject:
    head = {"kind": body["kind"], "apiVersion": body["apiVersion"], "metadata": body.get("metadata") or {}}
    return head | body | {"status": status}


def _subject(body: JSONObject) -> User:
    spec = body.get("spec") or {}
    return User(spec.get("user", ""), tuple(spec.get("groups") or ()))


def _access(authorizer: Authorizer, body: JSONObject, user: User) -> JSONObject:
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
    allowed = authorizer.allows(user, wanted)
    status: JSONObject = {"allowed": allowed}
    if allowed and MASTERS not in user.groups:
        status["reason"] = "RBAC: allowed by a binding of the user or of one of its groups"
    return _answer(body, status)


def _rules(authorizer: Authorizer, body: JSONObject, user: User) -> JSONObject:
    namespace = (body.get("spec") or {}).get("namespace", "")
    rules = list(authorizer.rules(user, namespace))
    if MASTERS in user.groups:
        rules.append({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]})
        rules.append({"verbs": ["*"], "nonResourceURLs": ["*"]})
    resource_rules = [rule for rule in rules if "resources" in rule]
    other_rules = [rule for rule in rules if "nonResourceURLs" in rule]
    status = {"resourceRules": resource_rules, "nonResourceRules": other_rules, "incomplete": False}
    return _answer(body, status)


def _myself(body: JSONObject, user: User) -> JSONObject:
    return _answer(body, {"userInfo": _info(user)})


def _token(authenticator: Authenticator, body: JSONObject) -> JSONObject:
    user = authenticator.user_of((body.get("spec") or {}).get("token", ""))
    if user is None:
        return _answer(body, {"user": {}, "error": "invalid bearer token"})
    return _answer(body, {"authenticated": True, "user": _info(user)})


def _info(user: User) -> JSONObject:
    info: JSONObject = {"username": user.name, "groups": list(user.groups)}
    if user.uid:
        info["uid"] = user.uid
    return info

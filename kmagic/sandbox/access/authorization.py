"""Authorization: role-based access control.

Source: plugin/pkg/auth/authorizer/rbac, kubernetes v1.37.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kmagic.api.gvk import GroupResource
from kmagic.api.types import JSONObject
from kmagic.sandbox import status
from kmagic.sandbox.access.authentication import MASTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmagic.sandbox.access.authentication import User
    from kmagic.sandbox.storage.store import Store

__all__ = ("Attributes", "Authorizer")

RBAC = "rbac.authorization.k8s.io"


class Attributes(msgspec.Struct, frozen=True):
    """The action a user asks for; ``path`` is set for requests that are not about a resource."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


class Authorizer:
    """Decides by the Roles and bindings in the store; members of system:masters may do everything."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def require(self, user: User, wanted: Attributes) -> None:
        """Refuses a request without the right to it.

        Raises:
            APIError: 403 with the real server's sentence.
        """
        if self.allows(user, wanted):
            return
        if wanted.path:
            error = status.APIError(
                403, "Forbidden", f'forbidden: User "{user.name}" cannot {wanted.verb} path "{wanted.path}"'
            )
            error.writes_empty_details = True
            raise error
        part = f"/{wanted.subresource}" if wanted.subresource else ""
        where = f'in the namespace "{wanted.namespace}"' if wanted.namespace else "at the cluster scope"
        why = (
            f'User "{user.name}" cannot {wanted.verb} resource "{wanted.resource}{part}" in API group '
            f'"{wanted.group}" {where}'
        )
        raise status.forbidden(GroupResource(wanted.group, wanted.resource), wanted.name, why)

    def allows(self, user: User, wanted: Attributes) -> bool:
        """Returns whether some rule allows it."""
        if MASTERS in user.groups:
            return True
        return any(_rule_allows(rule, wanted) for rule in self.rules(user, wanted.namespace))

    def rules(self, user: User, namespace: str) -> Iterator[JSONObject]:
        """Every policy rule that binds the user, cluster-wide and in the namespace."""
        for stored in self._store.list(f"clusterrolebindings.{RBAC}"):
            yield from self._bound(stored.decode(), user, "")
        if namespace:
            for stored in self._store.list(f"rolebindings.{RBAC}", namespace):
                yield from self._bound(stored.decode(), user, namespace)

    def _bound(self, binding: JSONObject, user: User, namespace: str) -> Iterator[JSONObject]:
        if not any(_is_subject(subject, user, namespace) for subject in binding.get("subjects") or ()):
            return
        reference = binding["roleRef"]
        kind = "clusterroles" if reference["kind"] == "ClusterRole" else "roles"
        where = namespace if kind == "roles" else ""
        role = self._store.get(f"{kind}.{RBAC}", where, reference["name"])
        if role is not None:
            yield from role.decode().get("rules") or ()


def _is_subject(subject: JSONObject, user: User, namespace: str) -> bool:
    match subject["kind"]:
        case "User":
            return bool(subject["name"] == user.name)
        case "Group":
            return subject["name"] in user.groups
    where = subject.get("namespace") or namespace
    return user.name == f"system:serviceaccount:{where}:{subject['name']}"


def _rule_allows(rule: JSONObject, wanted: Attributes) -> bool:
    if not _has(rule.get("verbs"), wanted.verb):
        return False
    if wanted.path:
        return any(
            pattern in ("*", wanted.path) or (pattern.endswith("*") and wanted.path.startswith(pattern[:-1]))
            for pattern in rule.get("nonResourceURLs") or ()
        )
    if not _has(rule.get("apiGroups"), wanted.group):
        return False
    names = rule.get("resourceNames")
    if names and wanted.name not in names:
        return False
    full = f"{wanted.resource}/{wanted.subresource}" if wanted.subresource else wanted.resource
    resources = rule.get("resources") or ()
    return (
        "*" in resources or full in resources or (bool(wanted.subresource) and f"*/{wanted.subresource}" in resources)
    )


def _has(words: list[str] | None, word: str) -> bool:
    return words is not None and ("*" in words or word in words)

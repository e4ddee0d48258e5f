"""Roles and their bindings.

Source: k8s.io/kubectl/pkg/cmd/create (create_role.go, create_clusterrole.go, create_rolebinding.go).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kmagic.magics.work.generators.parts import GeneratorError, head, unique, without_empty

if TYPE_CHECKING:
    from kmagic.api.types import JSONObject

__all__ = ("RESOURCE_VERBS", "binding", "check_special", "check_urls", "role", "subjects")

RESOURCE_VERBS = frozenset(
    [
        "*",
        "get",
        "delete",
        "list",
        "create",
        "update",
        "patch",
        "watch",
        "proxy",
        "deletecollection",
        "use",
        "bind",
        "escalate",
        "impersonate",
    ]
)
_URL_VERBS = frozenset(["*", "get", "post", "put", "delete", "patch", "head", "options"])
# Verbs that mean something for some types only: (group, plural).
_SPECIAL = {
    "use": (
        ("policy", "podsecuritypolicies"),
        ("extensions", "podsecuritypolicies"),
    ),
    "bind": (("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "clusterroles")),
    "escalate": (("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "clusterroles")),
    "impersonate": (
        ("", "users"),
        ("", "serviceaccounts"),
        ("", "groups"),
        ("authentication.k8s.io", "userextras"),
    ),
}
_GROUP = "rbac.authorization.k8s.io"


def role(
    kind: str,
    name: str,
    verbs: Sequence[str],
    resources: Mapping[str, Sequence[str]],
    *,
    names: Sequence[str] = (),
    urls: Sequence[str] = (),
    aggregated: Mapping[str, str] | None = None,
) -> JSONObject:
    """A Role or ClusterRole.

    Args:
        kind: ``Role`` or ``ClusterRole``.
        name: Its name.
        verbs: The verbs that are allowed.
        resources: Plurals (``pods/log``) by group.
        names: Of the objects; none for all.
        urls: Paths that are allowed beside objects.
        aggregated: Labels of the ClusterRoles that it is made of, instead of rules.
    """
    if aggregated:
        selectors = [{"matchLabels": dict(aggregated)}]
        return {
            "aggregationRule": {"clusterRoleSelectors": selectors},
            **head(f"{_GROUP}/v1", kind, name),
            "rules": None,
        }
    rules: list[dict[str, Any]] = [
        without_empty({"resourceNames": unique(names), "verbs": list(verbs)})
        | {"apiGroups": [group], "resources": list(resources[group])}
        for group in sorted(resources)
    ]
    if urls:
        rules.append({"nonResourceURLs": unique(urls), "verbs": list(verbs)})
    return {**head(f"{_GROUP}/v1", kind, name), "rules": rules}


def check_special(verbs: Sequence[str], group: str, resource: str) -> bool:
    """True if a verb that is for some types only makes the type a known one.

    Raises:
        GeneratorError: One of the verbs is not for this type.
    """
    special = [verb for verb in verbs if verb in _SPECIAL]
    for verb in special:
        if (group, resource) not in _SPECIAL[verb]:
            raise GeneratorError(f"can not perform '{verb}' on '{resource}' in group '{group}'")
    return bool(special)


def check_urls(verbs: Sequence[str], urls: Sequence[str]) -> None:
    """Refuses verbs and paths that no rule about URLs can have.

    Raises:
        GeneratorError: One of them.
    """
    for verb in verbs:
        if urls and verb not in _URL_VERBS:
            raise GeneratorError(f"invalid verb: '{verb}' for nonResourceURL")
    for url in urls:
        if url != "*" and not url.startswith("/"):
            raise GeneratorError("nonResourceURL should start with /")
        if "*" in url[:-1]:
            raise GeneratorError("nonResourceURL only supports wildcard matches when '*' is at the end")


def binding(
    kind: str,
    name: str,
    role: tuple[str, str],
    *,
    users: Sequence[str] = (),
    groups: Sequence[str] = (),
    accounts: Sequence[str] = (),
) -> JSONObject:
    """A RoleBinding or ClusterRoleBinding.

    Args:
        kind: ``RoleBinding`` or ``ClusterRoleBinding``.
        name: Its name.
        role: Kind and name of the role.
        users: By name.
        groups: By name.
        accounts: ``NAMESPACE:NAME`` of ServiceAccounts.

    Raises:
        GeneratorError: An account is not written so.
    """
    found = subjects(users, groups, accounts)
    return {
        **head(f"{_GROUP}/v1", kind, name),
        "roleRef": {"apiGroup": _GROUP, "kind": role[0], "name": role[1]},
        **without_empty({"subjects": found}),
    }


def subjects(users: Sequence[str], groups: Sequence[str], accounts: Sequence[str]) -> list[JSONObject]:
    """The subjects of a binding.

    Raises:
        GeneratorError: An account is not ``NAMESPACE:NAME``.
    """
    found: list[JSONObject] = [{"apiGroup": _GROUP, "kind": "User", "name": each} for each in users]
    found += [{"apiGroup": _GROUP, "kind": "Group", "name": each} for each in groups]
    for account in accounts:
        namespace, *names = account.split(":")
        if len(names) != 1 or not namespace or not names[0]:
            raise GeneratorError("serviceaccount must be <namespace>:<name>")
        found.append({"kind": "ServiceAccount", "name": names[0], "namespace": namespace})
    return found

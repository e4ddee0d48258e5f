"""The rights of a user, as ``kubectl auth can-i --list`` tells it: one line a type, or URL and verb.

Source: k8s.io/kubectl/pkg/util/rbac/rbac.go (BreakdownRule, CompactRules), pkg/cmd/auth/cani.go; what a rule covers is
of k8s.io/kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from kmagic.api.door import reads_objects
from kmagic.api.types import JSONObject

__all__ = ("access_rows", "may_for_some")

# Group, resource and name ("" for any) of a rule that was taken apart.
_Type: TypeAlias = tuple[str, str, str]
_ORDER = ("Verbs", "APIGroups", "Resources", "ResourceNames", "NonResourceURLs")


@reads_objects
def access_rows(status: JSONObject) -> list[tuple[str, str, str, str]]:
    """The rows of the table: type, URLs, names and verbs.

    Args:
        status: Of a SelfSubjectRulesReview.
    """
    verbs: dict[_Type, list[str]] = {}
    for verb, found in _of_resources(status):
        known = verbs.setdefault(found, [])
        if verb not in known:
            known.append(verb)
    rules = [
        {"Verbs": said, "APIGroups": [group], "Resources": [resource], "ResourceNames": [name] if name else []}
        for (group, resource, name), said in verbs.items()
    ]
    rules += [
        {"Verbs": [verb], "NonResourceURLs": [url]}
        for rule in status.get("nonResourceRules") or ()
        for url in rule.get("nonResourceURLs") or ()
        for verb in rule.get("verbs") or ()
    ]
    return [_row(rule) for rule in sorted(rules, key=_as_go_writes_it)]


@reads_objects
def may_for_some(status: JSONObject, asked: Mapping[str, str]) -> bool:
    """Returns whether something is allowed for objects of certain names, or could be by rules that are not listed.

    Args:
        status: Of a SelfSubjectRulesReview.
        asked: Verb, group, resource and subresource of an action, as an access review names them.
    """
    if status.get("incomplete"):
        return True
    part = asked.get("subresource", "")
    covering = {"*", f"{asked['resource']}/{part}", f"*/{part}"} if part else {"*", asked["resource"]}
    return any(
        bool(rule.get("resourceNames"))
        and not {"*", asked["verb"]}.isdisjoint(rule.get("verbs") or ())
        and not {"*", asked.get("group", "")}.isdisjoint(rule.get("apiGroups") or ())
        and not covering.isdisjoint(rule.get("resources") or ())
        for rule in status.get("resourceRules") or ()
    )


def _of_resources(status: JSONObject) -> Iterator[tuple[str, _Type]]:
    for rule in status.get("resourceRules") or ():
        for group in rule.get("apiGroups") or ():
            for resource in rule.get("resources") or ():
                for verb in rule.get("verbs") or ():
                    for name in rule.get("resourceNames") or ("",):
                        yield verb, (group, resource, name)


def _as_go_writes_it(rule: dict[str, list[str]]) -> str:
    return "".join(f"{part}:{_listed(rule.get(part, []))}," for part in _ORDER)


def _listed(words: list[str]) -> str:
    return f"[{' '.join(words)}]"


def _row(rule: dict[str, list[str]]) -> tuple[str, str, str, str]:
    resource = ""
    if rule.get("Resources"):
        head, slash, part = rule["Resources"][0].partition("/")
        group = rule["APIGroups"][0]
        resource = f"{head}{'.' if group else ''}{group}{slash}{part}"
    return (
        resource,
        _listed(rule.get("NonResourceURLs", [])),
        _listed(rule.get("ResourceNames", [])),
        _listed(rule["Verbs"]),
    )

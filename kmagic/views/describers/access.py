"""Rights: ServiceAccounts, roles and their bindings.

Source: k8s.io/kubectl/pkg/describe/describe.go (RoleDescriber, RoleBindingDescriber, describeServiceAccount), v0.37.2.
"""

from __future__ import annotations

from kmagic.api.types import JSONObject
from kmagic.views.access import access_rows
from kmagic.views.describers.page import Page, get, head, labels, notes

__all__ = ("binding", "role", "service_account")


def _notes(page: Page, obj: JSONObject) -> None:
    labels(page, "Labels", get(obj, "metadata", "labels"))
    notes(page, get(obj, "metadata", "annotations"))


def service_account(page: Page, obj: JSONObject) -> None:
    """Writes a ServiceAccount."""
    head(page, obj)
    _notes(page, obj)
    names = [str(each.get("name")) for each in obj.get("imagePullSecrets") or ()] or ["<none>"]
    page.line(0, "Image pull secrets:", names[0])
    for name in names[1:]:
        page.line(0, "                   ", name)


def role(page: Page, obj: JSONObject) -> None:
    """Writes a Role or ClusterRole, one line a type, or URL and verb."""
    head(page, obj, namespace=False)
    _notes(page, obj)
    page.line(0, "PolicyRule:")
    page.line(1, "Resources", "Non-Resource URLs", "Resource Names", "Verbs")
    page.line(1, "---------", "-----------------", "--------------", "-----")
    rules = obj.get("rules") or ()
    status = {
        "resourceRules": [each for each in rules if each.get("resources")],
        "nonResourceRules": [each for each in rules if each.get("nonResourceURLs")],
    }
    for row in access_rows(status):
        page.line(1, *row)


def binding(page: Page, obj: JSONObject) -> None:
    """Writes a RoleBinding or ClusterRoleBinding."""
    head(page, obj, namespace=False)
    _notes(page, obj)
    page.line(0, "Role:")
    page.line(1, "Kind:", get(obj, "roleRef", "kind") or "")
    page.line(1, "Name:", get(obj, "roleRef", "name") or "")
    page.line(0, "Subjects:")
    page.line(1, "Kind", "Name", "Namespace")
    page.line(1, "----", "----", "---------")
    for each in obj.get("subjects") or ():
        page.line(1, each.get("kind") or "", each.get("name") or "", each.get("namespace") or "")

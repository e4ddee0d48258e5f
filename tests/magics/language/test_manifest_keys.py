"""Keys of manifests from the models."""

from __future__ import annotations

import pytest

from kmagic.api.gvk import GroupVersionKind
from kmagic.magics.language.manifest_keys import fields_of

DEPLOYMENT = GroupVersionKind("apps", "v1", "Deployment")


@pytest.mark.parametrize(
    ("gvk", "path", "has", "has_not"),
    [
        (DEPLOYMENT, "", {"apiVersion", "kind", "metadata", "spec"}, {"status"}),
        (DEPLOYMENT, "spec", {"replicas", "selector", "template"}, {"replcas"}),
        (DEPLOYMENT, "spec.template.spec.containers[0]", {"image", "imagePullPolicy"}, {"nodeName"}),
        (DEPLOYMENT, 'spec.template.spec.containers[name="a"].ports[0]', {"containerPort"}, set()),
        (DEPLOYMENT, "metadata", {"name", "labels"}, {"managedFields", "uid"}),
        (DEPLOYMENT, "spec.nothing.here", set(), {"replicas"}),
        (GroupVersionKind("networking.k8s.io", "v1", "Ingress"), "spec", {"rules", "tls"}, set()),
        (GroupVersionKind("", "v1", "Foo"), "metadata", {"name"}, set()),
        (GroupVersionKind("example.com", "v1", "Foo"), "spec", set(), {"replicas"}),
        (GroupVersionKind("", "", ""), "", {"apiVersion", "kind"}, set()),
        (GroupVersionKind("../x", "v1", "os"), "", {"kind"}, set()),
    ],
)
def test_the_fields_at_a_path(gvk: GroupVersionKind, path: str, has: set[str], has_not: set[str]) -> None:
    found = set(fields_of(gvk, path))
    assert has <= found
    assert not has_not & found


def test_what_is_written_first_comes_first() -> None:
    assert fields_of(DEPLOYMENT, "")[:4] == ("apiVersion", "kind", "metadata", "spec")

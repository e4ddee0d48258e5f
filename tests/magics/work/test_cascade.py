"""What goes with what is deleted, asked of the servers' own owner references."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import NotFoundError
from kmagic.magics.results.outcome import Outcome
from kmagic.magics.work.cascade import collected, count_collected
from tests.magics.conftest import Notebook

OWNERS = {"deploy": [], "rs": ["deploy"], "a": ["rs"], "b": ["rs"], "shared": ["rs", "other"], "other": [], "x": []}


@pytest.mark.parametrize(
    ("roots", "with_it"),
    [
        pytest.param({"deploy"}, {"rs", "a", "b"}, id="all below, but not what another owner keeps"),
        pytest.param({"deploy", "other"}, {"rs", "a", "b", "shared"}, id="both owners"),
        pytest.param({"x"}, set(), id="owns nothing"),
        pytest.param(set(), set(), id="nothing"),
    ],
)
def test_an_object_goes_with_its_last_owner(roots: set[str], with_it: set[str]) -> None:
    assert collected(roots, OWNERS) == with_it


def test_an_owner_that_is_not_there_keeps_nothing() -> None:
    assert collected({"a"}, {"a": [], "b": ["a", "long gone"]}) == {"b"}


def count(notebook: Notebook, resource: str, name: str, namespace: str | None) -> int | None:
    client = notebook.session.place.client

    async def asked() -> int | None:
        before = await client.resource(resource, namespace).get(name)
        found = await client.mapper.resource_for(resource)
        return await count_collected(client, [Outcome("deleted", name, namespace or "", found, before=before)])

    return notebook.session.runtime.run(asked())


def test_a_workload_takes_its_replicas_with_it(online: Notebook) -> None:
    namespace = online.session.target.namespace
    online.ok(
        "%%kapply\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n"
        "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
        "    spec: {containers: [{name: web, image: nginx}]}"
    )
    online.ok("%kwait deploy/web --for jsonpath={.status.replicas}=3 --timeout 60s")
    assert count(online, "deployments", "web", namespace) == 4
    online.ok("%%kapply\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}")
    assert count(online, "configmaps", "cm", namespace) == 0
    inside: Any = count(online, "namespaces", namespace, None)
    assert inside >= 6


def test_a_definition_takes_its_objects_with_it(online: Notebook) -> None:
    group = f"{online.session.target.namespace}.example.com"
    online.ok(
        "%%kapply\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
        f"metadata: {{name: gizmos.{group}}}\nspec:\n  group: {group}\n  scope: Namespaced\n"
        "  names: {plural: gizmos, singular: gizmo, kind: Gizmo}\n  versions:\n  - name: v1\n    served: true\n"
        "    storage: true\n    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}\n"
        f"---\napiVersion: {group}/v1\nkind: Gizmo\nmetadata: {{name: g}}"
    )
    try:
        assert count(online, "customresourcedefinitions", f"gizmos.{group}", None) == 1
    finally:
        online.ok(f"%kdelete crd gizmos.{group}")


def test_what_may_not_be_listed_is_not_nothing(at: Any, cluster: Any) -> None:
    notebook = at(cluster.readonly_kubeconfig)  # `view` may not list Secrets
    assert count(notebook, "configmaps", "kube-root-ca.crt", "default") is None
    with pytest.raises(NotFoundError):
        count(notebook, "configmaps", "nope", "default")

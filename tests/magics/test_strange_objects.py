"""Custom objects whose kinds have names that Kubernetes uses, and fields of other types: an answer or one card."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.magics.conftest import Notebook

DEFINED = """%%kapply
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: strangers.GROUP}
spec:
  group: GROUP
  scope: Namespaced
  names: {plural: strangers, singular: stranger, kind: Deployment}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""
STRANGE = """%%kapply
apiVersion: GROUP/v1
kind: Deployment
metadata: {name: web}
spec: {template: [1], replicas: many, selector: app}
status: {conditions: {Ready: yes}, phase: [Running]}
"""


LINES = (
    "%kdescribe TYPE/web",
    "%krollout undo TYPE/web",
    "%kset image TYPE/web main=nginx",
    "%kwait TYPE/web --for condition=Ready --timeout 0s",
    "%kwait TYPE/web --for jsonpath={.status.phase}=Running --timeout 0s",
    "%klogs TYPE/web",
    "%kexpose TYPE/web --port 80",
    "%kget TYPE -o custom-columns=A:.spec.template.metadata.name,B:.status.conditions[0]",
    "%kget TYPE --sort-by=.spec.template",
    "%kscale TYPE/web --replicas 2",
)


@pytest.fixture
def strange(online: Notebook) -> Iterator[str]:
    """The name of a custom type whose kind is Deployment; an object of it is web."""
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    online.ok(DEFINED.replace("GROUP", group))
    online.ok(f"%kwait crd/strangers.{group} --for=condition=Established --timeout=30s")
    online.ok(STRANGE.replace("GROUP", group))
    yield f"strangers.{group}"
    online.ok(f"%kdelete crd strangers.{group}")


def test_lines_about_a_strange_object_are_answered_or_one_card(online: Notebook, strange: str) -> None:
    for line in LINES:
        ran = online.run(line.replace("TYPE", strange))
        assert "Traceback" not in ran.text
        assert "kmagic is at fault" not in ran.text


def test_a_custom_kind_of_a_known_name_has_no_rollout(online: Notebook, strange: str) -> None:
    for action in ("status", "restart", "pause", "resume"):
        assert "a Deployment.g" in (shown := online.fails(f"%krollout {action} {strange}/web"))
        assert "has no rollout" in shown
    assert online.ok(f"%kget {strange}/web").value["spec"]["template"] == [1]


def test_a_custom_kind_is_described_by_its_own_fields(online: Notebook, strange: str) -> None:
    text = str(online.ok(f"%kdescribe {strange}/web").value)
    assert f"API Version:  {strange.partition('.')[2]}/v1\nKind:         Deployment\n" in text
    assert "many" in text
    assert "Ready" in text
    assert "desired" not in text

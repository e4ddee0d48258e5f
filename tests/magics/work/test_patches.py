"""What all changing verbs share: dry runs, plans, several objects of which one fails."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.errors import ConflictError, GateError, InvalidError
from kmagic.magics.results.cards import KApply, KPlan
from kmagic.magics.work.patches import Change
from kmagic.rest.resource import APIResource
from tests.magics.conftest import Notebook

MAPS = "\n---\n".join(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}" for name in "ab")


@pytest.fixture
def filled(online: Notebook) -> Notebook:
    online.ok(f"%%kapply\n{MAPS}")
    return online


def labels(notebook: Notebook, name: str = "a") -> dict[str, str]:
    return dict(notebook.ok(f"%kget cm {name}").value["metadata"].get("labels") or {})


def test_dry_runs_change_nothing(filled: Notebook) -> None:
    assert "server dry run" in filled.ok("%klabel cm a x=1 --dry-run=server").text
    assert "(dry run)" in filled.ok("%klabel cm a x=1 --dry-run=client").text
    assert labels(filled) == {}


def test_R3_a_protected_target_gets_a_plan_first(filled: Notebook) -> None:
    filled.protect()
    ran = filled.ok("%klabel cm a x=1")
    assert isinstance(ran.value, KPlan)
    assert "not applied" in ran.text
    assert labels(filled) == {}
    assert isinstance(filled.run("%klabel cm b x=1").error, GateError)
    filled.ok("_kp.apply()")
    assert labels(filled) == {"x": "1"}


def test_a_plan_for_what_changed_since_is_refused(filled: Notebook) -> None:
    filled.protect()
    filled.ok("%klabel cm a x=1")
    filled.unprotect()
    filled.session.runtime.run(
        filled.session.place.client.resource("cm", filled.session.target.namespace).patch("a", {"data": {"k": "v"}})
    )
    assert isinstance(filled.run("_kp.apply()").error, GateError | ConflictError)
    assert labels(filled) == {}


def test_the_card_says_what_changed_and_what_failed(filled: Notebook) -> None:
    ran = filled.ok("%klabel cm a b x=1")
    assert isinstance(ran.value, KApply)
    assert "configmap/a labeled" in ran.text
    assert "metadata.labels" in ran.text
    assert "configmap/b not labeled" in filled.ok("%klabel cm b x=1").text
    ran = filled.run("%klabel cm a 'x=no value'")
    assert ran.error is not None
    assert isinstance(filled.run("%klabel cm a 'y/z/w=1'").error, InvalidError)


@pytest.mark.parametrize(
    ("kind", "patch", "data"),
    [
        pytest.param("merge", {"data": {"b": "2"}}, {"a": "1", "b": "2"}, id="merge"),
        pytest.param("json", [{"op": "remove", "path": "/data/a"}], {}, id="json"),
        # Who merges it strategically has the schema.
        pytest.param("strategic", {"data": {"b": "2"}}, {"a": "1"}, id="strategic"),
        pytest.param("merge", None, {"a": "1"}, id="nothing to change"),
    ],
)
def test_a_client_side_dry_run_has_the_object_with_its_patch(kind: str, patch: Any, data: Any) -> None:
    resource = APIResource("", "v1", "configmaps", "ConfigMap", namespaced=True)
    before = {"metadata": {"name": "a"}, "data": {"a": "1"}}
    after = Change(resource, "a", before, patch, type=kind).tried().after
    assert after is not None
    assert after["data"] == data
    assert before["data"] == {"a": "1"}

"""What every verb that creates has in common."""

from __future__ import annotations

import json

import pytest

from kmagic.api.meta import LAST_APPLIED
from kmagic.errors import UsageError
from kmagic.magics.work.creating import annotated
from tests.magics.conftest import Notebook


def test_an_object_is_kept_in_its_annotation() -> None:
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "annotations": {"b": "c"}}}
    notes = annotated(obj)["metadata"]["annotations"]
    assert json.loads(notes[LAST_APPLIED]) == obj
    assert notes["b"] == "c"
    assert LAST_APPLIED not in obj["metadata"]["annotations"]


def test_another_namespace_than_the_manifests_is_refused(online: Notebook) -> None:
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: other}"
    error = online.run(f"%%kcreate -n {online.session.target.namespace}\n{manifest}").error
    assert isinstance(error, UsageError)
    assert error.message.startswith('the namespace from the provided object "other" does not match the namespace')


@pytest.mark.parametrize("flags", ["", "--save-config"])
def test_what_o_asks_for_is_shown_instead(online: Notebook, flags: str) -> None:
    ran = online.ok(f"%kcreate cm a -o jsonpath={{.kind}} {flags}")
    assert ran.value.text == "ConfigMap"
    assert "created" not in ran.text

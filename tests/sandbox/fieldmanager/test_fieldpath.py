"""Who may own which part of a value."""

from typing import Any

import pytest

from kmagic.sandbox.fieldmanager import fieldpath
from kmagic.sandbox.schema import schemas

POD = schemas.find_definition("", "v1", "Pod")
SPEC = fieldpath.field_schema(POD, "spec")


def test_a_configuration_owns_leaves_and_keyed_items() -> None:
    body = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    found = fieldpath.field_set(body, POD)
    assert ("f:metadata", "f:labels", "f:a") in found
    assert ("f:spec", "f:containers", 'k:{"name":"c"}', "f:image") in found


@pytest.mark.parametrize(
    ("field", "granular"), [("containers", True), ("tolerations", False), ("imagePullSecrets", True)]
)
def test_lists_are_owned_by_item_or_as_a_whole(field: Any, granular: Any) -> None:
    assert fieldpath.is_granular_list(fieldpath.field_schema(SPEC, field)) is granular


def test_scalars_and_atomic_lists_are_whole() -> None:
    assert fieldpath.is_atomic("x", fieldpath.field_schema(SPEC, "nodeName"))
    assert fieldpath.is_atomic([{"key": "a"}], fieldpath.field_schema(SPEC, "tolerations"))
    assert not fieldpath.is_atomic([{"name": "c"}], fieldpath.field_schema(SPEC, "containers"))

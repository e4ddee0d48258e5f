"""References to objects of every form."""

from __future__ import annotations

import pytest

from kmagic.controller.reference import controller_reference, object_reference
from kmagic.models.core_v1 import Pod
from kmagic.models.meta_v1 import ObjectMeta

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-0", "namespace": "shop", "uid": "u1", "resourceVersion": "7"},
}
REFERENCE = {
    "kind": "Pod",
    "namespace": "shop",
    "name": "web-0",
    "uid": "u1",
    "apiVersion": "v1",
    "resourceVersion": "7",
}


@pytest.mark.parametrize(
    "obj",
    [
        pytest.param(POD, id="MI-09 dict"),
        pytest.param(
            Pod(metadata=ObjectMeta(name="web-0", namespace="shop", uid="u1", resource_version="7")), id="MI-09 model"
        ),
        pytest.param(REFERENCE, id="MI-09 already a reference"),
    ],
)
def test_every_form_of_an_object_gives_the_same_reference(obj: object) -> None:
    assert object_reference(obj) == REFERENCE


def test_MI_09_nothing_and_objects_without_kind_cannot_be_referred_to() -> None:
    with pytest.raises(ValueError, match="can't reference a nil object"):
        object_reference(None)
    with pytest.raises(ValueError, match="does not say its kind"):
        object_reference({"metadata": {"name": "a"}})


def test_a_field_path_names_a_part() -> None:
    assert object_reference(POD, field_path="spec.containers{web}")["fieldPath"] == "spec.containers{web}"


def test_a_controller_reference_blocks_deletion() -> None:
    assert controller_reference(POD) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": "web-0",
        "uid": "u1",
        "controller": True,
        "blockOwnerDeletion": True,
    }

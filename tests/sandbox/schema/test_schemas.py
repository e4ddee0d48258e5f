"""Reading objects by their schema, as Go's decoder does."""

from typing import Any

import pytest

from kmagic.sandbox.schema import schemas
from kmagic.sandbox.status import APIError

POD = schemas.find_definition("", "v1", "Pod")
THING = {
    "type": "object",
    "properties": {
        "metadata": {"$ref": f"{schemas.PREFIX}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
        "spec": {"type": "object", "properties": {"a": {"type": "integer"}, "n": {"type": "string", "nullable": True}}},
    },
}


def test_unknown_fields_go_and_are_named() -> None:
    reading = schemas.read({"spec": {"containers": [{"name": "c", "x": 1}], "y": 2}}, POD)
    assert reading.unknown == ["spec.containers[0].x", "spec.y"]
    assert reading.value["spec"]["containers"][0]["name"] == "c"
    assert "y" not in reading.value["spec"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"spec": {"containers": 1}}, "json: cannot unmarshal number into Go struct field PodSpec.spec.containers of type"),
        ({"spec": {"hostNetwork": "x"}}, "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool"),
        ({"metadata": {"labels": {"a": 1}}}, "of type string"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_refused_in_gos_words(value: Any, message: Any) -> None:
    with pytest.raises(APIError) as caught:
        schemas.read(value, POD)
    assert message in str(caught.value)


def test_empty_lists_and_maps_that_may_be_absent_go() -> None:
    read = schemas.read({"metadata": {"labels": {}}, "spec": {"containers": [], "volumes": []}}, POD).value
    assert read["metadata"] == {}
    assert read["spec"] == {"containers": []}


def test_a_custom_object_keeps_its_wrong_values_and_says_so() -> None:
    reading = schemas.read({"spec": {"a": "x", "n": None}}, THING, custom=True)
    assert reading.value["spec"] == {"a": "x", "n": None}
    assert [cause.field for cause in reading.wrong] == ["spec.a"]


def test_the_metadata_of_a_custom_object_is_gos_struct() -> None:
    entry = {"manager": "m", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:a": {}}}}
    reading = schemas.read({"metadata": {"managedFields": [entry], "x": 1}, "spec": {"b": 1}}, THING, custom=True)
    assert reading.unknown == ["metadata.x", "spec.b"]
    assert reading.value["metadata"]["managedFields"] == [entry]


@pytest.mark.parametrize(
    ("path", "key"), [("spec.containers", "name"), ("spec.volumes", "name"), ("spec.tolerations", None)]
)
def test_lists_merge_by_the_key_of_their_schema(path: Any, key: Any) -> None:
    assert schemas.merge_schema(POD)(path) == key

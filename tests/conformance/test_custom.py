"""Custom resources: schemas, defaults, pruning, versions."""

from typing import Any

import pytest

from kmagic import errors


async def make(widgets: Any, name: Any = "w", **spec: Any) -> Any:
    resource = await widgets.resolve()
    return {
        "apiVersion": resource.api_version,
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": {"size": 3, **spec},
    }


async def test_a_custom_object_is_created_with_defaults(widgets: Any) -> None:
    made = await widgets.create(await make(widgets))
    assert made["spec"] == {"size": 3, "color": "red", "replicas": 1}
    assert made["metadata"]["generation"] == 1
    assert made["kind"] == "Widget"


async def test_unknown_fields_are_pruned(widgets: Any) -> None:
    made = await widgets.create(await make(widgets, unknown="x", free={"any": {"thing": 1}}))
    assert "unknown" not in made["spec"]
    assert made["spec"]["free"] == {"any": {"thing": 1}}


async def test_unknown_fields_are_refused_when_strict(widgets: Any) -> None:
    with pytest.raises(errors.BadRequestError, match=r'unknown field "spec\.unknown"'):
        await widgets.create(await make(widgets, unknown="x"), field_validation="Strict")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"size": 0}, "should be greater than or equal to 1"),
        ({"size": 11}, "should be less than or equal to 10"),
        ({"size": "three"}, "must be of type integer"),
        ({"color": "pink"}, 'supported values: "red", "green", "blue"'),
        ({"tags": ["a", "a"]}, "Duplicate value"),
        ({"ports": [{"name": "x"}]}, "Required value"),
        ({"ports": [{"port": 1}, {"port": 1}]}, "Duplicate value"),
    ],
)
async def test_the_schema_is_checked(widgets: Any, spec: Any, message: Any) -> None:
    with pytest.raises(errors.InvalidError, match=message):
        await widgets.create(await make(widgets, **spec))


async def test_a_required_field_is_missing(widgets: Any) -> None:
    wrong = await make(widgets)
    wrong["spec"] = {}
    with pytest.raises(errors.InvalidError) as caught:
        await widgets.create(wrong)
    assert ("spec.size", "FieldValueRequired") in {(cause["field"], cause["reason"]) for cause in caught.value.causes}


async def test_both_versions_show_the_same_object(client: Any, widgets: Any) -> None:
    resource = await widgets.resolve()
    assert resource.version == "v1"
    await widgets.create(await make(widgets))
    older = client.resource(f"widgets.v1beta1.{resource.group}", namespace=widgets.namespace)
    found = await older.get("w")
    assert found["apiVersion"] == f"{resource.group}/v1beta1"
    assert found["spec"]["size"] == 3


async def test_a_strategic_patch_of_a_custom_object_is_refused(widgets: Any) -> None:
    await widgets.create(await make(widgets))
    with pytest.raises(errors.UnsupportedMediaTypeError) as caught:
        await widgets.patch("w", {"spec": {"size": 4}}, type="strategic")
    assert 'type="merge"' in caught.value.hint


async def test_merge_and_json_patches_of_a_custom_object(widgets: Any) -> None:
    await widgets.create(await make(widgets))
    assert (await widgets.patch("w", {"spec": {"size": 4}}))["spec"]["size"] == 4
    steps = [{"op": "replace", "path": "/spec/size", "value": 5}]
    assert (await widgets.patch("w", steps, type="json"))["spec"]["size"] == 5


async def test_the_definition_has_conditions(client: Any, widgets: Any) -> None:
    resource = await widgets.resolve()
    found = await client.resource("crd").get(resource.full_name)
    conditions = {item["type"]: item["status"] for item in found["status"]["conditions"]}
    assert conditions["NamesAccepted"] == conditions["Established"] == "True"
    assert found["status"]["storedVersions"] == ["v1"]
    assert found["status"]["acceptedNames"]["kind"] == "Widget"


async def test_metadata_of_a_custom_object(client: Any, widgets: Any) -> None:
    await widgets.create(await make(widgets))
    resource = client.metadata.resource(await widgets.resolve(), widgets.namespace)
    found = await resource.get("w")
    assert found["kind"] == "PartialObjectMetadata"
    assert set(found) == {"apiVersion", "kind", "metadata"}
    (item,) = await resource.list()
    assert item["metadata"]["name"] == "w"


async def test_a_custom_object_that_was_read_can_be_written_back_strictly(widgets: Any) -> None:
    made = await widgets.create(await make(widgets))
    made["metadata"]["labels"] = {"a": "b"}
    written = await widgets.update(made, field_validation="Strict")
    assert written["metadata"]["labels"] == {"a": "b"}
    (entry,) = written["metadata"]["managedFields"]
    assert entry["fieldsV1"]["f:metadata"] == {"f:labels": {".": {}, "f:a": {}}}


async def test_a_version_is_not_set_on_what_is_created(maps: Any) -> None:
    with pytest.raises(errors.StatusError, match="resourceVersion should not be set on objects to be created"):
        await maps.create({"metadata": {"name": "a", "resourceVersion": "7"}})

"""Which rules judge an object."""

from typing import Any

import pytest

from kmagic.sandbox.status import APIError


def config_map(client: Any, **metadata: Any) -> Any:
    return client.create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default", **metadata}}
    )


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"name": "Not a name"}, "metadata.name: Invalid value"),
        ({"labels": {"a": "b c"}}, "metadata.labels: Invalid value"),
        ({"annotations": {"a b": "c"}}, "metadata.annotations: Invalid value"),
        ({"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": ""}]}, "uid"),
        ({"finalizers": ["not good"]}, "metadata.finalizers"),
    ],
)
def test_the_metadata_of_every_object_is_judged(still: Any, metadata: Any, message: Any) -> None:
    with pytest.raises(APIError) as caught:
        config_map(still, **metadata)
    assert caught.value.code == 422
    assert message in str(caught.value)


def test_all_causes_come_at_once(still: Any) -> None:
    with pytest.raises(APIError) as caught:
        config_map(still, name="Not a name", labels={"a": "b c"})
    assert {cause["field"] for cause in caught.value.details["causes"]} >= {"metadata.name", "metadata.labels"}

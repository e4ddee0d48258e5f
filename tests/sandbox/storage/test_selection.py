"""Selectors over stored objects."""

from typing import Any

import pytest

from kmagic.sandbox.status import APIError
from kmagic.sandbox.storage.selection import matcher


def pod(client: Any, name: Any, **spec: Any) -> Any:
    containers = [{"name": "c", "image": "i"}]
    metadata = {"name": name, "namespace": "default", "labels": {"app": name}}
    return client.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers, **spec}}
    )


@pytest.mark.parametrize(
    ("labels", "fields", "found"),
    [
        ("", "", "ab"),
        ("app=a", "", "a"),
        ("", "spec.nodeName=n", "b"),
        ("", "spec.hostNetwork=false", "a"),
        ("", "spec.hostNetwork!=false", "b"),
        ("app in (a,b)", "spec.restartPolicy=Always,metadata.name!=a", "b"),
        ("", "metadata.namespace=other", ""),
    ],
)
def test_objects_that_match_both_selectors(still: Any, labels: Any, fields: Any, found: Any) -> None:
    pods = [pod(still, "a"), pod(still, "b", nodeName="n", hostNetwork=True)]
    resource = still.catalog.by_kind("v1", "Pod")
    matches = matcher(resource, "default", labels, fields)
    assert [stored.name for stored in pods if matches(stored)] == list(found)
    assert not any(map(matcher(resource, "other", labels, fields), pods))
    assert [stored.name for stored in pods if matcher(resource, "", "", "", "a")(stored)] == ["a"]


@pytest.mark.parametrize(
    ("kind", "labels", "fields", "message"),
    [
        ("Pod", "a in", "", "unable to parse requirement"),
        ("Pod", "", "spec.x=1", "field label not supported: spec.x"),
        ("ConfigMap", "", "data.x=1", '"data.x" is not a known field selector: only "metadata.name"'),
    ],
)
def test_what_cannot_be_selected_is_refused(still: Any, kind: Any, labels: Any, fields: Any, message: Any) -> None:
    with pytest.raises(APIError, match=message):
        matcher(still.catalog.by_kind("v1", kind), "", labels, fields)

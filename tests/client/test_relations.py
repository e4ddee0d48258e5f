"""What is read of references and events, from dicts and from models alike."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.client.relations import owner_type, seen_at
from kmagic.models.core_v1 import Event
from kmagic.models.meta_v1 import OwnerReference

FIRST, LAST, SERIES = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("event", "when"),
    [
        pytest.param({"series": {"lastObservedTime": SERIES}, "lastTimestamp": LAST}, SERIES, id="series"),
        pytest.param({"lastTimestamp": LAST, "eventTime": FIRST}, LAST, id="last"),
        pytest.param({"lastTimestamp": None, "eventTime": FIRST}, FIRST, id="event time"),
        pytest.param({"metadata": {"creationTimestamp": FIRST}}, FIRST, id="created"),
        pytest.param({}, "", id="nothing"),
    ],
)
def test_an_event_was_last_seen(event: dict[str, Any], when: str) -> None:
    assert seen_at(event) == when
    assert seen_at(Event.from_dict({**event, "involvedObject": {}})) == when


@pytest.mark.parametrize(
    ("api_version", "kind", "named"),
    [
        ("apps/v1", "ReplicaSet", "ReplicaSet.apps"),
        ("v1", "Node", "Node"),
        ("a.example.com/v1", "Foo", "Foo.a.example.com"),
    ],
)
def test_an_owners_type_is_named_with_its_group(api_version: str, kind: str, named: str) -> None:
    assert owner_type({"apiVersion": api_version, "kind": kind}) == named
    assert owner_type(OwnerReference(api_version=api_version, kind=kind)) == named

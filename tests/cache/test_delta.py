from __future__ import annotations

from typing import Any

import pytest

from kmagic.cache.delta import Change, DeletedFinalStateUnknown, Delta, DeltaType, object_key
from kmagic.cache.entry import Entry
from kmagic.models.core_v1 import Pod


@pytest.mark.parametrize(
    ("obj", "key"),
    [
        pytest.param({"metadata": {"name": "a", "namespace": "ns"}}, "ns/a", id="ST-01 dict"),
        pytest.param({"metadata": {"name": "a"}}, "a", id="ST-01 cluster-scoped"),
        pytest.param(Pod.from_dict({"metadata": {"name": "a", "namespace": "ns"}}), "ns/a", id="ST-01 model"),
        pytest.param(Entry.parse(b'{"metadata":{"name":"a","namespace":"ns"}}'), "ns/a", id="ST-01 entry"),
        pytest.param("ns/a", "ns/a", id="ST-01 ST-02 explicit key"),
        pytest.param(DeletedFinalStateUnknown("ns/a", None), "ns/a", id="ST-01 tombstone"),
    ],
)
def test_keys_of_everything_a_cache_holds(obj: Any, key: str) -> None:
    assert object_key(obj) == key


@pytest.mark.parametrize("obj", [{}, {"metadata": {}}, 5, None, {"metadata": {"namespace": "ns"}}])
def test_ST_01_objects_without_a_name_have_no_key(obj: Any) -> None:
    with pytest.raises(ValueError, match="couldn't create key for object"):
        object_key(obj)


def test_reprs_hold_no_objects() -> None:
    secret = {"metadata": {"name": "s"}, "data": {"password": "hunter2"}}
    for value in (Delta(DeltaType.ADDED, secret), DeletedFinalStateUnknown("s", secret), Change("s", None, secret)):
        assert "hunter2" not in repr(value)

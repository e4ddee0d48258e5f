"""An object that shall be there, blocking."""

from __future__ import annotations

from kmagic.models.core_v1 import ConfigMap
from kmagic.sync.client import Client


def test_get_or_create_or_change(client: Client, namespace: str) -> None:
    configmaps = client.core_v1.configmaps(namespace)
    wanted = ConfigMap.from_dict({"metadata": {"name": "a"}, "data": {"k": "1"}})
    entry = configmaps.entry("a").and_modify(lambda found: found.data.update(k="2"))
    assert entry.or_create(wanted).data == {"k": "1"}
    assert entry.or_create(wanted).data == {"k": "2"}

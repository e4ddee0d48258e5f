"""Claims and volumes that are bound; Secrets without their values."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.describers import storage
from kmagic.views.describers.page import Page

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)


def test_a_bound_claim_says_how_much_and_who_uses_it() -> None:
    pods = [
        {"metadata": {"name": name}, "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]}}
        for name in ("web-1", "web-0")
    ]
    page = Page(NOW, {"pods": pods})
    storage.persistent_volume_claim(
        page,
        {
            "metadata": {"name": "data", "namespace": "shop"},
            "spec": {"volumeName": "pv-1"},
            "status": {"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]},
        },
    )
    assert "Capacity:      1Gi\nAccess Modes:  RWO\nUsed By:       web-0\n               web-1" in page.text


def test_a_volume_says_where_it_may_be_used() -> None:
    page = Page(NOW, {})
    term = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a", "b"]}]}
    spec = {"nodeAffinity": {"required": {"nodeSelectorTerms": [term]}}, "local": {"path": "/disk"}}
    storage.persistent_volume(page, {"metadata": {"name": "pv-1"}, "spec": spec})
    assert "    Term 0:        zone in [a, b]\n" in page.text
    assert (
        "    Type:  LocalVolume (a persistent volume backed by local storage on a node)\n    Path:  /disk" in page.text
    )


def test_a_secret_is_sizes() -> None:
    page = Page(NOW, {})
    storage.secret(page, {"metadata": {"name": "login"}, "type": "Opaque", "data": {"word": "aHVudGVyMg=="}})
    assert page.text.endswith("word:  7 bytes")

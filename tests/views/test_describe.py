"""Descriptions of any object."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.describe import describe, events_text

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)
SALT = b"salt"


def test_any_kind_is_told_from_its_fields() -> None:
    foo = {
        "apiVersion": "example.com/v1",
        "kind": "Foo",
        "metadata": {
            "name": "f",
            "namespace": "shop",
            "labels": {"b": "2", "a": "1"},
            "creationTimestamp": "2026-11-24T17:55:00Z",
            "deletionTimestamp": "2026-11-24T17:59:00Z",
            "finalizers": ["example.com/x"],
            "ownerReferences": [{"kind": "Bar", "name": "b", "controller": True}],
        },
        "spec": {"replicaCount": 2, "clusterIP": "10.0.0.1", "parts": [{"name": "x", "on": True}], "tags": ["p", "q"]},
        "status": {
            "conditions": [
                {"type": "Ready", "status": "False", "reason": "No", "lastTransitionTime": "2026-11-24T17:00:00Z"}
            ]
        },
    }
    assert describe(foo, now=NOW, salt=SALT) == (
        "Name:             f\n"
        "Namespace:        shop\n"
        "Labels:\n"
        "  a=1\n"
        "  b=2\n"
        "Annotations:      <none>\n"
        "Kind:             Foo (example.com/v1)\n"
        "Created:          2026-11-24T17:55:00Z (5m ago)\n"
        "Deleted:          2026-11-24T17:59:00Z (60s ago), waits for its end\n"
        "Finalizers:       example.com/x\n"
        "Controlled By:    Bar/b\n"
        "Spec:\n"
        "  Replica Count:  2\n"
        "  Cluster IP:     10.0.0.1\n"
        "  Parts:\n"
        "    x:\n"
        "      On:         true\n"
        "  Tags:           p, q\n"
        "Status:           <none>\n"
        "Conditions:\n"
        "  TYPE    STATUS   SINCE   REASON   MESSAGE\n"
        "  Ready   False    60m     No\n"
        "Events:           <none>"
    )


def test_events_come_oldest_first_with_their_count() -> None:
    events = [
        {
            "type": "Warning",
            "reason": "BackOff",
            "lastTimestamp": "2026-11-24T17:59:50Z",
            "count": 4,
            "message": "again\nand",
        },
        {
            "type": "Normal",
            "reason": "Pulled",
            "eventTime": "2026-11-24T17:00:00.000000Z",
            "note": "image",
            "reportingController": "kubelet",
        },
    ]
    assert events_text(events, NOW) == (
        "TYPE      REASON    AGE        FROM      MESSAGE\n"
        "Normal    Pulled    60m        kubelet   image\n"
        "Warning   BackOff   10s (x4)             again..."
    )
    assert events_text([], NOW) == ""
    text = describe({"kind": "Foo", "metadata": {"name": "f"}}, now=NOW, salt=SALT, events=events)
    assert text.endswith("again...")
    assert "Events:\n  TYPE" in text


def test_secrets_in_any_kind_are_masked() -> None:
    text = describe(
        {"kind": "Foo", "metadata": {}, "spec": {"env": [{"name": "TOKEN", "value": "hunter2"}]}}, now=NOW, salt=SALT
    )
    assert "hunter2" not in text

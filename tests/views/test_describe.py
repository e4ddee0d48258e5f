"""Descriptions of kinds that have no describer of their own, and events."""

from __future__ import annotations

from datetime import UTC, datetime

from kmagic.views.describe import describe

NOW = datetime(2026, 11, 24, 18, 0, 0, tzinfo=UTC)
SALT = b"salt"


def test_any_kind_is_told_from_its_fields() -> None:
    foo = {
        "apiVersion": "example.com/v1",
        "kind": "Foo",
        "metadata": {"name": "f", "namespace": "shop", "labels": {"b": "2", "a": "1"}, "managedFields": [{}]},
        "spec": {
            "replicaCount": 2,
            "clusterIP": "10.0.0.1",
            "parts": [{"on": True}],
            "tags": ["p", None],
            "x-y/z": "k",
        },
    }
    assert describe(foo, now=NOW, salt=SALT) == (
        "Name:         f\n"
        "Namespace:    shop\n"
        "Labels:       a=1\n"
        "              b=2\n"
        "Annotations:  <none>\n"
        "API Version:  example.com/v1\n"
        "Kind:         Foo\n"
        "Metadata:\n"
        "Spec:\n"
        "  Cluster IP:  10.0.0.1\n"
        "  Parts:\n"
        "    On:           true\n"
        "  Replica Count:  2\n"
        "  Tags:\n"
        "    p\n"
        "    <nil>\n"
        "  x-y/z:  k\n"
        "Events:   <none>"
    )


def test_events_come_with_their_count_those_that_were_seen_last_at_the_end() -> None:
    events = [
        {
            "type": "Warning",
            "reason": "BackOff",
            "firstTimestamp": "2026-11-24T17:50:00Z",
            "lastTimestamp": "2026-11-24T17:59:50Z",
            "count": 4,
            "message": "again",
            "involvedObject": {"fieldPath": "spec.containers{main}"},
        },
        {
            "type": "Normal",
            "reason": "Pulled",
            "eventTime": "2026-11-24T17:00:00.000000Z",
            "note": "image",
            "reportingController": "kubelet",
        },
    ]
    text = describe({"kind": "Foo", "metadata": {"name": "f"}}, now=NOW, salt=SALT, events=events)
    assert text.endswith(
        "Events:\n"
        "  Type     Reason   Age                From     Message\n"
        "  ----     ------   ----               ----     -------\n"
        "  Normal   Pulled   60m                kubelet  image\n"
        "  Warning  BackOff  10s (x4 over 10m)           spec.containers{main}: again"
    )
    assert "Events" not in describe({"kind": "Foo", "metadata": {}}, now=NOW, salt=SALT, events=None)


def test_secrets_in_any_kind_are_masked() -> None:
    text = describe(
        {"kind": "Foo", "metadata": {}, "spec": {"env": [{"name": "TOKEN", "value": "hunter2"}]}}, now=NOW, salt=SALT
    )
    assert "hunter2" not in text


def test_a_kind_of_another_group_is_not_taken_for_kubernetes_own() -> None:
    text = describe({"apiVersion": "example.com/v1", "kind": "Service", "metadata": {"name": "s"}}, now=NOW, salt=SALT)
    assert "API Version:  example.com/v1" in text
    assert "Selector" not in text

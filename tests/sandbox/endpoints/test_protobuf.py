"""Bodies as Go's typed clients write them."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from kmagic.sandbox.endpoints import protobuf
from kmagic.sandbox.status import APIError
from tests.conformance.wire import envelope, field, varint


def test_a_config_map_with_maps_and_bytes() -> None:
    metadata = field(1, "a") + field(2, "") + field(7, 0) + field(11, field(1, "k") + field(2, "v"))
    raw = field(1, metadata) + field(2, field(1, "x") + field(2, "1")) + field(3, field(1, "b") + field(2, b"\xff"))
    assert protobuf.decode(envelope("v1", "ConfigMap", raw)) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "labels": {"k": "v"}},
        "data": {"x": "1"},
        "binaryData": {"b": "/w=="},
    }


def test_a_pointer_to_zero_stays_and_a_plain_zero_goes() -> None:
    spec = field(1, 0) + field(5, 0)  # replicas is a pointer, minReadySeconds is not
    made = protobuf.decode(envelope("apps/v1", "Deployment", field(2, spec)))
    assert made["spec"] == {"replicas": 0}


def test_structs_embedded_in_go_have_no_name_in_json() -> None:
    source = field(2, field(1, "Memory"))
    volume = field(1, "v") + field(2, source)
    made = protobuf.decode(envelope("v1", "Pod", field(2, field(1, volume))))
    assert made["spec"]["volumes"] == [{"name": "v", "emptyDir": {"medium": "Memory"}}]


def test_times_quantities_and_ports_have_their_json_forms() -> None:
    port = field(3, 80) + field(4, field(1, 1) + field(3, "http"))
    service = protobuf.decode(envelope("v1", "Service", field(2, field(1, port))))
    assert service["spec"]["ports"] == [{"port": 80, "targetPort": "http"}]
    metadata = field(8, field(1, 1_767_225_600))
    assert protobuf.decode(envelope("v1", "Secret", field(1, metadata)))["metadata"] == {
        "creationTimestamp": "2026-01-01T00:00:00Z"
    }
    limits = field(1, field(1, "cpu") + field(2, field(1, "500m")))
    pod = protobuf.decode(envelope("v1", "Pod", field(2, field(2, field(1, "c") + field(8, limits)))))
    assert pod["spec"]["containers"] == [{"name": "c", "resources": {"limits": {"cpu": "500m"}}}]


def test_negative_numbers_are_negative() -> None:
    made = protobuf.decode(envelope("apps/v1", "Deployment", field(2, field(1, -1))))
    assert made["spec"] == {"replicas": -1}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "expected prefix"),
        (envelope("v1", "Nope", b""), 'no kind "Nope" is registered for version "v1"'),
        (b"k8s\x00" + field(2, b""), "cannot be read"),
        (envelope("v1", "Pod", field(1, "x" * 5)[:-3]), "cannot be read"),
        (envelope("v1", "Pod", varint(1 << 3 | 1) + struct.pack("<d", 1.0)), "cannot be read"),
    ],
    ids=["not protobuf", "unknown kind", "no message", "cut off", "wrong wire type"],
)
def test_what_cannot_be_read_is_a_bad_request(body: Any, message: Any) -> None:
    with pytest.raises(APIError, match=message) as caught:
        protobuf.decode(body)
    assert caught.value.code == 400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-46388668555, "0500-01-01T02:44:05.000000Z"), (-62135596799, "0001-01-01T00:00:01.000000Z")],
)
def test_times_before_the_year_1000_have_four_digits(seconds: float, text: Any) -> None:
    raw = field(2, field(1, "me") + field(4, field(1, seconds)))
    assert protobuf.decode(envelope("coordination.k8s.io/v1", "Lease", raw))["spec"]["renewTime"] == text


def test_a_time_out_of_all_bounds_is_refused() -> None:
    raw = field(2, field(4, field(1, 1 << 62)))
    with pytest.raises(APIError, match="cannot be read"):
        protobuf.decode(envelope("coordination.k8s.io/v1", "Lease", raw))


def test_names_that_differ_in_their_case_are_jsons() -> None:
    webhook = field(1, "a.example.com") + field(6, "None")
    body = envelope("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", field(2, webhook))
    assert protobuf.decode(body)["webhooks"] == [{"name": "a.example.com", "sideEffects": "None"}]

"""Services in front of objects; tests/parity compares them with kubectl's."""

from __future__ import annotations

import pytest

from kmagic.magics.work.generators.exposing import exposed
from kmagic.magics.work.generators.parts import GeneratorError

POD = {
    "kind": "Pod",
    "metadata": {"name": "web", "labels": {"a": "b"}},
    "spec": {"containers": [{"ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}]}]},
}


def test_a_port_of_two_protocols_is_two_ports() -> None:
    ports = exposed(POD)["spec"]["ports"]
    assert [(each.get("name"), each["protocol"]) for each in ports] == [("port-1-tcp", "TCP"), ("port-1-udp", "UDP")]


def test_what_says_too_little_is_refused() -> None:
    with pytest.raises(GeneratorError, match="the pod has no labels"):
        exposed({**POD, "metadata": {"name": "web"}})
    with pytest.raises(GeneratorError, match="couldn't find port"):
        exposed({**POD, "spec": {"containers": []}})

"""Services of ports."""

from __future__ import annotations

import pytest

from kmagic.magics.work.generators.parts import GeneratorError
from kmagic.magics.work.generators.services import service


def test_ports_are_named_as_they_are_written() -> None:
    ports = service("ClusterIP", "web", ["80:http", "443"])["spec"]["ports"]
    assert [(each["name"], each["port"], each["targetPort"]) for each in ports] == [
        ("80-http", 80, "http"),
        ("443", 443, 443),
    ]


@pytest.mark.parametrize(("kind", "ports"), [("ClusterIP", []), ("NodePort", ["x"]), ("LoadBalancer", ["80:0"])])
def test_what_is_no_port_is_refused(kind: str, ports: list[str]) -> None:
    with pytest.raises(GeneratorError):
        service(kind, "web", ports)

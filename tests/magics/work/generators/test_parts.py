"""Parts of flags."""

from __future__ import annotations

import pytest

from kmagic.magics.work.generators.parts import GeneratorError, labels_of, number_or_name, port_number, resource_of


def test_types_are_known_without_a_server() -> None:
    found = resource_of({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress"})
    assert (found.full_name, found.version, found.namespaced) == ("ingresses.networking.k8s.io", "v1", True)


def test_text_is_read() -> None:
    assert labels_of("a=b,c=") == {"a": "b", "c": ""}
    assert (number_or_name("80"), number_or_name("http"), number_or_name("50%")) == (80, "http", "50%")
    assert port_number("0") == 0


@pytest.mark.parametrize("text", ["a", "a=b=c", "=b", "a=b,"])
def test_labels_that_are_none(text: str) -> None:
    with pytest.raises(GeneratorError, match="unexpected"):
        labels_of(text)


@pytest.mark.parametrize("text", ["", "http", "-1", "65536"])
def test_ports_that_are_none(text: str) -> None:
    with pytest.raises(GeneratorError):
        port_number(text)

"""Ingresses of rules."""

from __future__ import annotations

import pytest

from kmagic.magics.work.generators.ingress import ingress
from kmagic.magics.work.generators.parts import GeneratorError


def test_rules_of_a_host_stand_together() -> None:
    spec = ingress("i", ["a/x=s:80,tls=c", "a/y*=s:http", "b/=s:80,tls=c"])["spec"]
    assert [(rule["host"], len(rule["http"]["paths"])) for rule in spec["rules"]] == [("a", 2), ("b", 1)]
    assert spec["tls"] == [{"hosts": ["a", "b"], "secretName": "c"}]
    assert spec["rules"][0]["http"]["paths"][1]["pathType"] == "Prefix"


@pytest.mark.parametrize("rule", ["a", "a/x", "a/x=s", "a/x=s:80,secret"])
def test_rules_that_are_none(rule: str) -> None:
    with pytest.raises(GeneratorError, match="should be in format"):
        ingress("i", [rule])

"""Autoscalers."""

from __future__ import annotations

import pytest

from kmagic.magics.work.generators.parts import GeneratorError
from kmagic.magics.work.generators.scaling import autoscaler


@pytest.mark.parametrize(
    ("cpu", "memory", "target"),
    [
        ("80%", "", {"averageUtilization": 80, "type": "Utilization"}),
        ("500", "", {"averageValue": "500m", "type": "AverageValue"}),
        ("500m", "", {"averageValue": "500m", "type": "AverageValue"}),
        ("", "200", {"averageValue": "200Mi", "type": "AverageValue"}),
        ("", "1Gi", {"averageValue": "1Gi", "type": "AverageValue"}),
    ],
)
def test_a_share_or_a_quantity(cpu: str, memory: str, target: dict[str, object]) -> None:
    spec = autoscaler("a", {}, most=2, cpu=cpu, memory=memory)["spec"]
    assert [each["resource"]["target"] for each in spec["metrics"]] == [target]


def test_bounds_that_do_not_fit() -> None:
    for least, most in ((-1, 0), (3, 2)):
        with pytest.raises(GeneratorError, match="--max=MAXPODS"):
            autoscaler("a", {}, least=least, most=most)

"""Quotas, budgets and classes."""

from __future__ import annotations

import pytest

from kmagic.magics.work.generators.parts import GeneratorError
from kmagic.magics.work.generators.policies import disruption_budget, equality_selector, priority_class, quota


def test_quantities_are_in_their_shortest_form() -> None:
    assert quota("q", "cpu=1000m,memory=1024Mi")["spec"]["hard"] == {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(("hard", "scopes"), [("pods", ""), ("pods=many", ""), ("pods=1,", ""), ("", "a,,b")])
def test_quotas_that_are_none(hard: str, scopes: str) -> None:
    with pytest.raises(GeneratorError):
        quota("q", hard, scopes)


def test_a_budget_says_one_of_two() -> None:
    assert disruption_budget("p", "a=b", least="50%")["spec"]["minAvailable"] == "50%"
    assert disruption_budget("p", "a=b", most_missing="1")["spec"]["maxUnavailable"] == 1
    for least, most in (("", ""), ("1", "1"), ("1Gb", "")):
        with pytest.raises(GeneratorError):
            disruption_budget("p", "a=b", least=least, most_missing=most)


def test_selectors_are_equalities() -> None:
    assert equality_selector("a=b, c==d") == {"matchLabels": {"a": "b", "c": "d"}}
    with pytest.raises(GeneratorError, match='"!=" is not a valid label selector operator'):
        equality_selector("a!=b")


def test_what_is_not_said_of_a_class_is_left_out() -> None:
    assert priority_class("p") == {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": "p"},
        "preemptionPolicy": "PreemptLowerPriority",
        "value": 0,
    }

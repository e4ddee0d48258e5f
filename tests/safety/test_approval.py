"""What must be said to apply a plan, and which cells may."""

from __future__ import annotations

from typing import Any

import pytest

from kmagic.safety.approval import MANY, Demand, Touched, demand, objection

POD = Touched("pods", "web-0", deleted=True)


def scaled(kind: str, before: Any, after: Any) -> Touched:
    states = [{"kind": kind, "spec": {} if each is None else {"replicas": each}} for each in (before, after)]
    return Touched("deployments.apps", "web", before=states[0], after=states[1])


@pytest.mark.parametrize(
    "resource",
    [
        "namespaces",
        "nodes",
        "persistentvolumes",
        "persistentvolumeclaims",
        "customresourcedefinitions.apiextensions.k8s.io",
    ],
)
def test_R5_deleting_what_others_live_in_wants_its_name(resource: str) -> None:
    one = Touched(resource, "it", deleted=True)
    assert demand([one]).word == "it"
    assert demand([one, POD]).word == "2"
    assert demand([Touched(resource, "it", before={}, after={})]) == Demand()


@pytest.mark.parametrize(
    ("touched", "flags", "word"),
    [
        pytest.param([POD], {}, "", id="one Pod"),
        pytest.param([POD], {"every": True}, "1", id="all, which are one"),
        pytest.param([POD] * 3, {"every": True}, "3", id="all"),
        pytest.param([POD], {"force": True}, "web-0", id="forced"),
        pytest.param([POD] * 2, {"force": True}, "2", id="several forced"),
        pytest.param([POD], {"collected": MANY}, "", id="as much as may go with it"),
        pytest.param([POD], {"collected": MANY + 1}, "web-0", id="more than may go with it"),
        pytest.param([POD], {"collected": None}, "web-0", id="nobody knows what goes with it"),
        pytest.param([POD] * MANY, {}, "", id="many"),
        pytest.param([POD] * (MANY + 1), {}, "21", id="too many"),
        pytest.param([scaled("Deployment", 3, 0)], {}, "web", id="to zero"),
        pytest.param([scaled("Deployment", None, 0)], {}, "web", id="from the default to zero"),
        pytest.param([scaled("Scale", 3, None)], {}, "web", id="a scale to zero, left out"),
        pytest.param([scaled("Scale", None, None)], {}, "", id="zero already, left out"),
        pytest.param([scaled("Deployment", 0, 0)], {}, "", id="zero already"),
        pytest.param([scaled("Deployment", 3, 1)], {}, "", id="to one"),
        pytest.param([Touched("deployments.apps", "web", after={"spec": {"replicas": 0}})], {}, "", id="created so"),
    ],
)
def test_R5_what_must_be_said(touched: list[Touched], flags: dict[str, Any], word: str) -> None:
    wanted = demand(touched, **flags)
    assert wanted.word == word
    assert bool(wanted.reasons) is bool(word)
    assert wanted.call == (f'_kp.apply(confirm="{word}")' if word else "_kp.apply()")


def test_R5_only_the_word_itself_is_enough() -> None:
    wanted = Demand("kube-public", ("it deletes a namespace",))
    assert objection(wanted, "kube-public", made=1, sent=2) == ""
    for said in ("", "yes", "KUBE-PUBLIC", "kube-public "):
        assert '"kube-public": it deletes a namespace' in objection(wanted, said, made=1, sent=2)


def test_R3_a_cell_sent_before_the_plan_cannot_mean_it() -> None:
    assert "sent before the plan" in objection(Demand(), "", made=2, sent=1)
    assert "sent before the plan" in objection(Demand("x"), "x", made=2, sent=1)
    assert objection(Demand(), "", made=2, sent=2) == ""

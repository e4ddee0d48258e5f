"""Cards of changes: what they say, once, without values that must not be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from kmagic.errors import ConflictError, GateError
from kmagic.magics.results.cards import KApply, KDelete, KPlan, announce, keep_result
from kmagic.magics.results.outcome import Outcome
from kmagic.rest.resource import APIResource
from kmagic.safety.policy import Level
from kmagic.safety.target import Target
from tests.magics.conftest import Notebook

TARGET = Target("dev", "dev", "https://x", "shop", "me", Level.FREE)
DEPLOYMENTS = APIResource("apps", "v1", "deployments", "Deployment", True, "deployment")


def deployment(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": spec,
    }


def test_a_change_lists_its_fields() -> None:
    changed = Outcome(
        "configured", "web", "shop", DEPLOYMENTS, before=deployment(replicas=2), after=deployment(replicas=3)
    )
    result = KApply([changed], TARGET, note="server-side applied")
    assert result.text == "deployment.apps/web configured (server-side applied)\n    ~ spec.replicas: 2 → 3"
    assert "2 → 3" in result._html()
    assert result.ok
    assert result.changed
    assert not result.errors


def test_a_failure_is_told_with_its_error_and_the_untried_are_named() -> None:
    failed = Outcome(
        "failed", "web", resource=DEPLOYMENTS, error=ConflictError("conflict with <b>other</b>", hint="force it")
    )
    result = KApply([failed, Outcome("not tried", "web", kind="Deployment")], TARGET)
    assert "    conflict with <b>other</b>\n    force it" in result.text
    assert "deployment/web not tried" in result.text
    assert not result.ok
    assert "&lt;b&gt;other" in result._html()


def test_what_is_deleted_and_what_stays() -> None:
    gone = Outcome("deleted", "web", "shop", DEPLOYMENTS, before=deployment())
    left = replace(gone, action="still there", blocked_by=("a/b",))
    result = KDelete([gone, left], TARGET, note="x")
    assert not result.ok
    assert result.text.splitlines() == [
        'deployment.apps "web" deleted from shop namespace (x)',
        'deployment.apps "web" still there, kept by the finalizers a/b (x)',
    ]
    assert len(result.gone) == len(result.remaining) == 1
    assert KDelete([], TARGET).text == "No resources found"


def test_a_plan_is_applied_or_discarded_once() -> None:
    applied: list[int] = []
    preview = KApply([], TARGET)

    def carry_out(plan: KPlan, said: str) -> KApply:
        applied.append(1)
        plan.spend()
        return preview

    plan = KPlan(preview, carry_out)
    assert plan.open
    assert "_kp.apply() applies it to dev ▸ shop · free (https://x)" in plan.text
    assert plan.apply() is preview
    assert plan.result is preview
    assert not plan.open
    with pytest.raises(GateError, match="already"):
        plan.apply()
    dropped = KPlan(preview, carry_out)
    dropped.discard()
    with pytest.raises(GateError):
        dropped.apply()
    assert applied == [1]


def test_an_announced_card_shows_once_in_its_cell_and_again_later(shell: InteractiveShell) -> None:
    notebook = Notebook(shell)
    card = KApply([Outcome("created", "web", resource=DEPLOYMENTS)], TARGET)
    shell.user_ns.update(card=card, announce=announce)
    assert notebook.ok("announce(card)\ncard").text.count("created") == 1
    assert notebook.ok("card").text.count("created") == 1
    assert notebook.ok("kept = card").text.count("created") == 0


def test_a_plan_that_failed_half_way_is_spent_and_keeps_what_was_done() -> None:
    half = KApply([Outcome("failed", "web", resource=DEPLOYMENTS, error=ConflictError("no"))], TARGET)

    def carry_out(plan: KPlan, said: str) -> KApply:
        plan.spend()
        error = ConflictError("no")
        keep_result(error, half)
        raise error

    plan = KPlan(KApply([], TARGET), carry_out)
    with pytest.raises(ConflictError):
        plan.apply()
    assert plan.result is half
    with pytest.raises(GateError, match="already"):
        plan.apply()

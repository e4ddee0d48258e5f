"""Cards of changes: what they say, once, without values that must not be seen."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from kmagic.errors import ConflictError, GateError
from kmagic.magics.apply import Applied
from kmagic.magics.cards import KApply, KDelete, KPlan, announce
from kmagic.magics.delete import Deleted
from kmagic.magics.manifest import Source, read
from kmagic.rest.resource import APIResource
from kmagic.safety.policy import Level
from kmagic.safety.target import Target
from tests.magics.conftest import Notebook

TARGET = Target("dev", "dev", "https://x", "shop", "me", Level.FREE)
DEPLOYMENTS = APIResource("apps", "v1", "deployments", "Deployment", True, "deployment")
(MANIFEST,) = read(Source("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}"))


def deployment(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": spec,
    }


def test_a_change_lists_its_fields() -> None:
    changed = Applied(MANIFEST, "configured", DEPLOYMENTS, "shop", deployment(replicas=2), deployment(replicas=3))
    result = KApply([changed], TARGET, note="server-side applied")
    assert result.text == "deployment.apps/web configured (server-side applied)\n    ~ spec.replicas: 2 → 3"
    assert "2 → 3" in result._html()
    assert result.ok
    assert result.changed
    assert not result.errors


def test_a_failure_is_told_with_its_error_and_the_untried_are_named() -> None:
    failed = Applied(
        MANIFEST, "failed", DEPLOYMENTS, error=ConflictError("conflict with <b>other</b>", hint="force it")
    )
    result = KApply([failed, Applied(MANIFEST, "not tried")], TARGET)
    assert "    conflict with <b>other</b>\n    force it" in result.text
    assert "deployment/web not tried" in result.text
    assert not result.ok
    assert "&lt;b&gt;other" in result._html()


def test_what_is_deleted_and_what_stays() -> None:
    obj = deployment()
    result = KDelete([Deleted(DEPLOYMENTS, obj), Deleted(DEPLOYMENTS, obj, "still there", ("a/b",))], TARGET, note="x")
    assert result.text.splitlines() == [
        'deployment.apps "web" deleted from shop namespace (x)',
        'deployment.apps "web" still there, kept by the finalizers a/b (x)',
    ]
    assert len(result.gone) == len(result.remaining) == 1
    assert KDelete([], TARGET).text == "No resources found"


def test_a_plan_is_applied_or_discarded_once() -> None:
    applied: list[int] = []
    preview = KApply([], TARGET)

    def carry_out() -> KApply:
        applied.append(1)
        return preview

    plan = KPlan(preview, carry_out)
    assert plan.open
    assert "_kp.apply()" in plan.text
    assert plan.apply() is preview
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
    card = KApply([Applied(MANIFEST, "created", DEPLOYMENTS)], TARGET)
    shell.user_ns.update(card=card, announce=announce)
    assert notebook.ok("announce(card)\ncard").text.count("created") == 1
    assert notebook.ok("card").text.count("created") == 1
    assert notebook.ok("kept = card").text.count("created") == 0

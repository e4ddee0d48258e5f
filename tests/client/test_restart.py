"""The patch of a restart is kubectl's, and what cannot be restarted says why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kmagic.client.restart import restart_patch
from kmagic.errors import ArgumentError, DecodeError

NOW = datetime(2026, 11, 29, 15, 0, 0, 5, tzinfo=UTC)
NOTE = {"kubectl.kubernetes.io/restartedAt": "2026-11-29T15:00:00Z"}


def workload(kind: str = "Deployment", api_version: str = "apps/v1", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}, "spec": spec}


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_the_template_notes_the_second(kind: str) -> None:
    assert restart_patch(workload(kind), NOW) == {"spec": {"template": {"metadata": {"annotations": NOTE}}}}


@pytest.mark.parametrize(
    ("obj", "says"),
    [
        pytest.param(workload("ReplicaSet"), "has no rollout", id="kind"),
        pytest.param(workload(api_version="a.example.com/v1"), "has no rollout", id="group"),
        pytest.param(workload(paused=True), "web is paused", id="paused"),
        pytest.param(workload(template={"metadata": {"annotations": NOTE}}), "within the past second", id="second"),
    ],
)
def test_what_cannot_be_restarted_says_why(obj: dict[str, Any], says: str) -> None:
    with pytest.raises(ArgumentError, match=says):
        restart_patch(obj, NOW)


def test_a_template_that_is_none_is_a_decode_error() -> None:
    with pytest.raises(DecodeError):
        restart_patch(workload(template="a"), NOW)

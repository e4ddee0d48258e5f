"""Outcomes: how objects are named, and what counts as done."""

from __future__ import annotations

from kmagic.magics.results.outcome import Outcome
from kmagic.rest.resource import APIResource


def test_objects_are_named_as_kubectl_names_them() -> None:
    web = Outcome("created", "web", "shop", APIResource("apps", "v1", "deployments", "Deployment", True, "deployment"))
    assert (web.what, web.quoted) == ("deployment.apps/web", 'deployment.apps "web"')
    pod = Outcome("created", "web-0", "shop", APIResource("", "v1", "pods", "Pod", True))
    assert pod.what == "pod/web-0"
    assert Outcome("not tried", "w", kind="Widget").what == "widget/w"


def test_what_counts_as_done() -> None:
    done = [Outcome(action, "x").done for action in ("created", "unchanged", "deleted", "scaled")]
    left = [Outcome(action, "x").done for action in ("failed", "interrupted", "not tried", "still there")]
    assert (set(done), set(left)) == ({True}, {False})

"""A drain's outcome: kubectl's lines in their order, and the Pods by what became of them."""

from __future__ import annotations

from typing import Any

from kmagic.magics.results.drained import KDrain
from kmagic.magics.results.outcome import Outcome
from kmagic.rest.resource import APIResource
from kmagic.safety.policy import Level
from kmagic.safety.target import Target

PODS = APIResource("", "v1", "pods", "Pod", namespaced=True, singular="pod")
NODES = APIResource("", "v1", "nodes", "Node", namespaced=False, singular="node")
TARGET = Target("dev", "dev", "https://dev.example", "shop", "me", Level.FREE)


def pod(action: str, name: str, note: str = "") -> Outcome:
    return Outcome(action, name, "shop", PODS, note=note)


def drained(*outcomes: Outcome, **words: Any) -> KDrain:
    return KDrain((Outcome("cordoned", "n", "", NODES), *outcomes), TARGET, **words)


def test_it_says_what_kubectl_says_and_below_what_is_more() -> None:
    found = drained(pod("evicted", "a"), pod("skipped", "agent", "stays"), Outcome("drained", "n", kind="Node"))
    assert found.text.splitlines() == [
        "node/n cordoned",
        "evicting pod shop/a",
        "pod/a evicted",
        "    pod/agent skipped: stays",
        "node/n drained",
    ]
    assert (found.evicted, found.skipped, found.waiting) == (["shop/a"], ["shop/agent"], [])


def test_a_dry_run_evicts_nothing() -> None:
    found = drained(pod("evicted", "a"), Outcome("drained", "n", kind="Node"), note="server dry run")
    assert "pod/a evicted" not in found.text
    assert "evicting pod shop/a (server dry run)" in found.text


def test_an_interrupt_leaves_who_is_still_there() -> None:
    found = drained(pod("evicting", "a", "waits: budget"), pod("not tried", "b"), Outcome("draining", "n", kind="Node"))
    assert not found.ok
    assert found.waiting == ["shop/a", "shop/b"]
    assert "    pod/a evicting: waits: budget" in found.text
    html = found._html()
    assert "waits: budget" in html
    assert "warn" in html


def test_what_a_server_says_is_escaped() -> None:
    assert "<b>" not in drained(pod("evicting", "a", "<b>"), Outcome("draining", "n", kind="Node"))._html()

"""The table is right about what ran, and a few of upstream's own specs pass on the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Server
from tests.upstream.suite import Outcome, Suite, is_built, read_report
from tests.upstream.table import page, reason_for

QUICK = r"Watchers should receive events on concurrent|server version should find|ReplicationController should adopt"


def spec(state: str, message: str = "", kind: str = "It") -> dict[str, Any]:
    return {
        "LeafNodeType": kind,
        "ContainerHierarchyTexts": ["[sig-apps] Job"],
        "LeafNodeText": f"is {state} [Conformance]",
        "State": state,
        "Failure": {"Message": message},
    }


def test_what_did_not_run_is_not_in_the_outcomes() -> None:
    report = [{"SpecReports": [spec("passed"), spec("failed", "why\nmore"), spec("skipped"), spec("passed", kind="x")]}]
    assert read_report(report) == {
        "[sig-apps] Job is passed": Outcome("passed"),
        "[sig-apps] Job is failed": Outcome("failed", "why"),
    }


def test_only_what_the_real_one_passes_counts_and_needs_a_reason() -> None:
    real = {"a": Outcome("passed"), "b | c": Outcome("passed"), "d": Outcome("failed")}
    text = page({"a": Outcome("passed"), "b | c": Outcome("timedout")}, real, ["# x: y", "b: it is late"])
    assert "**1 of the 2 specs that the real control plane passes (50%) pass on the sandbox.**" in text
    assert text.endswith(
        "| a | passed | passed |  |\n| b &#124; c | timedout | passed | it is late |\n| d | not run | failed |  |\n"
    )
    assert reason_for("z", []) == "not known yet"


def test_upstreams_own_specs_pass_on_the_sandbox(sandbox: Server, tmp_path: Path) -> None:
    if not is_built():
        pytest.skip("upstream's specs are not built: make upstream")
    outcomes = Suite.ensure().run(sandbox.kubeconfig, tmp_path, focus=rf"({QUICK}).*\[Conformance\]", processes=2)
    assert outcomes
    assert [name for name, outcome in outcomes.items() if not outcome.passed] == []

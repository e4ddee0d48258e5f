"""The table of upstream's specs: what passes on the sandbox, what on the real control plane, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.upstream.suite import FOLDERS, Outcome

__all__ = ("REASONS", "page", "reason_for")

REASONS = Path(__file__).parent / "reasons.txt"
MISSING = Outcome("not run")
_HEAD = """# Upstream's conformance specs

The [Conformance] specs of Kubernetes 1.37.2 of {folders}, run by `make upstream` against the sandbox and, for the truth,
against a real control plane whose nodes are kwok's. What needs real containers passes on neither.

**{passed} of the {known} specs that the real control plane passes ({share:.0%}) pass on the sandbox.**

| spec | sandbox | real | why not |
|---|---|---|---|
"""


def page(sandbox: Mapping[str, Outcome], real: Mapping[str, Outcome], reasons: Iterable[str]) -> str:
    """The page with the table, the specs in the order of their names."""
    reasons = list(reasons)
    known = [name for name, outcome in real.items() if outcome.passed]
    passed = [name for name in known if sandbox.get(name, MISSING).passed]
    share = len(passed) / len(known) if known else 0.0
    lines = []
    for name in sorted({*sandbox, *real}):
        here, there = sandbox.get(name, MISSING), real.get(name, MISSING)
        why = "" if here.passed or not there.passed else reason_for(name, reasons)
        lines.append(f"| {name.replace('|', '&#124;')} | {here.state} | {there.state} | {why} |")
    head = _HEAD.format(folders=" and ".join(FOLDERS), passed=len(passed), known=len(known), share=share)
    return head + "\n".join(lines) + "\n"


def reason_for(name: str, reasons: Iterable[str]) -> str:
    """The reason given for a spec that fails: that of the first line ``part of the name: reason`` that fits."""
    for line in reasons:
        part, _, reason = line.rpartition(": ")
        if part and not line.startswith("#") and part in name:
            return reason
    return "not known yet"

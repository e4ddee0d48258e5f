"""The same line by kubectl and by `%kubectl`, on the same server: the same text, exit and objects."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import kmagic
from tests.parity.sides import KubectlSide, MagicSide, namespaces, objects
from tests.parity.table import TABLES, Line, Table

# Lines between two looks at the objects of both sides, which cost more than a line.
OBJECTS_EVERY = 8


@pytest.mark.timeout(300)
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_line_does_what_kubectl_does(
    table: Table,
    server: Any,
    kubectl_path: str,
    at: Any,
    tmp_path: Path,
) -> None:
    differ: list[str] = []
    known = ""
    with (
        kmagic.Client(kubeconfig=server.kubeconfig) as client,
        namespaces(client, tmp_path, table.files, table.objects) as places,
    ):
        theirs = KubectlSide(kubectl_path, server.kubeconfig, places[0])
        ours = MagicSide(at(server.kubeconfig), places[1])
        second = KubectlSide(kubectl_path, server.kubeconfig, places[1])
        for number, line in enumerate(table.lines, 1):
            if line.setup:
                for side in (theirs, second):
                    done = side.run(line.text)
                    assert not done.failed, f"{table.name}:{line.number} {line.text}: {done.text}"
                continue
            if f"[{server.kind}]" in line.reason:
                continue
            if line.text.startswith("rollout restart"):
                # Kubectl refuses another one in the same second of the clock.
                time.sleep(1 - time.time() % 1)
            wanted, got = theirs.run(line.text), ours.run(line.text)
            head = f"\n--- {table.name}.txt:{line.number}: kubectl {line.text}\n"
            if got.failed and not wanted.failed and line.reason.startswith("refused:"):
                continue
            if wanted.failed != got.failed:
                differ.append(
                    f"{head}kubectl {_ends(wanted.failed)}: {wanted.text}\n  we {_ends(got.failed)}: {got.text}"
                )
            elif not line.reason and not got.ours and _compared(line, wanted.text) != _compared(line, got.text):
                differ.append(f"{head}{wanted.text}\n--- ours\n{got.text}")
            if number % OBJECTS_EVERY and line is not table.lines[-1]:
                continue
            before, after = (objects(client, table.objects, place) for place in places)
            if (apart := _apart(before, after)) and apart != known:
                differ.append(f"{head}objects differ since the last look:\n{apart}")
            known = apart
    assert not differ, "".join(differ)


def _compared(line: Line, text: str) -> object:
    return sorted(text.split()) if line.any_order else text


def _ends(failed: bool) -> str:
    return "fails" if failed else "succeeds"


def _apart(one: dict[str, Any], other: dict[str, Any]) -> str:
    return "\n".join(
        f"{key}\n  kubectl: {one.get(key)}\n  ours:    {other.get(key)}"
        for key in sorted({*one, *other})
        if one.get(key) != other.get(key)
    )

"""The recipes run in their order, on the sandbox and on a real server."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest

import kmagic
from kmagic.sync.runtime import stop_shared_runtime

PAGE = Path(__file__).parents[2].joinpath("docs", "how-to.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_block_of_the_how_to_runs(
    server: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBECONFIG", server.kubeconfig)
    name = f"how-to-{uuid.uuid4().hex[:8]}"
    with kmagic.Client() as setup:
        setup.core_v1.namespaces.create({"metadata": {"name": name}})
    scope: dict[str, Any] = {"__name__": "how_to"}
    for block in BLOCKS:
        own = block.replace('"shop"', repr(name)).replace("docs.example.com", f"{name}.example.com")
        exec(compile(own, "how-to.md", "exec", dont_inherit=True), scope)
    shown = capsys.readouterr().out
    assert re.search(r"v1\.\d+\S*\ncreated settings\ncreated web\n", shown)
    assert shown.endswith("deleted\ndeleted\n")
    assert "settings" in scope["seen"]
    assert [each.data for each in scope["red"]] == [{"colour": "red"}]
    with kmagic.Client() as after:
        after.core_v1.namespaces.delete(name)
    stop_shared_runtime()

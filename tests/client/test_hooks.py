from __future__ import annotations

import pytest

from kmagic.client.hooks import Hooks, log_warnings


def test_RE_20_the_default_handler_logs_each_text_once(caplog: pytest.LogCaptureFixture) -> None:
    handle = log_warnings()
    handle("a")
    handle("a")
    handle("b")
    assert [record.message for record in caplog.records] == ["a", "b"]


def test_hooks_cost_nothing_by_default() -> None:
    hooks = Hooks()
    assert (hooks.on_sent, hooks.on_result, hooks.on_retry, hooks.on_throttled, hooks.guard) == (None,) * 5
    assert hooks.on_warning is not None

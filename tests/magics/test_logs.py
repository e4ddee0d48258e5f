"""Logs as values: how lines are kept and shown; reading them is tested through %klogs."""

from __future__ import annotations

from kmagic.magics.logs import KLogs, LogsWanted


def test_lines_are_text_to_search() -> None:
    logs = KLogs(["ready", "error: no disk", "error: no net"])
    assert len(logs) == 3
    assert list(logs) == logs.lines == logs.text.split("\n")
    assert logs.grep("error.*net$") == ["error: no net"]
    assert repr(logs) == logs.text


def test_a_long_log_shows_its_end_and_says_so() -> None:
    logs = KLogs(str(number) for number in range(250))
    shown = repr(logs).split("\n")
    assert shown[0].startswith("… 50 lines before")
    assert (shown[1], shown[-1], len(shown)) == ("50", "249", 201)
    assert len(logs) == 250


def test_several_pods_are_told_apart_unless_the_lines_say_it_already() -> None:
    assert LogsWanted("shop", ("a",)).mark("a") == ""
    assert LogsWanted("shop", ("a",), prefix=True).mark("a") == "[pod/a] "
    assert LogsWanted("shop", ("a", "b")).mark("b") == "[pod/b] "
    assert LogsWanted("shop", ("a", "b"), {"all_containers": True}).mark("b") == ""

"""Logs as values: how lines are kept and shown; reading them is tested through %klogs."""

from __future__ import annotations

import httpx

from kmagic.client.client import AsyncClient
from kmagic.errors import BadRequestError
from kmagic.magics.work.log_lines import KLogs, LogsWanted, read_logs
from tests.transport.servers import InstantClock, ScriptedServer


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


def test_what_was_not_read_is_one_line_each() -> None:
    why = BadRequestError("waiting\nto start", status={"code": 400})
    logs = KLogs(["a"], unread={"web-1": why})
    assert repr(logs) == "a\npod/web-1 was not read: waiting to start"
    assert (logs.error, logs.lines) == (why, ["a"])


async def test_only_a_newline_ends_a_line() -> None:
    text = "one\u2028still one\x0b\x85 \ntwo  \n\n"
    server = ScriptedServer(lambda request: httpx.Response(200, text=text))
    client = AsyncClient(transport=server.transport(), clock=InstantClock())
    assert (await read_logs(client, LogsWanted("shop", ("a",)))).lines == ["one\u2028still one\x0b\x85 ", "two  ", ""]
    several = await read_logs(client, LogsWanted("shop", ("a", "b")))
    assert len(several) == 6
